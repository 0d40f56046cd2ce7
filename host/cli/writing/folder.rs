//! A new folder with files in it, as `new` and `plugin new` make one.

use std::path::Path;

use crate::cli::session::{Session, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::commit::{CommitOptions, Destination, NoObserver, OnExisting, commit, survey};
use crate::generate::tree::{Provenance, Tree};
use crate::pack::OnConflict;

/// Writes a tree to a folder that is not there, or empty.
///
/// # Errors
/// `Conflict` where there are files in it, `Io` where it can't be written.
pub fn write_new(session: &Session, tree: &Tree, folder: &Path) -> Result<()> {
    let survey = survey(tree, folder)?;
    if survey.destination() == Destination::HasFiles {
        return Err(Error::new(ErrorKind::Conflict, format!("`{}` has files in it", shown(folder)))
            .hint("choose another name, or another folder with `--output`"));
    }
    let options = CommitOptions {
        on_existing: OnExisting::Fail,
        prune: false,
        receipt: None,
        key: &session.journal_key()?,
        interrupted: &|| session.interrupt.is_set(),
        observer: &NoObserver,
    };
    commit(&survey, &options).map(drop)
}

/// Where a file of a new project comes from: `command`.
pub fn provenance(command: &str) -> Provenance {
    Provenance {
        template: command.to_owned(),
        template_digest: crate::digest::Digest::of(b""),
        engine: "copy".to_owned(),
        plugin_digest: None,
        then: Vec::new(),
        variables: Vec::new(),
        on_conflict: OnConflict::Own,
    }
}
