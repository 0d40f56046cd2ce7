//! What to say where something that was named does not exist.
//!
//! This module looks at the names around a missing path, and only once there is an error to explain.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::archive::EXTENSION as ARCHIVE_EXTENSION;
use super::folder::{Entry, EntryKind, FileInfo, Folder};
use super::foreign;
use super::manifest::Findings;
use super::names::MANIFEST_NAME;
use super::names::PackPath;
use super::spanned::Spanned;
use crate::error::{Error, ErrorKind};
use crate::text::nearest;

/// How many names around a missing one are compared with it.
const MAX_NEIGHBOURS: usize = 1000;

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
                None => error.hint("`packbox new NAME` makes a new pack"),
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
    if let Some(foreign) = Folder::open(path).ok().and_then(|folder| foreign::folder(path, &folder)) {
        return foreign;
    }
    let detail = format!("`{}` is not a pack: it has no `{MANIFEST_NAME}`", path.display());
    let error = Error::new(ErrorKind::NotFound, detail);
    match neighbour(&path.join(MANIFEST_NAME)).as_deref().and_then(Path::file_name) {
        Some(near) => error.hint(format!("rename `{}` to `{MANIFEST_NAME}`", near.display())),
        None => error.hint("name a pack's folder, or make a new pack with `packbox new NAME`"),
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

/// Finds the name beside a missing one that it was probably meant to be.
fn neighbour(path: &Path) -> Option<PathBuf> {
    neighbour_of(path, &|_, _| true)
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
