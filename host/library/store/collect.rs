//! Removing what nothing refers to.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::{Store, StoreLock};
use crate::digest::Digest;
use crate::error::{Error, Result};

/// What was removed, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Freed {
    /// Packs, or files where they are counted.
    pub entries: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

impl Store {
    /// Removes the packs that nothing refers to, and what killed processes left; counts only, with `dry_run`.
    ///
    /// A pack is moved away before its files go, so that it is never there in part.
    ///
    /// # Errors
    /// `Io` where something can't be removed; what was removed stays so.
    pub fn collect(&self, _alone: &StoreLock, referred: &BTreeSet<Digest>, dry_run: bool) -> Result<Freed> {
        let failed = |error| Error::io(format!("cannot clean the store in `{}`", self.folder.display()), error);
        let stage = self.folder.join("stage");
        let mut freed = Freed::default();
        for entry in list(&self.folder.join("packs")).map_err(failed)? {
            let is_referred = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if is_referred.is_some_and(|digest: Digest| referred.contains(&digest)) {
                continue;
            }
            freed.entries += 1;
            freed.bytes += size(&entry.path()).map_err(failed)?;
            if !dry_run {
                fs::create_dir_all(&stage).map_err(failed)?;
                let away = stage.join(format!("gone-{}", entry.file_name().to_string_lossy()));
                self.steps.next("away");
                if away.exists() {
                    fs::remove_dir_all(&away).map_err(failed)?;
                }
                fs::rename(entry.path(), &away).map_err(failed)?;
                self.steps.next("remove");
                fs::remove_dir_all(&away).map_err(failed)?;
            }
        }
        for entry in list(&stage).map_err(failed)? {
            freed.entries += 1;
            freed.bytes += size(&entry.path()).map_err(failed)?;
            if !dry_run {
                self.steps.next("leftover");
                fs::remove_dir_all(entry.path()).map_err(failed)?;
            }
        }
        Ok(freed)
    }
}

/// Lists a folder of ours in the order of its names; none where there is no folder.
pub(in crate::library) fn list(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// The bytes of all files in a folder, links not followed.
fn size(path: &Path) -> io::Result<u64> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        bytes += size(&entry?.path())?;
    }
    Ok(bytes)
}
