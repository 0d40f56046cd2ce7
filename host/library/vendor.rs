//! A folder made a registry of its own, with what a lock holds.

use std::collections::BTreeSet;
use std::path::Path;

use super::places::Library;
use crate::error::Result;
use crate::pack::PackName;
use crate::registry::{DirectorySource, PackVersion, Position, Source as _};
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
        let mut vendored = Vendored { packs: lock.packs.len(), withdrawn: Vec::new() };
        let mut opened = None;
        for (locked, known) in lock.packs.iter().zip(known) {
            let archive = self.source(&registries, &locked.registry)?.fetch(&known.release, &*self.waiting.progress)?;
            // Where nothing can be fetched, nothing is made.
            let Vendor { folder, there, end } = match &mut opened {
                Some(vendor) => vendor,
                none => none.insert(Vendor::open(folder)?),
            };
            let is_there = there.contains(&(locked.name.clone(), known.release.version.clone()));
            let after = if is_there { &Position::default() } else { &*end };
            folder.publish(after, &known.release, &archive)?;
            *end = folder.read(end)?.1;
            if known.release.yanked {
                vendored.withdrawn.push(locked.clone());
            }
        }
        if opened.is_none() {
            DirectorySource::create(folder)?;
        }
        Ok(vendored)
    }
}

/// The folder as a registry. Its log is read once, and each pack is published behind the one before.
struct Vendor {
    folder: DirectorySource,
    there: BTreeSet<(PackName, PackVersion)>,
    end: Position,
}

impl Vendor {
    fn open(folder: &Path) -> Result<Self> {
        let folder = DirectorySource::create(folder)?;
        let (there, end) = folder.read(&Position::default())?;
        let there = there.into_iter().map(|entry| (entry.release.name, entry.release.version)).collect();
        Ok(Self { folder, there, end })
    }
}
