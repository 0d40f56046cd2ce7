//! What an earlier run of the pack generated, and this one does not: what a renamed path left behind.
//!
//! Always true here: nothing is changed; what is in the way of looking at a file (a link, a folder) means that it is not
//! ours. What is to be removed equals what is recorded of it to the byte, and is no file or folder of the new tree: one
//! whose path differs in the case of letters only is looked at, as it is the same one on some systems.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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

/// Finds what an earlier run left, sorted by path; what makes way for something of another kind is not among it.
pub(super) fn find(
    root: &Folder,
    tree: &Tree,
    previous: &Previous,
    displaced: &[Removal],
    comparison: &mut Comparison,
) -> Vec<Leftover> {
    let displaced: HashSet<&OutputPath> = displaced.iter().map(|removal| &removal.path).collect();
    let is_gone = |path: &OutputPath| tree.get(path.as_str()).is_none() && !displaced.contains(path);
    let gone: Vec<&RecordedFile> = previous.files().iter().filter(|file| is_gone(&file.path)).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let mut taken = Taken::by(tree, root);
    let mut walker = Walker::new(root);
    let mut found = Vec::new();
    for recorded in gone {
        let name = recorded.path.file_name();
        let Ok(Some(folder)) = walker.open(recorded.path.folder()) else { continue };
        let Ok(Some(seen)) = folder.status(name) else { continue };
        if seen.kind == Kind::File && !taken.is(recorded.path.as_str(), seen) {
            let is_edited = recorded.found || !comparison.is_untouched(folder, name, seen, recorded);
            found.push(Leftover { recorded: recorded.clone(), is_edited, seen });
            taken.take(recorded.path.as_str());
        }
    }
    found
}

/// Says whether a file stands where a receipt says that one was generated.
pub(super) fn stands(root: &Folder) -> impl FnMut(&RecordedFile) -> bool {
    let mut walker = Walker::new(root);
    move |recorded| {
        let Ok(Some(folder)) = walker.open(recorded.path.folder()) else { return false };
        folder.status(recorded.path.file_name()).is_ok_and(|seen| seen.is_some_and(|seen| seen.kind == Kind::File))
    }
}

/// The paths that are taken up, each under what a system sees that ignores case: `Readme` may be the file that is written as
/// `README`.
struct Taken<'a> {
    paths: HashMap<String, Vec<String>>,
    walker: Walker<'a>,
}

impl<'a> Taken<'a> {
    /// What the new tree takes up, its folders among it.
    fn by(tree: &Tree, root: &'a Folder) -> Self {
        let mut taken = Self { paths: HashMap::new(), walker: Walker::new(root) };
        let mut last = "";
        for file in tree.files() {
            let path = file.path().as_str();
            if file.path().folder() != last {
                last = file.path().folder();
                path.match_indices('/').for_each(|(end, _)| taken.take(&path[..end]));
            }
            taken.take(path);
        }
        taken
    }

    fn take(&mut self, path: &str) {
        let paths = self.paths.entry(fold(path)).or_default();
        if paths.iter().all(|taken| taken != path) {
            paths.push(path.to_owned());
        }
    }

    /// Says whether what stands at a path, spelled so or otherwise, is something that is taken up.
    fn is(&mut self, path: &str, seen: Status) -> bool {
        let Self { paths, walker } = self;
        let mut is_one = |taken: &String| {
            let (folder, name) = split(taken);
            let standing = match walker.open(folder) {
                Ok(Some(folder)) => match folder.status(name) {
                    Ok(standing) => standing,
                    Err(_) => return true,
                },
                Ok(None) | Err(_) => None,
            };
            // Where nothing stands at the other spelling, they are two.
            taken == path || standing.is_some_and(|standing| standing.identity.is_same_folder(seen.identity))
        };
        paths.get(&fold(path)).is_some_and(|paths| paths.iter().any(&mut is_one))
    }
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
    let mut taken = Taken::by(tree, root);
    let mut walker = Walker::new(root);
    while let Some(((_, path), names)) = emptied.pop_last() {
        let (Some(seen), Ok(folder)) = (without(&mut walker, &path, &names), OutputPath::new(path.as_str())) else {
            continue;
        };
        if taken.is(&path, seen) {
            continue;
        }
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
