//! A folder on disk, read without ever following a link or leaving the folder.
//!
//! Together with its platform modules this is the only place of the pack that opens what is on the disk, and it only
//! reads.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use portable::{Folder, Level, open_file};
#[cfg(unix)]
pub(crate) use unix::{Folder, Level, open_file};

use std::ffi::OsString;

/// An entry of a folder, not yet looked at any closer.
#[derive(Debug)]
pub(crate) struct Entry {
    pub name: OsString,
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
    /// Something else, with its name for people.
    Other(&'static str),
}

/// What is known about a file of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileInfo {
    /// Its size.
    pub bytes: u64,
    /// Whether its owner may execute it; never on systems that don't know such a thing.
    pub executable: bool,
}

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It is not a file, or a link is on the way to it.
    NotAFile,
    /// It is larger than it may be; holds its size.
    TooLarge(u64),
    Io(std::io::Error),
}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
