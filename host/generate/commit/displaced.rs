//! What of ours stands where something of another kind goes: a file where the new tree has a folder, or the other way
//! round.
//!
//! Always true here: nothing is changed. What makes way equals what is recorded of it to the byte, and a folder makes way
//! only as a whole: where it holds anything else, all that is somebody's own in it is named, and it stays.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::folder::{Folder, Kind, Status};
use super::leftovers::Removal;
use super::previous::{Comparison, Previous};
use super::walk::{Walker, split};
use crate::diagnostic::{Diagnostic, Span};
use crate::pack::OutputPath;
use crate::text::fold;

/// Files of somebody's own in one folder that are named.
const NAMED: usize = 50;

/// The folders below a path and what may be in each of them, the deepest last.
type Expected = BTreeMap<(usize, String), BTreeSet<String>>;

/// Finds out whether a file may make way for a folder.
///
/// # Errors
/// A finding that says why it is somebody's own.
pub(super) fn file(
    folder: &Folder,
    path: &str,
    previous: &Previous,
    comparison: &mut Comparison,
) -> Result<Removal, Vec<Diagnostic>> {
    let is_theirs = || vec![is_theirs(path, &previous.whose(path))];
    let path = OutputPath::new(path).map_err(|_| is_theirs())?;
    let name = path.file_name();
    let seen = folder.status(name).ok().flatten().ok_or_else(is_theirs)?;
    let is_ours = previous
        .get(&path)
        .is_some_and(|recorded| !recorded.found && comparison.is_untouched(folder, name, seen, recorded));
    if is_ours { Ok(Removal { path, seen }) } else { Err(is_theirs()) }
}

/// Finds out whether a folder may make way for a file, and lists what is to be taken away for it: files first, then
/// folders, inner ones first, and the folder itself last.
///
/// # Errors
/// A finding for each thing in it that is somebody's own; none where nothing of ours is recorded in the folder.
pub(super) fn folder(
    root: &Folder,
    path: &str,
    previous: &Previous,
    comparison: &mut Comparison,
) -> Result<Vec<Removal>, Vec<Diagnostic>> {
    let recorded = previous.below(path);
    if recorded.is_empty() {
        return Err(Vec::new());
    }
    let mut expected = Expected::new();
    let (mut removals, mut theirs) = (Vec::new(), Vec::new());
    let mut once = HashSet::new();
    let mut walker = Walker::new(root);
    for file in recorded {
        expect(&mut expected, path, file.path.as_str());
        // What is in the way of it is found when the folders are listed.
        let Ok(Some(folder)) = walker.open(file.path.folder()) else { continue };
        let name = file.path.file_name();
        let Ok(Some(seen)) = folder.status(name) else { continue };
        if file.found || !comparison.is_untouched(folder, name, seen, file) {
            theirs.push(is_theirs(file.path.as_str(), &previous.whose(file.path.as_str())));
        } else if once.insert((fold(file.path.as_str()), seen.identity.device, seen.identity.inode)) {
            // A system that ignores case has one file where a receipt may name two.
            removals.push(Removal { path: file.path.clone(), seen });
        }
    }
    while let Some(((_, inner), names)) = expected.pop_last() {
        match (only(&mut walker, &inner, &names), OutputPath::new(inner.as_str())) {
            (Ok(None), _) => {}
            (Ok(Some(seen)), Ok(path)) => removals.push(Removal { path, seen }),
            (Err(others), _) => {
                theirs.extend(others.iter().map(|other| is_theirs(other, &previous.whose(other))));
            }
            (Ok(Some(_)), Err(_)) => theirs.push(is_theirs(&inner, &previous.whose(&inner))),
        }
    }
    if theirs.is_empty() { Ok(removals) } else { Err(theirs) }
}

fn is_theirs(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error("output/in-the-way", why).at(Span::file(path))
}

/// Notes the folders on the way from `folder` down to a file, each with what is in it.
fn expect(expected: &mut Expected, folder: &str, file: &str) {
    let mut path = file;
    while path.len() > folder.len() {
        let (above, name) = split(path);
        expected.entry((above.split('/').count(), above.to_owned())).or_default().insert(name.to_owned());
        path = above;
    }
}

/// What is known of a folder that has no other names in it than these; none where there is no such folder.
///
/// # Errors
/// The paths of what else is there; its own, where it is none or can't be read.
fn only(walker: &mut Walker<'_>, path: &str, names: &BTreeSet<String>) -> Result<Option<Status>, Vec<String>> {
    let unknown = || vec![path.to_owned()];
    let Some(folder) = walker.open(path).map_err(|_| unknown())? else { return Ok(None) };
    let found = folder.list(names.len() + NAMED).map_err(|_| unknown())?;
    let others: BTreeSet<String> = found
        .iter()
        .filter(|name| name.to_str().is_none_or(|name| !names.contains(name)))
        .map(|name| format!("{path}/{}", name.display()))
        .collect();
    if !others.is_empty() {
        return Err(others.into_iter().collect());
    }
    let status = folder.own_status().map_err(|_| unknown())?;
    if status.kind == Kind::Folder { Ok(Some(status)) } else { Err(unknown()) }
}
