//! Looks at what stands where a tree is to be written.
//!
//! Always true here: nothing is changed, and nothing is read through a link. What was seen is remembered with its
//! identity, so that a commit notices when it is something else by then.

use std::path::{Path, PathBuf};

use super::super::tree::{Before, RecordedFile, Staying, Tree, TreeFile};
use super::displaced;
use super::folder::{Folder, Identity, Kind, Status, read_sized};
use super::layout::METADATA;
use super::leftovers::{self, Leftover, Removal};
use super::options::{Committed, OnExisting};
use super::place::{Place, changed_meanwhile, obstacle};
use super::previous::{Comparison, Previous};
use super::receipt;
use super::standing::Standing;
use super::under_way::{has_journal, refuse_while_another_run_writes};
use super::walk::{Walker, split};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OutputPath, PackName};

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
    /// A file that an earlier run of the pack wrote, and that nobody touched since: it equals what the receipt says.
    Outdated(OldFile),
    /// A file with other bytes or another executable bit, which somebody edited or made.
    Differs(OldFile),
    /// A file that an earlier run of other packs wrote, and that nobody touched since: it equals what the receipt says.
    OfOthers(OldFile),
    /// A file that somebody edited or made, and that is a part of the new one: what packs want was merged into it.
    Merged(OldFile),
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
    /// What was seen, for each file of the tree that exists; empty where there is no folder.
    pub(super) seen: Vec<Option<Status>>,
    /// The folders that are missing, sorted.
    pub(super) missing_folders: Vec<String>,
    /// What makes way for something of another kind, in the order in which it is taken away.
    pub(super) displaced: Vec<Removal>,
    pub(super) previous: Previous,
    /// What was seen of the receipt, where it was read.
    receipt: Option<Status>,
    /// What is a part of the tree.
    standing: Option<&'t Standing>,
    leftovers: Vec<Leftover>,
    /// What pruning removes.
    pub(super) removals: Vec<Removal>,
}

/// What a commit does to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Write,
    Keep,
    Skip,
    /// It is written only where there is none.
    KeepOnce,
}

/// Looks at the output folder without changing it. Call `recover` first. No receipt is read: each file
/// that differs is somebody's own.
///
/// # Errors
/// [`ErrorKind::OutsidePath`] where a link or a special file is in the way, [`ErrorKind::Conflict`] where a folder
/// stands where a file goes or the other way round, or where another run is writing; [`ErrorKind::Io`].
pub fn survey<'t>(tree: &'t Tree, out: &Path) -> Result<Survey<'t>> {
    Survey::of(tree, out, &[], None)
}

/// As [`survey`], and takes from the receipt there which files an earlier run of these packs generated.
///
/// # Errors
/// As [`survey`]; a receipt that can't be read is no error, and says nothing.
pub fn survey_again<'t>(tree: &'t Tree, out: &Path, packs: &[&str]) -> Result<Survey<'t>> {
    Survey::of(tree, out, packs, None)
}

/// As [`survey_again`], for a tree that what stands there is a part of.
///
/// # Errors
/// As [`survey_again`]; [`ErrorKind::Conflict`] where what stands there is no longer what was read.
pub fn survey_joined<'t>(tree: &'t Tree, out: &Path, packs: &[&str], standing: &'t Standing) -> Result<Survey<'t>> {
    Survey::of(tree, out, packs, Some(standing))
}

impl<'t> Survey<'t> {
    /// What is known of a file of the tree from before packbox came to write it, as far as the receipt tells.
    #[must_use]
    pub fn before(&self, path: &OutputPath) -> Before {
        let index = self.tree.files().binary_search_by(|file| file.path().cmp(path));
        let is_unchanged = index.is_ok_and(|index| matches!(self.states[index], FileState::Unchanged));
        let recorded = self.previous.get(path);
        let joined = self.standing.and_then(|standing| standing.get(path));
        if joined.is_some_and(|joined| joined.is_replaced) {
            return Before::default();
        }
        let is_joined = joined.is_some();
        let shared = is_joined || (is_unchanged && recorded.is_some_and(|recorded| recorded.shared));
        Before { found: shared || recorded.map_or(is_unchanged, |recorded| recorded.found), shared }
    }

