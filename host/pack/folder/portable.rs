//! [`Folder`] where there is no `openat`: cap-std, which stays within the folder by its own checks. It is compiled nowhere
//! today, and waits for Windows, which comes as a whole, with tests that run.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::{Entry, EntryKind, FileInfo, ReadError};

/// The top of a folder.
#[derive(Debug)]
pub(crate) struct Folder(Dir);

/// A folder, while its entries are listed.
pub(crate) struct Level(Dir);

/// Opens a file that the user named; links on the way to it are followed.
pub(crate) fn open_file(path: &Path) -> Result<File, ReadError> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ReadError::NotAFile) }
}

impl Folder {
    /// Opens a folder that the user named; links on the way to it are followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Dir::open_ambient_dir(path, ambient_authority())?))
    }

    /// Reads a file of at most `limit` bytes. `path` is `/` separated and has no `..`.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        // A link that appears between this look and the opening can only lead to another file of the folder.
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let metadata = self.0.symlink_metadata(&path[..end])?;
            let expected = if end == path.len() { metadata.is_file() } else { metadata.is_dir() };
            if !expected {
                return Err(ReadError::NotAFile);
            }
        }
        let file = self.0.open(path)?;
        let size = file.metadata()?.len();
        if size > limit {
            return Err(ReadError::TooLarge(size));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1));
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge(bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// Begins to list the top.
    pub(crate) fn top(&self) -> io::Result<Level> {
        Ok(Level(self.0.try_clone()?))
    }
}

impl Level {
    /// Returns at most `most` entries, in no order.
    pub(crate) fn entries(&mut self, most: usize) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in self.0.entries()?.take(most) {
            let entry = entry?;
            let file_type = entry.file_type()?;
            let kind = if file_type.is_file() {
                EntryKind::File
            } else if file_type.is_dir() {
                EntryKind::Folder
            } else if file_type.is_symlink() {
                EntryKind::Link
            } else {
                EntryKind::Other("neither a file nor a folder")
            };
            entries.push(Entry { name: entry.file_name(), kind });
        }
        Ok(entries)
    }

    /// Opens a folder of this folder.
    pub(crate) fn enter(&self, name: &OsStr) -> io::Result<Self> {
        if !self.0.symlink_metadata(name)?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        Ok(Self(self.0.open_dir(name)?))
    }

    /// Looks at a file of this folder.
    pub(crate) fn file_info(&self, name: &OsStr) -> io::Result<FileInfo> {
        Ok(FileInfo { bytes: self.0.symlink_metadata(name)?.len(), executable: false })
    }
}
