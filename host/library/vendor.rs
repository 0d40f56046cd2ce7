//! A folder made a registry of its own, with what a lock holds.
//!
//! Always true here: a folder that is new appears whole, by one rename; one that stands is left as it was until all has come
//! that goes into it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::places::Library;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::registry::{DirectorySource, Position, Release, Source as _};
use crate::resolve::{Lock, Locked};

/// What was put into a folder.
#[derive(Debug, Clone, Default)]
pub struct Vendored {
    /// How many packs.
    pub packs: usize,
    /// Those that their registries withdrew.
    pub withdrawn: Vec<Locked>,
}

impl Library {
    /// Publishes each pack of a lock to the registry in a folder, which is made.
    ///
    /// # Errors
    /// Those of [`Library::locked`], of fetching and of publishing.
    pub fn vendor(&self, lock: &Lock, folder: &Path) -> Result<Vendored> {
        let known = self.locked(lock)?;
        let registries = self.registries()?;
        let is_new = is_new(folder)?;
        let gathered = Gathered::near(folder)?;
        let mut vendored = Vendored { packs: lock.packs.len(), withdrawn: Vec::new() };
        let mut end = Position::default();
        for (locked, known) in lock.packs.iter().zip(&known) {
            let archive = self.source(&registries, &locked.registry)?.fetch(&known.release, &*self.waiting.progress)?;
            gathered.registry.publish(&end, &known.release, &archive)?;
            end = gathered.registry.read(&end)?.1;
            if known.release.yanked {
                vendored.withdrawn.push(locked.clone());
            }
        }
        if is_new {
            gathered.become_folder(folder)?;
        } else {
            gathered.add_to(folder, known.iter().map(|known| &known.release).collect())?;
        }
        Ok(vendored)
    }
}

/// Whether nothing stands where the folder will be; what stands has to be a folder, and if it is a registry, one that can be
/// used.
fn is_new(folder: &Path) -> Result<bool> {
    if fs::symlink_metadata(folder).is_err() {
        return Ok(true);
    }
    match DirectorySource::open(folder) {
        Err(error) if folder.is_dir() && error.kind() == ErrorKind::NotFound => Ok(false),
        // What is no folder can't be made a registry, and that is said.
        Err(_) if !folder.is_dir() => DirectorySource::create(folder).map(|_| false),
        opened => opened.map(|_| false),
    }
}

/// A registry in a folder beside or in the one that is wanted; gone when it did not become that one.
struct Gathered {
    place: PathBuf,
    registry: DirectorySource,
}

impl Gathered {
    fn near(folder: &Path) -> Result<Self> {
        let standing = folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new(""));
        let place = files::beside(&standing.join("registry")).map_err(|error| cannot(folder, error))?;
        fs::create_dir(&place).map_err(|error| cannot(folder, error))?;
        let registry = DirectorySource::create(&place)?;
        Ok(Self { place, registry })
    }

    fn become_folder(self, folder: &Path) -> Result<()> {
        let move_there = || {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::create_dir_all(parent)?;
            fs::rename(&self.place, folder)?;
            files::sync_folder(parent)
        };
        move_there().map_err(|error| cannot(folder, error))
    }

    /// Publishes all to a folder that stands. Those that it may have already come first: where one has other content, nothing
    /// was changed.
    fn add_to(self, folder: &Path, mut releases: Vec<&Release>) -> Result<()> {
        let folder = DirectorySource::create(folder)?;
        let (there, mut end) = folder.read(&Position::default())?;
        let is_there = |release: &Release| {
            there.iter().any(|entry| entry.release.name == release.name && entry.release.version == release.version)
        };
        releases.sort_by_cached_key(|release| !is_there(release));
        for release in releases {
            let archive = self.registry.fetch(release, &crate::progress::Silent)?;
            let after = if is_there(release) { &Position::default() } else { &end };
            folder.publish(after, release, &archive)?;
            end = folder.read(&end)?.1;
        }
        Ok(())
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.place);
    }
}

fn cannot(folder: &Path, error: io::Error) -> Error {
    Error::io(format!("cannot make a registry in `{}`", folder.display()), error)
}
