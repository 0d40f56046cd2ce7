//! Whether a run is under way in an output folder, or died in it.
//!
//! Always true here: nothing is changed, and a journal is only seen, not read.

use super::folder::Folder;
use super::layout::{JOURNAL, METADATA};
use super::place::own_obstacle;
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};

/// A journal means that a run is under way, or died after the last recovery: what can be seen is half old, half new.
pub(super) fn refuse_while_another_run_writes(root: &Folder) -> Result<()> {
    if has_journal(root)? {
        let detail = "another run of packbox is writing to the output folder, or was killed while writing";
        return Err(Error::new(ErrorKind::Conflict, detail).hint(said(
            "wait until it is done, then run the command again; what a killed run began is undone by the next one without `--dry-run`",
            "wait until it is done, then try again; what a killed run began is undone when something is written there",
        )));
    }
    Ok(())
}

/// Whether there is a journal.
pub(super) fn has_journal(root: &Folder) -> Result<bool> {
    match root.open(METADATA) {
        Ok(metadata) => Ok(metadata.status(JOURNAL).ok().flatten().is_some()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(own_obstacle(root, METADATA, METADATA, "open", error)),
    }
}