    /// Whether a file is to the byte what other packs wrote, and stays so, as what these want is in it: it stays that of the others.
    #[must_use]
    pub fn stays_of_others(&self, path: &OutputPath) -> bool {
        let index = self.tree.files().binary_search_by(|file| file.path().cmp(path));
        let joined = self.standing.and_then(|standing| standing.get(path));
        joined.is_some_and(|joined| joined.is_untouched)
            && index.is_ok_and(|index| matches!(self.states[index], FileState::Unchanged))
            && self.previous.of_others(path).is_some()
    }

    /// What a commit would do where nothing stands.
    #[must_use]
    pub fn of_nothing(tree: &'t Tree) -> Self {
        Self::begin(tree, Path::new(""), None)
    }

    fn begin(tree: &'t Tree, out: &Path, standing: Option<&'t Standing>) -> Self {
        Survey {
            tree,
            out: out.to_owned(),
            destination: Destination::Absent,
            root: None,
            states: vec![FileState::New; tree.files().len()],
            seen: Vec::new(),
            missing_folders: Vec::new(),
            displaced: Vec::new(),
            previous: Previous::Nothing,
            receipt: None,
            standing,
            leftovers: Vec::new(),
            removals: Vec::new(),
        }
    }

    fn of(tree: &'t Tree, out: &Path, packs: &[&str], standing: Option<&'t Standing>) -> Result<Self> {
        let mut survey = Self::begin(tree, out, standing);
        if let Place::Present(root) = Place::find(out)? {
            let io = |error| Error::io(format!("cannot read the output folder `{}`", out.display()), error);
            survey.seen = vec![None; tree.files().len()];
            survey.root = Some(root.own_status().map_err(io)?.identity);
            let is_used = root.list(2).map_err(io)?.iter().any(|name| name != METADATA);
            survey.destination = if is_used { Destination::HasFiles } else { Destination::Empty };
            refuse_while_another_run_writes(&root)?;
            if !packs.is_empty() {
                survey.receipt = receipt::find(&root)?.map(|(_, status)| status);
                survey.previous = Previous::read(&root, packs)?;
                survey.previous.keep_others(leftovers::stands(&root));
            }
            let mut comparison = Comparison::new();
            survey.look(&root, &mut comparison)?;
            survey.leftovers = leftovers::find(&root, tree, &survey.previous, &survey.displaced, &mut comparison);
            survey.removals = leftovers::removals(&root, tree, &survey.leftovers);
        }
        Ok(survey)
    }
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

    /// Returns what an earlier run of the pack generated and this one does not, and is still there, sorted by path.
    #[must_use]
    pub fn leftovers(&self) -> &[Leftover] {
        &self.leftovers
    }

    /// Whether there is a receipt that this packbox can't read, so that nothing is known of earlier runs.
    #[must_use]
    pub fn is_receipt_unusable(&self) -> bool {
        matches!(self.previous, Previous::Unusable)
    }

    /// Returns the pack that the last run generated, where it is another one and nothing is known of this one.
    #[must_use]
    pub fn stranger(&self) -> Option<&PackName> {
        self.previous.stranger()
    }

    /// Returns those of [`leftovers`](Self::leftovers) that a commit does not remove.
    pub fn staying(&self, prune: bool) -> impl Iterator<Item = &Leftover> {
        self.leftovers.iter().filter(move |leftover| !prune || leftover.is_edited)
    }

    /// Returns what is known of files that a commit neither writes nor finds as they are to be: those that it skips, too.
    #[must_use]
    pub fn recorded(&self, committed: &Committed, prune: bool) -> Staying {
        let not_written = committed.skipped.iter().chain(&committed.kept).filter_map(|path| self.previous.get(path));
        let left = self.staying(prune).map(|leftover| &leftover.recorded);
        let mut left: Vec<RecordedFile> = left.chain(not_written).cloned().collect();
        left.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let is_of = |paths: &[OutputPath], path: &OutputPath| paths.binary_search(path).is_ok();
        let is_ours = |path: &OutputPath| is_of(&committed.written, path) || is_of(&committed.unchanged, path);
        let is_theirs = |path: &OutputPath| !is_ours(path) || self.stays_of_others(path);
        let others = self.previous.others().iter().filter(|file| is_theirs(&file.path)).cloned().collect();
        Staying { left, others }
    }

