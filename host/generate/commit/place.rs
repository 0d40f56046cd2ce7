//! Where an output folder is, or where it is to come into being.
//!
//! Always true here: links in the part of the path that the user named are followed, except at its last component; a
//! folder that is to be created is created from its first missing component on, so that one rename makes all of it.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind as IoKind;
use std::path::{Component, Path, PathBuf};

use super::folder::{Folder, Kind};
use crate::error::{Error, ErrorKind, Result};

/// What stands at the path of an output folder.
pub(super) enum Place {
    /// A folder.
    Present(Folder),
    /// Nothing.
    Absent(Gap),
}

/// The missing part of a path.
pub(super) struct Gap {
    /// The deepest folder that exists.
    pub(super) anchor: Folder,
    /// The first missing component.
    pub(super) first: OsString,
    /// The components below it.
    pub(super) rest: Vec<OsString>,
}

/// Looks whether an output folder can be at a path; nothing is opened.
///
/// # Errors
/// `Conflict` where something else is there; `OutsidePath` where it is a link; `Usage` where it is no path of a folder; `Io`.
pub fn check_place(out: &Path) -> Result<()> {
    Place::find(out).map(|_| ())
}

/// Whether nothing is at a path: also below a file, which is told once it is reached.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), IoKind::NotFound | IoKind::NotADirectory)
}

impl Place {
    /// Looks at a path.
    pub(super) fn find(out: &Path) -> Result<Self> {
        match std::fs::symlink_metadata(out) {
            Ok(metadata) if metadata.is_symlink() => {
                Err(Error::new(ErrorKind::OutsidePath, format!("the output folder `{}` is a link", out.display()))
                    .hint("name the folder that the link leads to"))
            }
            Ok(metadata) if !metadata.is_dir() => {
                Err(Error::new(ErrorKind::Conflict, format!("`{}` exists and is not a folder", out.display()))
                    .hint("name another output folder"))
            }
            Ok(_) => Ok(Self::Present(open(out)?)),
            Err(error) if is_absent(&error) => Self::find_gap(out).map(Self::Absent),
            Err(error) => Err(Error::io(format!("cannot look at the output folder `{}`", out.display()), error)),
        }
    }

    fn find_gap(out: &Path) -> Result<Gap> {
        let mut missing = Vec::new();
        let mut existing = out;
        loop {
            let Some(Component::Normal(name)) = existing.components().next_back() else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("the output folder `{}` has `..` below a folder that does not exist", out.display()),
                )
                .hint("name the folder without `..`"));
            };
            missing.push(name.to_owned());
            existing = parent(existing);
            match std::fs::symlink_metadata(existing) {
                Ok(_) => break,
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(Error::io(format!("cannot look at `{}`", existing.display()), error)),
            }
        }
        let anchor = open(existing)?;
        let first = missing.pop().unwrap_or_default();
        missing.reverse();
        Ok(Gap { anchor, first, rest: missing })
    }
}

/// Opens the folder that holds an existing output folder, and says what the output folder is called there; none where
/// the path does not say (`.`, `/`).
pub(super) fn surroundings(out: &Path) -> Option<(Folder, OsString)> {
    let Some(Component::Normal(name)) = out.components().next_back() else { return None };
    Some((Folder::open_path(parent(out)).ok()?, name.to_owned()))
}

/// Turns a failure at a name below the output folder into an error that says what stands there.
///
/// `path` is the name's path below the output folder, as people know it.
pub(super) fn obstacle(
    folder: &Folder,
    name: impl AsRef<OsStr>,
    path: &str,
    action: &str,
    error: std::io::Error,
) -> Error {
    let kind = folder.status(name).ok().flatten().map(|status| status.kind);
    match (kind, error.kind()) {
        (Some(Kind::Link), _) => through_link(path),
        (Some(Kind::Special), _) => {
            Error::new(ErrorKind::OutsidePath, format!("`{path}` in the output folder is neither a file nor a folder"))
                .hint("remove it, or name another output folder")
        }
        (Some(Kind::File), IoKind::NotADirectory) => Error::new(
            ErrorKind::Conflict,
            format!("`{path}` in the output folder is a file, where a folder is needed"),
        )
        .hint("move it away, or name another output folder"),
        (Some(Kind::Folder), IoKind::IsADirectory) => Error::new(
            ErrorKind::Conflict,
            format!("`{path}` in the output folder is a folder, where a file is needed"),
        )
        .hint("move it away, or name another output folder"),
        (_, IoKind::AlreadyExists) => changed_meanwhile(path),
        _ => Error::io(format!("cannot {action} `{path}` in the output folder"), error),
    }
}

/// [`obstacle`] for one of packbox's own files and folders: whatever of another kind stands there was not put there by
/// packbox, so it is refused.
pub(super) fn own_obstacle(folder: &Folder, name: &str, path: &str, action: &str, error: std::io::Error) -> Error {
    let kind = folder.status(name).ok().flatten().map(|status| status.kind);
    match (kind, error.kind()) {
        (Some(Kind::File), IoKind::NotADirectory) | (Some(Kind::Folder), IoKind::IsADirectory) => {
            Error::new(ErrorKind::Refused, format!("`{path}` in the output folder was not put there by packbox"))
                .hint("look at it and move it away, then run the command again")
        }
        _ => obstacle(folder, name, path, action, error),
    }
}

/// The error for a link below the output folder.
pub(super) fn through_link(path: &str) -> Error {
    Error::new(ErrorKind::OutsidePath, format!("`{path}` in the output folder is a link"))
        .hint("nothing is read or written through a link; remove it, or name another output folder")
}

/// The error for something that appeared, changed or vanished while a run was under way.
pub(super) fn changed_meanwhile(path: &str) -> Error {
    Error::new(ErrorKind::Conflict, format!("`{path}` in the output folder was changed while packbox was writing"))
        .hint("the output folder is as it was before packbox wrote; run the command again")
}

/// The folder of a path; `.` where the path has a single component.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

fn open(path: &Path) -> Result<Folder> {
    Folder::open_path(path).map_err(|error| match error.kind() {
        IoKind::NotADirectory => {
            Error::new(ErrorKind::Conflict, format!("`{}` exists and is not a folder", path.display()))
                .hint("name another output folder")
        }
        _ => Error::io(format!("cannot open the folder `{}`", path.display()), error),
    })
}

/// Shows a component of a path that the user named.
pub(super) fn display(name: &OsStr) -> String {
    PathBuf::from(name).display().to_string()
}
