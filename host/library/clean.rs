//! Cleaning: what nothing refers to, and compiled code and answers that nobody used for long.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::Library;
use super::store::{Freed, list};
use crate::error::{Error, Result};
use crate::files;

/// What to clean.
#[derive(Debug, Clone, Copy, Default)]
pub struct CleanOptions {
    /// Whether nothing is removed, only counted.
    pub dry_run: bool,
    /// Compiled code and answers that were not used for so long go, and figures that are so old.
    pub older_than: Option<Duration>,
    /// The oldest compiled code goes until the rest takes at most so many bytes; the oldest answers likewise.
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
    /// Answers of plugins, a file for each pack.
    pub answers: Counted,
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
        Ok(Cleaned {
            packs,
            compiled: self.clean_compiled(options)?,
            answers: self.clean_answers(options)?,
            measured: self.clean_measured(options)?,
        })
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

    fn clean_answers(&self, options: CleanOptions) -> Result<Counted> {
        // Whoever reads such a file notes it as its time of writing, once a day.
        let used = |metadata: &fs::Metadata| metadata.modified();
        clean_folder(&self.places.cache.join("answers"), options, ("answers", &used), |path| fs::remove_file(path))
    }

    fn clean_compiled(&self, options: CleanOptions) -> Result<Counted> {
        // The time of reading, where the file system keeps it; else that of writing.
        let used = |metadata: &fs::Metadata| metadata.accessed().or_else(|_| metadata.modified());
        clean_folder(&self.places.cache.join("compiled"), options, ("cwasm", &used), |path| {
            // What vouches for it goes first; without that it is never loaded.
            for extension in ["mac", "seen", "lock", "cwasm"] {
                match fs::remove_file(path.with_extension(extension)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        })
    }
}

/// When a file was used last.
type Used<'a> = &'a dyn Fn(&fs::Metadata) -> std::io::Result<SystemTime>;

/// Removes the files of a folder with this extension that were not used for too long, and the oldest where all are too much;
/// and what killed processes left there as long ago.
fn clean_folder(
    folder: &Path,
    options: CleanOptions,
    (extension, used): (&str, Used<'_>),
    remove: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<Counted> {
    let failed = |error| Error::io(format!("cannot clean `{}`", folder.display()), error);
    let mut entries: Vec<(SystemTime, u64, PathBuf, bool)> = Vec::new();
    for entry in list(folder).map_err(failed)? {
        let metadata = entry.metadata().map_err(failed)?;
        let path = entry.path();
        let is_leftover = files::is_leftover(&path);
        let is_one = path.extension().is_some_and(|found| found == extension);
        if metadata.is_file() && (is_one || is_leftover) {
            entries.push((used(&metadata).map_err(failed)?, metadata.len(), path, is_leftover));
        }
    }
    entries.sort();
    let now = SystemTime::now();
    let mut left: u64 = entries.iter().map(|(_, bytes, ..)| bytes).sum();
    let mut freed = Counted::default();
    for (used, bytes, path, is_leftover) in entries {
        let age = now.duration_since(used).unwrap_or_default();
        let is_old = options.older_than.is_some_and(|most| age > most);
        let is_too_much = !is_leftover && options.at_most.is_some_and(|most| left > most);
        if !is_old && !is_too_much {
            continue;
        }
        if !options.dry_run {
            let removed = if is_leftover { fs::remove_file(&path) } else { remove(&path) };
            removed.map_err(failed)?;
        }
        left -= bytes;
        freed.entries += 1;
        freed.bytes += bytes;
    }
    Ok(freed)
}
