//! What to say where something that was named does not exist.
//!
//! This module looks at the names around a missing path, and only once there is an error to explain.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use strsim::osa_distance;

use super::archive::EXTENSION as ARCHIVE_EXTENSION;
use super::folder::{Entry, EntryKind, FileInfo, Folder};
use super::foreign;
use super::manifest::Findings;
use super::names::MANIFEST_NAME;
use super::names::PackPath;
use super::spanned::Spanned;
use crate::advice::said;
use crate::error::{Error, ErrorKind};
use crate::text::nearest;

/// How many names around a missing one are compared with it.
const MAX_NEIGHBOURS: usize = 1000;

/// Typing mistakes in the name of a manifest.
const MOST_MISTAKES: usize = 2;

/// Bytes of a file that is taken for a manifest.
const MAX_MANIFEST: u64 = 1 << 20;

/// Explains why a pack could not be opened.
pub(super) fn folder(path: &Path, error: io::Error) -> Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            if let Some(foreign) = path.to_str().and_then(foreign::address) {
                return foreign;
            }
            let error = Error::new(ErrorKind::NotFound, format!("there is no pack at `{shown}`")).caused_by(error);
            match neighbour(path) {
                Some(near) => error.hint(format!("did you mean `{}`?", near.display())),
                None => error.hint(said("`packbox new NAME` makes a new pack", foreign::PACKS_ARE)),
            }
        }
        io::ErrorKind::NotADirectory => Error::new(ErrorKind::NotFound, format!("`{shown}` is not a folder"))
            .hint(format!("a pack is a folder with a `{MANIFEST_NAME}` in it, or a `.pack` archive of one")),
        _ => Error::io(format!("cannot open `{shown}`"), error),
    }
}

/// Explains why a pack's manifest could not be read.
pub(super) fn manifest(path: &Path, error: io::Error) -> Error {
    if error.kind() != io::ErrorKind::NotFound {
        return Error::io(format!("cannot read `{}`", path.join(MANIFEST_NAME).display()), error);
    }
    let folder = Folder::open(path).ok();
    if let Some(foreign) = folder.as_ref().and_then(|folder| foreign::folder(path, folder)) {
        return foreign;
    }
    let detail = format!("`{}` is not a pack: it has no `{MANIFEST_NAME}`", path.display());
    let error = Error::new(ErrorKind::NotFound, detail);
    match folder.and_then(|folder| misspelled(&folder)) {
        Some(near) => error.hint(format!("rename `{near}` to `{MANIFEST_NAME}`")),
        None => {
            error.hint(said("name a pack's folder, or make a new pack with `packbox new NAME`", foreign::PACKS_ARE))
        }
    }
}

/// Reports that a file that the manifest names does not belong to the pack.
pub(super) fn referenced_file(
    key: &str,
    path: &Spanned<PackPath>,
    files: &BTreeMap<PackPath, FileInfo>,
    findings: &Findings<'_>,
) {
    if findings.is_full() {
        return;
    }
    let message = format!("`{key}` names `{}`, which is not a file of the pack", path.value);
    let help = match nearest(path.value.as_str(), files.keys().map(PackPath::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "paths are relative to the pack's folder; a file may also be left out by `.packboxignore`".to_owned(),
    };
    findings.add_with_help("manifest/missing-file", &path.range, message, help);
}

/// Finds the pack beside a missing one that it was probably meant to be: a folder with a manifest, or an archive.
#[must_use]
pub fn pack_beside(path: &Path) -> Option<PathBuf> {
    let is_pack = |path: &Path, entry: &Entry| match entry.kind {
        EntryKind::Folder => path.join(MANIFEST_NAME).symlink_metadata().is_ok(),
        EntryKind::File => path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION),
        EntryKind::Link | EntryKind::Other(_) => false,
    };
    neighbour_of(path, &is_pack)
}

/// Finds a pack's manifest whose name has a typing mistake. Other tools have files with names that are as near, such as
/// `Cargo.toml`: what is in it tells.
fn misspelled(folder: &Folder) -> Option<String> {
    let entries = folder.top().ok()?.entries(MAX_NEIGHBOURS).ok()?;
    let names = entries.iter().filter(|entry| entry.kind == EntryKind::File).filter_map(|entry| entry.name.to_str());
    let mut near: Vec<(bool, usize, &str)> = names
        .map(|name| {
            (!name.eq_ignore_ascii_case(MANIFEST_NAME), osa_distance(&name.to_lowercase(), MANIFEST_NAME), name)
        })
        .filter(|(_, mistakes, _)| *mistakes <= MOST_MISTAKES)
        .collect();
    near.sort_unstable();
    let is_manifest = |name: &str| {
        let bytes = folder.read(name, MAX_MANIFEST).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().any(|line| line.trim_start().starts_with("[pack]"))
    };
    near.into_iter().map(|(_, _, name)| name).find(|name| is_manifest(name)).map(str::to_owned)
}

/// Finds the folder or archive beside a missing one that it was probably meant to be.
fn neighbour(path: &Path) -> Option<PathBuf> {
    neighbour_of(path, &|path, entry| {
        entry.kind == EntryKind::Folder || path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION)
    })
}

fn neighbour_of(path: &Path, counts: &dyn Fn(&Path, &Entry) -> bool) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_str()?;
    let parent = path.parent()?;
    let opened = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let entries = Folder::open(opened).ok()?.top().ok()?.entries(MAX_NEIGHBOURS).ok()?;
    let counted = entries.iter().filter(|entry| counts(&opened.join(&entry.name), entry));
    let names: Vec<&str> = counted.filter_map(|entry| entry.name.to_str()).collect();
    let by_case = names.iter().copied().find(|name| name.eq_ignore_ascii_case(wanted));
    Some(parent.join(by_case.or_else(|| nearest(wanted, names.iter().copied()))?))
}
