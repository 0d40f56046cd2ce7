//! Where the files of a pack come from: a folder, or an archive.
//!
//! Always true here: both give the same files for the same pack.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::archive::Archive;
use super::folder::{self, FileInfo, Folder, ReadError};
use super::ignore::Ignore;
use super::names::PackPath;
use super::{listing, missing};
use crate::error::{Error, Result};
use crate::limits::PackLimits;

/// The files of a pack, those included that do not belong to it.
#[derive(Debug)]
pub(super) enum Contents {
    Folder(Folder),
    Archive(Archive),
}

impl Contents {
    /// Opens what the user named. Errors are those of [`Pack::load`](super::Pack::load).
    pub(super) fn open(path: &Path, limits: &PackLimits) -> Result<Self> {
        let error = match Folder::open(path) {
            Ok(folder) => return Ok(Self::Folder(folder)),
            Err(error) => error,
        };
        if error.kind() != io::ErrorKind::NotADirectory {
            return Err(missing::folder(path, error));
        }
        let shown = path.display().to_string();
        match folder::open_file(path) {
            Ok(file) => Ok(Self::Archive(Archive::open(&file, &shown, limits)?)),
            Err(ReadError::Io(error)) if error.kind() != io::ErrorKind::NotADirectory => {
                Err(Error::io(format!("cannot open `{shown}`"), error))
            }
            Err(_) => Err(missing::folder(path, error)),
        }
    }

    /// Takes the bytes of an archive. Errors are those of [`Pack::from_archive`](super::Pack::from_archive).
    pub(super) fn of_archive(label: &str, bytes: &[u8], limits: &PackLimits) -> Result<Self> {
        Ok(Self::Archive(Archive::read(bytes, label, limits)?))
    }

    /// Reads a file of at most `limit` bytes. `path` is `/` separated and has no `..`.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        match self {
            Self::Folder(folder) => folder.read(path, limit),
            Self::Archive(archive) => archive.get(path, limit),
        }
    }

    /// Lists the files that belong to a pack that the user knows as `label`.
    pub(super) fn list(
        &self,
        label: &str,
        ignore: Ignore,
        limits: &PackLimits,
    ) -> Result<BTreeMap<PackPath, FileInfo>> {
        match self {
            Self::Folder(folder) => listing::list(folder, label, ignore, limits),
            Self::Archive(archive) => archive.list(ignore),
        }
    }
}
