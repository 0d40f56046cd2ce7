//! Cleaning: what nothing refers to, and compiled code that nobody used for long.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Library;
use super::store::{Freed, list};
use crate::error::{Error, Result};

/// What to clean.
#[derive(Debug, Clone, Copy, Default)]
pub struct CleanOptions {
    /// Whether nothing is removed, only counted.
    pub dry_run: bool,
    /// Compiled code that was not used for so long goes, and figures that are so old.
    pub older_than: Option<Duration>,
    /// The oldest compiled code goes until the rest takes at most so many bytes.
    pub at_most: Option<u64>,
}

/// What was freed, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cleaned {
    /// Packs in the store that nothing refers to, and what killed processes left.
    pub packs: Counted,
    /// Compiled code.
    pub compiled: Counted,
    /// What packs cost when they were measured.
    pub measured: Counted,
}

/// How much of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counted {
    /// How many.
    pub entries: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

impl Library {
    /// Removes what is not needed. Waits until nobody installs.
    ///
    /// # Errors
    /// `Io` where something can't be removed; what was removed stays so.
    pub fn clean(&self, options: CleanOptions) -> Result<Cleaned> {
        let store = self.store();
        let lock = store.lock_alone()?;
        // Read after the lock was taken: who installs refers before letting go of it.
        let referred = self.installed().read()?.referred().into_keys().collect();
        let Freed { entries, bytes } = store.collect(&lock, &referred, options.dry_run)?;
        let left = self.installed().sweep(options.dry_run)?;
        drop(lock);
        let packs = Counted { entries: entries + left.0, bytes: bytes + left.1 };
        Ok(Cleaned { packs, compiled: self.clean_compiled(options)?, measured: self.clean_measured(options)? })
    }

    fn clean_measured(&self, options: CleanOptions) -> Result<Counted> {
        let folder = self.places.cache.join("measured");
        let failed = |error| Error::io(format!("cannot clean `{}`", folder.display()), error);
        let mut freed = Counted::default();
        let now = SystemTime::now();
        for entry in list(&folder).map_err(failed)? {
            let metadata = entry.metadata().map_err(failed)?;
            let age = now.duration_since(metadata.modified().map_err(failed)?).unwrap_or_default();
            if metadata.is_file() && options.older_than.is_some_and(|most| age > most) {
                if !options.dry_run {
                    fs::remove_file(entry.path()).map_err(failed)?;
                }
                freed.entries += 1;
                freed.bytes += metadata.len();
            }
        }
        Ok(freed)
    }

    fn clean_compiled(&self, options: CleanOptions) -> Result<Counted> {
        let folder = self.places.cache.join("compiled");
        let failed = |error| Error::io(format!("cannot clean `{}`", folder.display()), error);
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in list(&folder).map_err(failed)? {
            let metadata = entry.metadata().map_err(failed)?;
            if metadata.is_file() && entry.path().extension().is_some_and(|extension| extension == "cwasm") {
                // The time of reading, where the file system keeps it; else that of writing.
                let used = metadata.accessed().or_else(|_| metadata.modified()).map_err(failed)?;
                entries.push((used, metadata.len(), entry.path()));
            }
        }
        entries.sort();
        let now = SystemTime::now();
        let mut left: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        let mut freed = Counted::default();
        for (used, bytes, path) in entries {
            let age = now.duration_since(used).unwrap_or_default();
            let is_old = options.older_than.is_some_and(|most| age > most);
            let is_too_much = options.at_most.is_some_and(|most| left > most);
            if !is_old && !is_too_much {
                continue;
            }
            if !options.dry_run {
                // What vouches for it goes first; without that it is never loaded.
                for extension in ["mac", "seen", "lock", "cwasm"] {
                    match fs::remove_file(path.with_extension(extension)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
                        _ => {}
                    }
                }
            }
            left -= bytes;
            freed.entries += 1;
            freed.bytes += bytes;
        }
        Ok(freed)
    }
}
