//! What a lock pins, looked for in the registries as they were last read.
//!
//! Always true here: a release that a registry has with other content than the lock says is an error of its own
//! (`Integrity`), before anything is fetched or made; what the registries don't have is another one (`Resolution`).

use std::collections::BTreeSet;

use super::{Installing, Library};
use crate::error::{Error, ErrorKind, Result};
use crate::registry::IndexedRelease;
use crate::resolve::{LOCK_NAME, Lock, Locked, Resolution};

/// The most packs that advice names.
const NAMED: usize = 5;

impl Library {
    /// Makes sure that no registry has other content than the lock says.
    ///
    /// # Errors
    /// `Integrity`, and those of reading the index.
    pub fn check_lock(&self, lock: &Lock) -> Result<()> {
        self.check_contents(lock, &Anew::With(anew(lock)))
    }

    /// [`Library::check_lock`] for a lock that is written anew where there is none; where nothing else may be installed, all of it
    /// has to be there, too.
    ///
    /// # Errors
    /// Those of [`Library::check_lock`], or of [`Library::locked`].
    pub fn check_lock_beside(&self, lock: &Lock, is_all: bool) -> Result<()> {
        if is_all {
            self.find_locked(lock, &Anew::Without).map(|_| ())
        } else {
            self.check_contents(lock, &Anew::Without)
        }
    }

    fn check_contents(&self, lock: &Lock, anew: &Anew) -> Result<()> {
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
             replaced and you trust the new one, {}",
            match anew {
                Anew::With(command) => format!("write the lock anew with `{command}`"),
                Anew::Without => format!("remove `{LOCK_NAME}`, and what there is is chosen anew"),
            }
        )))
    }

    /// Finds what the lock pins, in its order.
    ///
    /// # Errors
    /// Those of [`Library::check_lock`]; `Resolution` where a registry does not have what the lock pins.
    pub fn locked(&self, lock: &Lock) -> Result<Vec<IndexedRelease>> {
        self.find_locked(lock, &Anew::With(anew(lock)))
    }

    fn find_locked(&self, lock: &Lock, anew: &Anew) -> Result<Vec<IndexedRelease>> {
        self.check_contents(lock, anew)?;
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
                not_there(locked, anew)
            } else {
                missing(format!(
                    "`{LOCK_NAME}` takes {name} {version} from the registry `{registry}`, which is not among yours"
                ))
                .hint(format!("`packbox registry add {registry} LOCATION` adds it"))
            });
        }
        Ok(found)
    }

    /// Makes sure that what was chosen is what a lock pins: all of it, where nothing else may be installed; else what is pinned and
    /// would do, and is not there.
    ///
    /// # Errors
    /// `Resolution` where it is not; those of reading the index.
    pub fn check_chosen(&self, lock: &Lock, resolution: &Resolution, how: &Installing) -> Result<()> {
        if how.locked {
            let Some(difference) = lock.difference(&Lock::of(resolution)) else { return Ok(()) };
            return Err(Error::new(ErrorKind::Resolution, format!("`{LOCK_NAME}` does not fit: {difference}"))
                .hint("without `--locked`, it is written again, with what fits"));
        }
        let index = self.index()?;
        for locked in &lock.packs {
            let Some(chosen) = resolution.packs.get(&locked.name) else { continue };
            let Locked { name, version, registry, .. } = locked;
            let would_do = chosen.because.iter().all(|(_, needed)| needed.matches(version.get()));
            // Who asks for another registry asks for something else.
            if chosen.release.version == *version || chosen.registry != *registry || !would_do {
                continue;
            }
            let known = index.releases(name, Some(registry))?;
            let Some(found) = known.iter().find(|known| is_one(known, locked)) else {
                return Err(not_there(locked, &Anew::Without));
            };
            let refused = |why: &str, hint: String| {
                let detail = format!("{name} {version}, which `{LOCK_NAME}` names, {why}");
                Err(Error::new(ErrorKind::Resolution, detail).hint(hint))
            };
            if let Some(why) = found.release.about.unusable() {
                let hint = format!("without `{LOCK_NAME}`, what can be used is chosen anew");
                return refused(&format!("can't be used: {why}"), hint);
            }
            if how.offline && !self.store().has(&locked.digest) {
                return refused("is not installed", "without `--offline`, it is fetched".to_owned());
            }
        }
        Ok(())
    }

    /// The packs of a lock whose registries the user does not have.
    ///
    /// # Errors
    /// Those of reading which there are.
    pub fn of_unknown_registries<'l>(&self, lock: &'l Lock) -> Result<Vec<&'l Locked>> {
        let registries = self.registries()?;
        Ok(lock.packs.iter().filter(|locked| !registries.has(Some(&locked.registry))).collect())
    }
}

/// How a lock is written anew.
enum Anew {
    /// With this command.
    With(String),
    /// By the next run that finds none.
    Without,
}

fn not_there(Locked { name, version, registry, .. }: &Locked, anew: &Anew) -> Error {
    let detail = format!("the registry `{registry}` has no {name} {version}, which `{LOCK_NAME}` names");
    let anew = match anew {
        Anew::With(command) => format!("`{command}` writes the lock anew, with what there is"),
        Anew::Without => format!("without `{LOCK_NAME}`, what there is is chosen anew"),
    };
    let hint = format!("`packbox registry sync` reads the registry again; {anew}");
    Error::new(ErrorKind::Resolution, detail).hint(hint)
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
