//! A folder made a registry of its own, with what a lock holds.

use std::collections::BTreeSet;
use std::path::Path;

use super::places::Library;
use crate::error::{Error, ErrorKind, Result};
use crate::registry::{DirectorySource, Position, Source as _};
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
    /// `NotFound` where a registry no longer has what the lock holds; those of fetching and publishing.
    pub fn vendor(&self, lock: &Lock, folder: &Path) -> Result<Vendored> {
        let (registries, index) = (self.registries()?, self.index()?);
        let folder = DirectorySource::create(folder)?;
        // Its log is read once, and each pack is published behind the one before.
        let (there, mut end) = folder.read(&Position::default())?;
        let there: BTreeSet<_> = there.iter().map(|entry| (&entry.release.name, &entry.release.version)).collect();
        let mut vendored = Vendored { packs: lock.packs.len(), withdrawn: Vec::new() };
        for locked in &lock.packs {
            let known = index.releases(&locked.name, Some(&locked.registry))?;
            let Some(known) = known.into_iter().find(|known| known.release.digest == locked.digest) else {
                let (registry, name, version) = (&locked.registry, &locked.name, &locked.version);
                let detail =
                    format!("the registry `{registry}` has no {name} {version} with the content that the lock names");
                return Err(
                    Error::new(ErrorKind::NotFound, detail).hint("`packbox registry sync` reads the registry again")
                );
            };
            let source = self.source(&registries, &locked.registry)?;
            let archive = source.fetch(&known.release, &*self.waiting.progress)?;
            let is_there = there.contains(&(&locked.name, &known.release.version));
            let after = if is_there { Position::default() } else { end };
            folder.publish(&after, &known.release, &archive)?;
            end = folder.read(&end)?.1;
            if known.release.yanked {
                vendored.withdrawn.push(locked.clone());
            }
        }
        Ok(vendored)
    }
}
