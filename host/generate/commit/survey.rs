//! Looks at what stands where a tree is to be written.
//!
//! Always true here: nothing is changed, and nothing is read through a link. What was seen is remembered with its
//! identity, so that a commit notices when it is something else by then.

use std::path::{Path, PathBuf};

use super::super::tree::{Tree, TreeFile};
use super::folder::{Folder, Identity, Kind, Status, read_at_most};
use super::layout::{JOURNAL, METADATA};
use super::options::{Committed, OnExisting};
use super::place::{Place, obstacle, own_obstacle};
use super::walk::Walker;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::OutputPath;

/// Old contents up to this size are kept for [`diff`](super::diff), in bytes.
pub(super) const SHOWN_BYTES: u64 = 1_000_000;

/// All old contents together that are kept for [`diff`](super::diff), in bytes.
const KEPT_BYTES: u64 = 64 << 20;

/// What stands at an output path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Nothing.
    New,
    /// A file with the same bytes and the same executable bit.
    Unchanged,
    /// A file with other bytes or another executable bit.
    Differs(OldFile),
    /// Something; the template is written only where there is nothing (`create-once`).
    Kept,
}

/// The file that stands where another one is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldFile {
    /// Its bytes; none where it is too large to be shown.
    pub contents: Option<Vec<u8>>,
    /// Whether it is executable; where the system has no such bit, what the new file is to be.
    pub executable: bool,
}

/// What there is of the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Nothing.
    Absent,
    /// A folder without files; packbox's own folder does not count.
    Empty,
    /// A folder with something in it.
    HasFiles,
}

/// What stands where a tree is to be written.
#[derive(Debug)]
pub struct Survey<'t> {
    pub(super) tree: &'t Tree,
    pub(super) out: PathBuf,
    destination: Destination,
    /// The output folder, where there is one.
    pub(super) root: Option<Identity>,
    /// In the order of the tree's files.
    pub(super) states: Vec<FileState>,
    /// What was seen, for each file of the tree that exists.
    pub(super) seen: Vec<Option<Status>>,
    /// The folders that are missing, sorted.
    pub(super) missing_folders: Vec<String>,
}

/// What a commit does to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Write,
    Keep,
    Skip,
}

/// Looks at the output folder without changing it. Call [`recover`](super::recover) first.
///
/// # Errors
/// [`ErrorKind::OutsidePath`] where a link or a special file is in the way, [`ErrorKind::Conflict`] where a folder
/// stands where a file goes or the other way round, or where another run is writing; [`ErrorKind::Io`].
pub fn survey<'t>(tree: &'t Tree, out: &Path) -> Result<Survey<'t>> {
    let mut survey = Survey {
        tree,
        out: out.to_owned(),
        destination: Destination::Absent,
        root: None,
        states: vec![FileState::New; tree.files().len()],
        seen: vec![None; tree.files().len()],
        missing_folders: Vec::new(),
    };
    if let Place::Present(root) = Place::find(out)? {
        let io = |error| Error::io(format!("cannot read the output folder `{}`", out.display()), error);
        survey.root = Some(root.own_status().map_err(io)?.identity);
        let is_used = root.list(2).map_err(io)?.iter().any(|name| name != METADATA);
        survey.destination = if is_used { Destination::HasFiles } else { Destination::Empty };
        refuse_while_another_run_writes(&root)?;
        survey.look(&root)?;
    }
    Ok(survey)
}

impl Survey<'_> {
    /// Returns what there is of the output folder.
    #[must_use]
    pub fn destination(&self) -> Destination {
        self.destination
    }

    /// Returns each file of the tree with what stands at its path.
    pub fn files(&self) -> impl Iterator<Item = (&TreeFile, &FileState)> {
        self.tree.files().iter().zip(&self.states)
    }

    /// Says what a commit would do, without doing it (`--dry-run`).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] with one finding for each file that exists with other contents, where `on_existing` is
    /// [`OnExisting::Fail`].
    pub fn preview(&self, on_existing: OnExisting) -> Result<Committed> {
        let actions = self.decide(on_existing)?;
        let paths = |wanted: Action| -> Vec<OutputPath> {
            let files = self.tree.files().iter().zip(&actions);
            files.filter(|(_, action)| **action == wanted).map(|(file, _)| file.path().clone()).collect()
        };
        Ok(Committed { written: paths(Action::Write), unchanged: paths(Action::Keep), skipped: paths(Action::Skip) })
    }

    pub(super) fn decide(&self, on_existing: OnExisting) -> Result<Vec<Action>> {
        let mut findings = Vec::new();
        let actions = self.files().map(|(file, state)| match (state, on_existing) {
            (FileState::New, _) | (FileState::Differs(_), OnExisting::Overwrite) => Action::Write,
            (FileState::Unchanged, _) => Action::Keep,
            (FileState::Kept, _) | (FileState::Differs(_), OnExisting::Skip) => Action::Skip,
            (FileState::Differs(_), OnExisting::Fail) => {
                let finding = Diagnostic::error("output/exists", "the file exists with other contents");
                findings.push(finding.at(Span::file(file.path().as_str())));
                Action::Skip
            }
        });
        let actions = actions.collect();
        if findings.is_empty() {
            return Ok(actions);
        }
        let detail = match &findings[..] {
            [_] => format!("a file in `{}` exists with other contents", self.out.display()),
            _ => format!("{} files in `{}` exist with other contents", findings.len(), self.out.display()),
        };
        Err(Error::new(ErrorKind::Conflict, detail)
            .with_findings(findings)
            .hint("choose with `--on-existing skip` or `--on-existing overwrite`; `--dry-run` shows what would change"))
    }

    fn look(&mut self, root: &Folder) -> Result<()> {
        let mut walker = Walker::new(root);
        let mut obstacles = Vec::new();
        let mut kept_bytes = 0;
        let mut blocked: Option<String> = None;
        for (index, file) in self.tree.files().iter().enumerate() {
            let folder_path = file.path().folder();
            if blocked.as_ref().is_some_and(|blocked| is_at_or_below(folder_path, blocked)) {
                continue;
            }
            match walker.open(folder_path) {
                Ok(Some(folder)) => match look_at(folder, file, &mut kept_bytes) {
                    Ok((state, seen)) => (self.states[index], self.seen[index]) = (state, seen),
                    Err(error) => obstacles.push((file.path().to_string(), error)),
                },
                Ok(None) => note_missing(&mut self.missing_folders, folder_path, walker.path().len()),
                Err(error) => {
                    let component = below(folder_path, walker.path().len());
                    obstacles.push((component.to_owned(), error));
                    blocked = Some(component.to_owned());
                }
            }
        }
        self.missing_folders.sort_unstable();
        self.missing_folders.dedup();
        refuse_obstacles(obstacles)
    }
}

