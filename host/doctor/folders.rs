//! Folders and keys: whether they exist, whose they are, and who else can write to them.

use std::path::Path;

use super::report::{FolderReport, FolderState, KeyReport};
use crate::engine::{KeyState, key_state};

/// Looks at a folder, and makes none.
#[must_use]
pub fn look_at_folder(name: &'static str, path: &Path) -> FolderReport {
    let metadata = path.metadata();
    let (owner, mode, state) = match &metadata {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (None, None, FolderState::Missing),
        Err(_) => (None, None, FolderState::Unreadable),
        Ok(metadata) => judge(metadata),
    };
    FolderReport { name, path: path.display().to_string(), owner, mode, state }
}

fn judge(metadata: &std::fs::Metadata) -> (Option<u32>, Option<String>, FolderState) {
    use std::os::unix::fs::MetadataExt as _;
    const WRITABLE_BY_GROUP: u32 = 0o020;
    const WRITABLE_BY_ALL: u32 = 0o002;
    let mode = metadata.mode() & 0o7777;
    let state = if !metadata.is_dir() {
        FolderState::NoFolder
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        FolderState::OfAnother
    } else if mode & WRITABLE_BY_ALL != 0 {
        FolderState::OpenToAll
    } else if mode & WRITABLE_BY_GROUP != 0 {
        FolderState::OpenToGroup
    } else {
        FolderState::Safe
    };
    (Some(metadata.uid()), Some(format!("{mode:03o}")), state)
}

/// Looks at a key file, and makes none.
#[must_use]
pub fn look_at_key(name: &'static str, path: &Path) -> KeyReport {
    KeyReport { name, path: Some(path.display().to_string()), state: key_state(path) }
}

impl KeyReport {
    /// A key that the environment gives.
    #[must_use]
    pub const fn from_environment(name: &'static str) -> Self {
        Self { name, path: None, state: KeyState::Private }
    }
}
