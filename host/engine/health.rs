//! What the compiled cache looks like: how many entries verify, and what does not belong there.
//!
//! Always true here: nothing is made, changed or loaded; the key is read where there is one.

use std::path::Path;

use serde::Serialize;

use super::cache::{CacheLocation, CompiledCache};
use crate::error::{Error, Result};
use crate::files;

/// Damaged entries that are named.
const NAMED: usize = 10;

/// What the compiled cache looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CacheHealth {
    /// Entries.
    pub entries: usize,
    /// Bytes of their compiled code.
    pub bytes: u64,
    /// Entries that are as packbox wrote them, and that nobody else can write.
    pub verified: usize,
    /// Entries that are not, or that were written with another key: they are not used, and are compiled again.
    pub unverified: usize,
    /// Names of some of these.
    pub unverified_names: Vec<String>,
    /// Files that a run which was killed left behind.
    pub temporary: usize,
    /// Files that belong to no entry.
    pub stray: usize,
}

/// Looks at every entry of a cache; reads all of their bytes. None where there is no cache yet.
///
/// # Errors
/// `Io` where the folder or the key can't be read.
pub fn cache_health(location: &CacheLocation) -> Result<Option<CacheHealth>> {
    let folder = &location.folder;
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(format!("cannot look into `{}`", folder.display()), error)),
    };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    // Without a key no entry can be what it says; an unusable key is told where keys are looked at.
    let cache = CompiledCache::open_existing(location).ok().flatten();
    let mut health = CacheHealth::default();
    for name in &names {
        match parts(name) {
            Some((entry, "cwasm")) => {
                health.entries += 1;
                health.bytes += size(folder, name);
                if cache.as_ref().is_some_and(|cache| cache.verifies(entry)) {
                    health.verified += 1;
                } else {
                    health.unverified += 1;
                    if health.unverified_names.len() < NAMED {
                        health.unverified_names.push(entry.to_owned());
                    }
                }
            }
            // Held by whoever compiles, or left by one who was killed.
            Some((_, "lock")) => {}
            Some((entry, "mac" | "seen")) if names.binary_search(&format!("{entry}.cwasm")).is_ok() => {}
            _ if files::is_leftover(Path::new(name)) => health.temporary += 1,
            _ => health.stray += 1,
        }
    }
    Ok(Some(health))
}

/// An entry's name and what the file is for it.
fn parts(name: &str) -> Option<(&str, &str)> {
    let (entry, extension) = name.split_once('.')?;
    (entry.len() == 40 && entry.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some((entry, extension))
}

fn size(folder: &Path, name: &str) -> u64 {
    folder.join(name).symlink_metadata().map_or(0, |metadata| metadata.len())
}
