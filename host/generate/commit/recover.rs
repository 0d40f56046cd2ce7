//! Makes an output folder whole again after a run that was killed.
//!
//! Always true here: without something to recover nothing is written, so this works in a folder that can only be read.
//! It may be killed at any step and run again.

use std::path::Path;

use super::folder::Folder;
use super::journal::Seal;
use super::layout::{JOURNAL, METADATA};
use super::lock::FolderLock;
use super::options::{JournalKey, Recovered};
use super::place::{Place, own_obstacle, surroundings};
use super::rollback::roll_back;
use super::steps::{StepObserver, Steps};
use super::sweep::{find_stages, has_leftovers, remove_siblings, remove_stage};
use crate::error::{Error, Result};

/// Rolls back an interrupted run and removes what dead runs left; to be called before anything else that has to do with
/// the output folder.
///
/// # Errors
/// [`ErrorKind::Refused`](crate::error::ErrorKind::Refused) where a journal is not our own,
/// [`ErrorKind::OutsidePath`](crate::error::ErrorKind::OutsidePath) where packbox's own files are links,
/// [`ErrorKind::Conflict`](crate::error::ErrorKind::Conflict) where another run is writing, or where files were changed
/// after the interruption; [`ErrorKind::Io`](crate::error::ErrorKind::Io).
pub fn recover(out: &Path, key: &JournalKey, observer: &dyn StepObserver) -> Result<Recovered> {
    recover_unless(out, key, observer, &|| false)
}

/// [`recover`], unless the user interrupts while another run is waited for.
///
/// # Errors
/// As [`recover`]; [`ErrorKind::Interrupted`](crate::error::ErrorKind::Interrupted).
pub fn recover_unless(
    out: &Path,
    key: &JournalKey,
    observer: &dyn StepObserver,
    interrupted: &dyn Fn() -> bool,
) -> Result<Recovered> {
    let steps = Steps::new(observer, interrupted);
    let mut recovered = Recovered::default();
    let root = match Place::find(out)? {
        Place::Absent(gap) => {
            recovered.stages_removed = remove_siblings(&gap.anchor, &gap.first, &steps);
            return Ok(recovered);
        }
        Place::Present(root) => root,
    };
    if let Some((parent, name)) = surroundings(out) {
        recovered.stages_removed = remove_siblings(&parent, &name, &steps);
    }
    let metadata = match root.open(METADATA) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(recovered),
        Err(error) => return Err(own_obstacle(&root, METADATA, METADATA, "open", error)),
    };
    let has_journal =
        metadata.status(JOURNAL).map_err(|error| own_obstacle(&metadata, JOURNAL, JOURNAL, "look at", error))?;
    if has_journal.is_some() {
        // Before anything is written, the lock included: is it ours?
        seal(key, &root)?.read(&metadata, JOURNAL)?;
        recover_locked(&root, FolderLock::take(&root, &steps)?, key, &steps, &mut recovered)?;
    } else if has_leftovers(&metadata)
        // Whoever holds the lock lives, and cleans up itself; a folder that cannot be written to stays as it is.
        && let Ok(Some(lock)) = FolderLock::try_take(&root, &steps)
    {
        recover_locked(&root, lock, key, &steps, &mut recovered)?;
    }
    Ok(recovered)
}

fn recover_locked(
    root: &Folder,
    lock: FolderLock<'_>,
    key: &JournalKey,
    steps: &Steps<'_>,
    recovered: &mut Recovered,
) -> Result<()> {
    let done = roll_back_and_sweep(root, &lock.metadata, key, steps, recovered);
    lock.give_back(steps);
    done
}

fn roll_back_and_sweep(
    root: &Folder,
    metadata: &Folder,
    key: &JournalKey,
    steps: &Steps<'_>,
    recovered: &mut Recovered,
) -> Result<()> {
    let seal = seal(key, root)?;
    // Read again: it may have been another run's, which is done by now.
    if let Some(journal) = seal.read(metadata, JOURNAL)? {
        roll_back(root, metadata, &journal, steps)?;
        recovered.rolled_back = true;
    }
    let stages = find_stages(metadata).map_err(|error| Error::io(format!("cannot read `{METADATA}`"), error))?;
    for stage in stages {
        recovered.stages_removed += usize::from(remove_stage(metadata, &stage, &seal, steps));
    }
    Ok(())
}

fn seal(key: &JournalKey, root: &Folder) -> Result<Seal> {
    Seal::new(key, root).map_err(|error| Error::io("cannot look at the output folder", error))
}