    /// Says what a commit would do, without doing it (`--dry-run`).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] with one finding for each file that somebody edited or made, where `on_existing` is
    /// [`OnExisting::Fail`].
    pub fn preview(&self, on_existing: OnExisting, prune: bool) -> Result<Committed> {
        let actions = self.decide(on_existing)?;
        let paths = |wanted: Action| -> Vec<OutputPath> {
            let files = self.tree.files().iter().zip(&actions);
            files.filter(|(_, action)| **action == wanted).map(|(file, _)| file.path().clone()).collect()
        };
        Ok(Committed {
            written: paths(Action::Write),
            unchanged: paths(Action::Keep),
            skipped: paths(Action::Skip),
            kept: paths(Action::KeepOnce),
            removed: self.removed(prune).into_iter().map(|removal| removal.path.clone()).collect(),
        })
    }

    /// Whether a secret may be in what stands at a file's place, as it is to be in the file, or was when it was generated last.
    #[must_use]
    pub fn may_have_held_secret(&self, file: &TreeFile) -> bool {
        let recorded = self.recorded_of(file.path());
        file.recorded_digest().is_none() || recorded.is_some_and(|recorded| recorded.sha256.is_none())
    }

    /// What is recorded of a file, whichever packs it is of.
    pub(super) fn recorded_of(&self, path: &OutputPath) -> Option<&RecordedFile> {
        self.previous.get(path).or_else(|| self.previous.of_others(path))
    }

    /// Returns the files of an earlier run that make way for a folder, or for a file in place of their folder.
    pub fn making_way(&self) -> impl Iterator<Item = &OutputPath> {
        self.displaced.iter().filter(|removal| removal.seen.kind == Kind::File).map(|removal| &removal.path)
    }

    /// The files that a commit takes away, sorted by path.
    pub(super) fn removed(&self, prune: bool) -> Vec<&Removal> {
        let pruned = self.removals.iter().filter(|_| prune);
        let mut removed: Vec<&Removal> =
            self.displaced.iter().chain(pruned).filter(|removal| removal.seen.kind == Kind::File).collect();
        removed.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        removed
    }

    /// Whether what was seen is still there: the receipt, and what stands at the paths of files. What can't be looked at is told by
    /// who writes there.
    pub(super) fn is_as_seen(&self, root: &Folder) -> bool {
        let receipt = receipt::find(root).ok().flatten().map(|(_, status)| status);
        if receipt != self.receipt || has_journal(root).unwrap_or_default() {
            return false;
        }
        let mut walker = Walker::new(root);
        let seen = self.seen.iter().copied().chain(std::iter::repeat(None));
        self.files().zip(seen).filter(|((_, state), _)| **state != FileState::Kept).all(
            |((file, _), seen)| match walker.open(file.path().folder()) {
                Ok(Some(folder)) => folder
                    .status(file.path().file_name())
                    .map_or(true, |now| now.filter(|now| now.kind == Kind::File) == seen),
                Ok(None) => seen.is_none(),
                Err(_) => true,
            },
        )
    }

