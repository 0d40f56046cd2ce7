//! Undoes a run from its journal.
//!
//! Always true here: each step is the exact inverse of one that the run took, so a roll back that is killed is taken up
//! by the next one. A new file is moved away, and an old one moved back, only where the file that stands there is the
//! one that the run put there; what somebody else made of it since stays, and is reported.

use std::io::ErrorKind as IoKind;

use super::folder::{Folder, Kind, Status};
use super::journal::{Change, Entry, Journal};
use super::layout::{JOURNAL, METADATA, new_name, old_name};
use super::steps::{StepName, Steps};
use super::walk::{Walker, split};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};

/// Undoes what a journal says, then removes the journal. The lock must be held.
///
/// # Errors
/// [`ErrorKind::Conflict`] with one finding for each file that cannot be undone; the journal stays then, and the rest
/// is undone. [`ErrorKind::Io`].
pub(super) fn roll_back(root: &Folder, metadata: &Folder, journal: &Journal, steps: &Steps<'_>) -> Result<()> {
    let stage = metadata.open(journal.stage.as_str()).map_err(|error| {
        Error::new(ErrorKind::Conflict, "a run was interrupted, and the old files that it had set aside are gone")
            .hint(format!("look at the files in the output folder, then delete `{METADATA}/{JOURNAL}`"))
            .caused_by(error)
    })?;
    let mut walker = Walker::new(root);
    let mut conflicts = Vec::new();
    for (number, entry) in journal.entries.iter().enumerate().rev() {
        if let Err(problem) = undo(number, entry, &mut walker, &stage, steps) {
            conflicts.push(Diagnostic::error("output/not-rolled-back", problem).at(Span::file(entry.path())));
        }
    }
    if !conflicts.is_empty() {
        conflicts.reverse();
        let detail = format!(
            "an interrupted run cannot be rolled back completely: {} paths have been changed since",
            conflicts.len()
        );
        return Err(Error::new(ErrorKind::Conflict, detail).with_findings(conflicts).hint(format!(
            "old versions are in `{METADATA}/{}`; move these paths away and run the command again to get them back, or \
             delete `{METADATA}/{JOURNAL}` to keep what is there",
            journal.stage
        )));
    }
    match steps.run(StepName::RemoveJournal, JOURNAL, || metadata.remove_file(JOURNAL)) {
        Err(error) if error.kind() != IoKind::NotFound => {
            Err(Error::io(format!("cannot remove `{METADATA}/{JOURNAL}`"), error))
        }
        _ => Ok(()),
    }
}

/// Undoes one entry, from whatever state it is in; fails with what is in the way.
fn undo(
    number: usize,
    entry: &Entry,
    walker: &mut Walker<'_>,
    stage: &Folder,
    steps: &Steps<'_>,
) -> Result<(), String> {
    let path = entry.path();
    let (new, old) = (new_name(number), old_name(number));
    let (folder_path, name) = split(path);
    let status =
        |folder: &Folder, name: &str| folder.status(name).map_err(|error| format!("cannot look at it: {error}"));
    let staged = status(stage, &new)?;
    let folder = match walker.open(folder_path) {
        Ok(folder) => folder,
        Err(error) => {
            // Where its folder goes, a file stands: the one that makes way for it, if this was not done or is undone.
            let is_undone = entry.change == Change::Folder || (staged.is_some() && status(stage, &old)?.is_none());
            if error.kind() != ErrorKind::Conflict || !is_undone {
                return Err(error.to_string());
            }
            None
        }
    };
    let standing = match folder {
        Some(folder) => status(folder, name)?,
        None => None,
    };
    if entry.change == Change::Folder {
        return match (folder, standing) {
            (Some(folder), Some(standing)) if staged.is_none() && is_new(entry, standing) => {
                match steps.run(StepName::RemoveFolder, path, || folder.remove_folder(name)) {
                    // Somebody put something into it, so it is not only ours any more.
                    Err(error) if !matches!(error.kind(), IoKind::DirectoryNotEmpty | IoKind::AlreadyExists) => {
                        Err(format!("cannot remove it: {error}"))
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        };
    }
    match (folder, standing) {
        // Nothing was put there; what stands there now is told when the old version does not get back.
        _ if entry.change == Change::Remove => {}
        (Some(folder), Some(standing)) if is_new(entry, standing) => steps
            .run(StepName::TakeBack, path, || match staged {
                // It was moved by way of a second link to it.
                Some(_) => folder.remove_file(name),
                None => folder.move_new(name, stage, &new),
            })
            .map_err(|error| format!("cannot move it away: {error}"))?,
        (_, Some(_)) if staged.is_none() => return Err("it was changed after packbox wrote it".to_owned()),
        _ => {}
    }
    let Some(set_aside) = status(stage, &old)? else { return Ok(()) };
    let Some(folder) = folder else { return Err(format!("the folder `{folder_path}` is gone")) };
    match steps.run(StepName::Restore, path, || stage.move_new(&old, folder, name)) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == IoKind::AlreadyExists => {
            if status(folder, name)?.is_some_and(|standing| standing.identity == set_aside.identity) {
                // It was set aside, or restored, by way of a second link to it.
                let removed = steps.run(StepName::Restore, path, || stage.remove_file(&old));
                return removed.map_err(|error| format!("cannot restore it: {error}"));
            }
            Err("something else is there now".to_owned())
        }
        Err(error) => Err(format!("cannot restore it: {error}")),
    }
}

/// Says whether what stands at a path is what the run put there.
fn is_new(entry: &Entry, standing: Status) -> bool {
    match entry.change {
        Change::Folder => standing.kind == Kind::Folder && standing.identity.is_same_folder(entry.new),
        Change::Create | Change::Replace => standing.kind == Kind::File && standing.identity == entry.new,
        Change::Remove => false,
    }
}