/// Looks at one file.
fn look_at(folder: &Folder, file: &TreeFile, kept_bytes: &mut u64) -> Result<(FileState, Option<Status>)> {
    let path = file.path().as_str();
    let name = file.path().file_name();
    let io = |error| Error::io(format!("cannot read `{path}` in the output folder"), error);
    let Some(status) = folder.status(name).map_err(io)? else { return Ok((FileState::New, None)) };
    if file.provenance().create_once {
        // Whatever the user made of it is theirs; it is not looked into.
        return Ok((FileState::Kept, None));
    }
    if status.kind != Kind::File {
        return Err(obstacle(folder, name, path, "write", std::io::ErrorKind::IsADirectory.into()));
    }
    let executable = status.executable.unwrap_or(file.executable());
    let new_bytes = file.contents().len() as u64;
    let mut old = OldFile { contents: None, executable };
    if status.identity.bytes == new_bytes || status.identity.bytes <= SHOWN_BYTES {
        let opened = folder.open_file(name, status.identity).map_err(io)?;
        let contents = read_at_most(&opened, status.identity.bytes).map_err(io)?;
        if executable == file.executable() && contents.as_deref() == Some(file.contents()) {
            return Ok((FileState::Unchanged, Some(status)));
        }
        if status.identity.bytes <= SHOWN_BYTES && *kept_bytes + status.identity.bytes <= KEPT_BYTES {
            *kept_bytes += status.identity.bytes;
            old.contents = contents;
        }
    }
    Ok((FileState::Differs(old), Some(status)))
}

/// A journal means that a run is under way, or died after the last recovery: what can be seen is half old, half new.
pub(super) fn refuse_while_another_run_writes(root: &Folder) -> Result<()> {
    let journal = match root.open(METADATA) {
        Ok(metadata) => metadata.status(JOURNAL).ok().flatten(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(own_obstacle(root, METADATA, METADATA, "open", error)),
    };
    if journal.is_some() {
        return Err(Error::new(ErrorKind::Conflict, "another run of packbox is writing to the output folder")
            .hint("wait until it is done, then run the command again"));
    }
    Ok(())
}

/// Notes each folder on the way to `folder` that lies below its first `present` bytes.
fn note_missing(missing: &mut Vec<String>, folder: &str, present: usize) {
    if missing.last().is_some_and(|last| last == folder) {
        return;
    }
    let ends = folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]);
    missing.extend(ends.filter(|end| *end > present).map(|end| folder[..end].to_owned()));
}

/// The first folder on the way to `folder` that lies below its first `present` bytes.
fn below(folder: &str, present: usize) -> &str {
    let start = if present == 0 { 0 } else { present + 1 };
    folder[start..].find('/').map_or(folder, |length| &folder[..start + length])
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Makes one error of all that is in the way; a link weighs more than a folder, and a failure to read more than both.
fn refuse_obstacles(mut obstacles: Vec<(String, Error)>) -> Result<()> {
    let weight = |error: &Error| match error.kind() {
        ErrorKind::Io => 2,
        ErrorKind::OutsidePath => 1,
        _ => 0,
    };
    // The first of the greatest weight.
    let Some(worst) = (0..obstacles.len()).rev().max_by_key(|index| weight(&obstacles[*index].1)) else {
        return Ok(());
    };
    let findings = obstacles
        .iter()
        .map(|(path, error)| Diagnostic::error("output/in-the-way", error.to_string()).at(Span::file(path.as_str())));
    let findings = if obstacles.len() > 1 { findings.collect() } else { Vec::new() };
    Err(obstacles.swap_remove(worst).1.with_findings(findings))
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