    fn look(&mut self, root: &Folder, comparison: &mut Comparison) -> Result<()> {
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
                    Ok((_, seen)) if self.is_other_than_read(file, seen) => {
                        obstacles.push((file.path().to_string(), changed_meanwhile(file.path().as_str())));
                    }
                    Ok((FileState::Differs(old), Some(seen))) if self.is_joined(file) => {
                        (self.states[index], self.seen[index]) = (FileState::Merged(old), Some(seen));
                    }
                    Ok((FileState::Differs(old), Some(seen))) if self.is_untouched(folder, file, seen, comparison) => {
                        (self.states[index], self.seen[index]) = (FileState::Outdated(old), Some(seen));
                    }
                    Ok((FileState::Differs(old), Some(seen))) if self.is_of_others(folder, file, seen, comparison) => {
                        (self.states[index], self.seen[index]) = (FileState::OfOthers(old), Some(seen));
                    }
                    Ok((state, seen)) => (self.states[index], self.seen[index]) = (state, seen),
                    Err(error) if is_a(folder, file.path().file_name(), Kind::Folder) => {
                        match displaced::folder(root, file.path().as_str(), &self.previous, comparison) {
                            Ok(removals) => self.displaced.extend(removals),
                            Err(theirs) => obstacles.push((file.path().to_string(), error.with_findings(theirs))),
                        }
                    }
                    Err(error) => obstacles.push((file.path().to_string(), error)),
                },
                Ok(None) => note_missing(&mut self.missing_folders, folder_path, walker.path().len()),
                Err(error) => {
                    let present = walker.path().len();
                    let component = below(folder_path, present);
                    match self.clear_file(&mut walker, component, comparison) {
                        Ok(()) => note_missing(&mut self.missing_folders, folder_path, present),
                        Err(theirs) => {
                            obstacles.push((component.to_owned(), error.with_findings(theirs)));
                            blocked = Some(component.to_owned());
                        }
                    }
                }
            }
        }
        self.missing_folders.sort_unstable();
        self.missing_folders.dedup();
        refuse_obstacles(obstacles)
    }

    /// Notes that a file makes way for a folder.
    ///
    /// # Errors
    /// Why it is somebody's own; nothing where it is no file.
    fn clear_file(
        &mut self,
        walker: &mut Walker<'_>,
        path: &str,
        comparison: &mut Comparison,
    ) -> std::result::Result<(), Vec<Diagnostic>> {
        if self.displaced.last().is_some_and(|removal| removal.path.as_str() == path) {
            return Ok(());
        }
        let (folder, name) = split(path);
        let Ok(Some(folder)) = walker.open(folder) else { return Err(Vec::new()) };
        if !is_a(folder, name, Kind::File) {
            return Err(Vec::new());
        }
        let removal = displaced::file(folder, path, &self.previous, comparison)?;
        self.displaced.push(removal);
        Ok(())
    }

    /// Whether what stands at a file's path is a part of it.
    fn is_joined(&self, file: &TreeFile) -> bool {
        self.standing.is_some_and(|standing| standing.get(file.path()).is_some())
    }

    /// Whether something else stands at a file's path than what is a part of it.
    fn is_other_than_read(&self, file: &TreeFile, seen: Option<Status>) -> bool {
        let read = self.standing.and_then(|standing| standing.get(file.path()));
        read.is_some_and(|read| seen.is_none_or(|seen| seen.identity != read.seen.identity))
    }

    fn is_untouched(&self, folder: &Folder, file: &TreeFile, seen: Status, comparison: &mut Comparison) -> bool {
        let recorded = self.previous.get(file.path());
        recorded.is_some_and(|recorded| comparison.is_untouched(folder, file.path().file_name(), seen, recorded))
    }

    fn is_of_others(&self, folder: &Folder, file: &TreeFile, seen: Status, comparison: &mut Comparison) -> bool {
        let recorded = self.previous.of_others(file.path());
        recorded.is_some_and(|recorded| comparison.is_untouched(folder, file.path().file_name(), seen, recorded))
    }
}

fn is_a(folder: &Folder, name: &str, kind: Kind) -> bool {
    folder.status(name).is_ok_and(|status| status.is_some_and(|status| status.kind == kind))
}

/// Looks at one file.
fn look_at(folder: &Folder, file: &TreeFile, kept_bytes: &mut u64) -> Result<(FileState, Option<Status>)> {
    let path = file.path().as_str();
    let name = file.path().file_name();
    let io = |error| Error::io(format!("cannot read `{path}` in the output folder"), error);
    let Some(status) = folder.status(name).map_err(io)? else { return Ok((FileState::New, None)) };
    if file.is_create_once() {
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
        let contents = read_sized(&opened, status.identity.bytes, status.identity.bytes).map_err(io)?;
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
    let in_the_way = |(path, error): &(String, Error)| match &error.body().findings[..] {
        [] if obstacles.len() > 1 => {
            vec![Diagnostic::error("output/in-the-way", error.to_string()).at(Span::file(path.as_str()))]
        }
        theirs => theirs.to_vec(),
    };
    let findings = obstacles.iter().flat_map(in_the_way).collect();
    Err(obstacles.swap_remove(worst).1.with_findings(findings))
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
