//! What a lock pins, looked for in the registries as they were last read.
//!
//! Always true here: a release that a registry has with other content than the lock says is an error of its own
//! (`Integrity`), before anything is fetched or made; what the registries don't have is another one (`Resolution`).

use std::collections::BTreeSet;

use super::Library;
use crate::error::{Error, ErrorKind, Result};
use crate::registry::IndexedRelease;
use crate::resolve::{LOCK_NAME, Lock, Locked};

/// The most packs that advice names.
const NAMED: usize = 5;

impl Library {
    /// Makes sure that no registry has other content than the lock says.
    ///
    /// # Errors
    /// `Integrity`, and those of reading the index.
    pub fn check_lock(&self, lock: &Lock) -> Result<()> {
        let index = self.index()?;
        let mut wrong = Vec::new();
        for locked in &lock.packs {
            let known = index.releases(&locked.name, Some(&locked.registry))?;
            if known.iter().any(|known| known.release.version == locked.version && !is_one(known, locked)) {
                wrong.push(locked);
            }
        }
        let Some((Locked { name, version, registry, .. }, others)) = wrong.split_first() else { return Ok(()) };
        let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
        let detail =
            format!("the registry `{registry}` has {name} {version} with other content than `{LOCK_NAME}` says{more}");
        Err(Error::new(ErrorKind::Integrity, detail).hint(format!(
            "a release never changes: if `{LOCK_NAME}` was changed by mistake, restore it from version control; if the registry was \
             replaced and you trust the new one, write the lock anew with `{}`",
            anew(lock)
        )))
    }

    /// Finds what the lock pins, in its order.
    ///
    /// # Errors
    /// Those of [`Library::check_lock`]; `Resolution` where a registry does not have what the lock pins.
    pub fn locked(&self, lock: &Lock) -> Result<Vec<IndexedRelease>> {
        self.check_lock(lock)?;
        let (registries, index) = (self.registries()?, self.index()?);
        let mut found = Vec::with_capacity(lock.packs.len());
        for locked in &lock.packs {
            let Locked { name, version, registry, .. } = locked;
            let mut known = index.releases(name, Some(registry))?;
            if let Some(at) = known.iter().position(|known| is_one(known, locked)) {
                found.push(known.swap_remove(at));
                continue;
            }
            let missing = |detail: String| Error::new(ErrorKind::Resolution, detail);
            return Err(if registries.has(Some(registry)) {
                missing(format!("the registry `{registry}` has no {name} {version}, which `{LOCK_NAME}` names")).hint(
                    format!(
                        "`packbox registry sync` reads the registry again; `{}` writes the lock anew, with what there is",
                        anew(lock)
                    ),
                )
            } else {
                missing(format!(
                    "`{LOCK_NAME}` takes {name} {version} from the registry `{registry}`, which is not among yours"
                ))
                .hint(format!("`packbox registry add {registry} LOCATION` adds it"))
            });
        }
        Ok(found)
    }
}

fn is_one(known: &IndexedRelease, locked: &Locked) -> bool {
    known.release.version == locked.version && known.release.digest == locked.digest
}

/// The command that writes a lock anew: with the packs that no other one needs.
fn anew(lock: &Lock) -> String {
    let needed: BTreeSet<_> = lock.packs.iter().flat_map(|locked| &locked.needs).collect();
    let roots: Vec<&str> =
        lock.packs.iter().filter(|locked| !needed.contains(&locked.name)).map(|locked| locked.name.as_str()).collect();
    let names = if roots.is_empty() || roots.len() > NAMED { "NAME …".to_owned() } else { roots.join(" ") };
    format!("packbox install {names} --lock")
}
