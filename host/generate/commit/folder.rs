//! Open folders: everything below the output folder is reached through one of these, a name at a time.
//!
//! Always true here: a [`Folder`] method takes one name, never a path, and never follows a link that stands at that
//! name. Because each folder is opened from the handle of the one above it, there is no path that could be redirected
//! between two steps; `openat2` would add nothing, as no call resolves more than one component. On systems without such
//! handles the plain implementation checks before each step instead, which leaves a gap between the check and the step.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(super) use unix::{Folder, identity, is_ours, keep_permissions, links, sync_file};

#[cfg(not(unix))]
mod plain;
#[cfg(not(unix))]
pub(super) use plain::{Folder, identity, is_ours, keep_permissions, links, sync_file};

use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};

use crate::files;

/// What stands at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket, a device.
    Special,
}

/// Which file it is, and in which state. Equal before and after a rename; different once something was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) bytes: u64,
    pub(super) seconds: i64,
    pub(super) nanoseconds: u32,
}

impl Identity {
    /// Says whether it is the same folder; what was written into it since does not count.
    pub(super) fn is_same_folder(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether it lies on the device with these two numbers; no where the system has none.
    pub(super) fn is_on(self, device: (u32, u32)) -> bool {
        #[cfg(target_os = "linux")]
        {
            (rustix::fs::major(self.device), rustix::fs::minor(self.device)) == device
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = device;
            false
        }
    }
}

/// What is known about a name without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: Kind,
    pub(super) identity: Identity,
    /// Permission bits; 0 where the system has none.
    pub(super) mode: u32,
    /// Whether the owner may run it; none where the system has no such bit.
    pub(super) executable: Option<bool>,
    /// The user who owns it; none where the system does not say it as a number.
    pub(super) owner: Option<u32>,
}

/// Whether a lock was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockState {
    Taken,
    /// Somebody else holds it.
    Busy,
    /// The file system has no locks.
    Unsupported,
}

/// Reads a file of at most `limit` bytes; none where it has more.
pub(super) fn read_at_most(file: &File, limit: u64) -> io::Result<Option<Vec<u8>>> {
    read_sized(file, file.metadata().map_or(0, |metadata| metadata.len()), limit)
}

/// Reads a file that has so many bytes as far as is known; none where it has more than `limit`.
pub(super) fn read_sized(file: &File, size: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let contents = files::read_sized(file, size, limit)?;
    Ok((contents.len() as u64 <= limit).then_some(contents))
}
