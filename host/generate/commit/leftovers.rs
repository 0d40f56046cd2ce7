//! What an earlier run of the pack generated, and this one does not: what a renamed path left behind.
//!
//! Always true here: nothing is changed; what is in the way of looking at a file (a link, a folder) means that it is not
//! ours. What is to be removed equals what is recorded of it to the byte, and no file or folder of the new tree has the
//! same path on any system.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::tree::{RecordedFile, Tree};
use super::folder::{Folder, Kind, Status};
use super::previous::{Comparison, Previous};
use super::walk::{Walker, split};
use crate::pack::OutputPath;
use crate::text::fold;

/// A file that was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// What is recorded of it.
    pub recorded: RecordedFile,
    /// Whether somebody touched it since or made it, or that can't be known; it is never removed then.
    pub is_edited: bool,
    pub(super) seen: Status,
}

/// Something that is to be removed: a file, or a folder that has nothing else in it.
#[derive(Debug, Clone)]
pub(super) struct Removal {
    pub(super) path: OutputPath,
    pub(super) seen: Status,
}

/// Finds what an earlier run left, sorted by path.
pub(super) fn find(root: &Folder, tree: &Tree, previous: &Previous, comparison: &mut Comparison) -> Vec<Leftover> {
    let gone: Vec<&RecordedFile> =
        previous.files().iter().filter(|file| tree.get(file.path.as_str()).is_none()).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let mut taken = taken(tree);
    let mut walker = Walker::new(root);
    let mut found = Vec::new();
    for recorded in gone {
        let name = recorded.path.file_name();
        if !taken.insert(fold(recorded.path.as_str())) {
            continue;
        }
        let Ok(Some(folder)) = walker.open(recorded.path.folder()) else { continue };
        let Ok(Some(seen)) = folder.status(name) else { continue };
        if seen.kind == Kind::File {
            let is_edited = recorded.found || !comparison.is_untouched(folder, name, seen, recorded);
            found.push(Leftover { recorded: recorded.clone(), is_edited, seen });
        }
    }
    found
}

/// The paths that the new tree takes up, its folders among them, as a system sees them that ignores case: `Readme` may be
/// the file that is written as `README`.
fn taken(tree: &Tree) -> HashSet<String> {
    let mut taken = HashSet::new();
    for file in tree.files() {
        let path = file.path().as_str();
        taken.extend(path.match_indices('/').map(|(end, _)| fold(&path[..end])));
        taken.insert(fold(path));
    }
    taken
}

/// Lists what pruning removes: the files that nobody touched, then the folders that are empty without them, inner ones
/// first.
pub(super) fn removals(root: &Folder, tree: &Tree, leftovers: &[Leftover]) -> Vec<Removal> {
    let untouched = leftovers.iter().filter(|leftover| !leftover.is_edited);
    let mut removals: Vec<Removal> =
        untouched.map(|leftover| Removal { path: leftover.recorded.path.clone(), seen: leftover.seen }).collect();
    // The names that are taken out of each folder; the deepest folder stands last.
    let mut emptied: BTreeMap<(usize, String), BTreeSet<String>> = BTreeMap::new();
    let take_out = |emptied: &mut BTreeMap<_, BTreeSet<String>>, path: &str| {
        let (folder, name) = split(path);
        if !folder.is_empty() {
            emptied.entry((folder.split('/').count(), folder.to_owned())).or_default().insert(name.to_owned());
        }
    };
    if removals.is_empty() {
        return removals;
    }
    for removal in &removals {
        take_out(&mut emptied, removal.path.as_str());
    }
    let taken = taken(tree);
    let mut walker = Walker::new(root);
    while let Some(((_, path), names)) = emptied.pop_last() {
        if taken.contains(&fold(&path)) {
            continue;
        }
        let (Some(seen), Ok(folder)) = (without(&mut walker, &path, &names), OutputPath::new(path.as_str())) else {
            continue;
        };
        removals.push(Removal { path: folder, seen });
        take_out(&mut emptied, &path);
    }
    removals
}

/// What is known of a folder, where it has only these names in it.
fn without(walker: &mut Walker<'_>, path: &str, names: &BTreeSet<String>) -> Option<Status> {
    let folder = walker.open(path).ok()??;
    let found = folder.list(names.len() + 1).ok()?;
    let is_all =
        found.len() == names.len() && found.iter().all(|name| name.to_str().is_some_and(|name| names.contains(name)));
    if is_all { folder.own_status().ok() } else { None }
}
