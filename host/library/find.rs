//! The release that a user means by a name, whether it is installed or not.

use std::collections::BTreeSet;

use super::installed::{Installation, Inventory, Origin};
use super::places::Library;
use super::words::install;
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName};
use crate::registry::{Filter, Index, IndexedRelease, PackVersion, Page, RegistryName, Wanted, satisfies};

impl Library {
    /// Opens an installed pack, which nothing removes while it is held.
    ///
    /// # Errors
    /// `NotFound` where it is not installed; those of opening it.
    pub fn open_installed(&self, wanted: &Wanted) -> Result<Pack> {
        // Held from before the pack is looked up until it was read, so that `clean` waits.
        let lock = self.store().lock_to_read()?;
        let found = self.installed().read()?.find(wanted)?.clone();
        let pack = self.store().open(&found.digest, &found.label(), &self.limits)?;
        Ok(match lock {
            Some(lock) => pack.keeping(lock),
            None => pack,
        })
    }

    /// Finds the newest release that fits what is wanted; one that is passed over otherwise only where nothing else fits.
    ///
    /// # Errors
    /// `NotFound` where registries have none; `Usage` where several have a pack of that name; those of the index.
    pub fn find(&self, wanted: &Wanted) -> Result<IndexedRelease> {
        let index = self.index()?;
        let known = index.releases(&wanted.name, wanted.registry.as_ref())?;
        let registries: BTreeSet<_> = known.iter().map(|known| known.registry.clone()).collect();
        if registries.len() > 1 {
            let names: Vec<String> = registries.iter().map(|name| format!("`{name}/{}`", wanted.name)).collect();
            let detail = format!("{} registries have a pack `{}`", names.len(), wanted.name);
            return Err(Error::new(ErrorKind::Usage, detail).hint(format!("say which you mean: {}", names.join(", "))));
        }
        let fits = |known: &&IndexedRelease| satisfies(wanted.requirement.as_ref(), known.release.version.get());
        let best = known.iter().filter(fits).find(|known| known.release.passed_over().is_none());
        best.or_else(|| known.iter().find(fits)).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no pack `{wanted}`, installed or in a registry"))
                .hint(look_for(&index, wanted))
        })
    }

    /// Says what to do for what is not installed: a registry has it, or one that is near; none where none has.
    #[must_use]
    pub fn to_install(&self, wanted: &Wanted) -> Option<String> {
        let index = self.has_index().then(|| self.index().ok()).flatten()?;
        let known = index.releases(&wanted.name, wanted.registry.as_ref()).ok()?;
        if known.is_empty() {
            let near = offered_near(&index, wanted)?;
            return Some(format!("did you mean `{near}`? {} installs it", install(&near)));
        }
        Some(format!("{} installs it", install(wanted)))
    }

    /// Whether the registry that a pack was installed from has withdrawn that release since, as far as the index knows.
    #[must_use]
    pub fn is_withdrawn(&self, installation: &Installation) -> bool {
        let Origin::Registry(registry) = &installation.origin else { return false };
        let known =
            self.has_index().then(|| self.index().and_then(|index| index.releases(&installation.name, Some(registry))));
        let Some(Ok(known)) = known else { return false };
        let mut releases = known.iter().map(|known| &known.release);
        releases.any(|release| release.digest == installation.digest && release.yanked)
    }

    /// The installed releases that were withdrawn since.
    #[must_use]
    pub fn withdrawn(&self, inventory: &Inventory) -> BTreeSet<(PackName, PackVersion)> {
        let withdrawn = inventory.iter().filter(|installation| self.is_withdrawn(installation));
        withdrawn.map(|installation| (installation.name.clone(), installation.version.clone())).collect()
    }
}

/// What to do where no registry has what is wanted.
pub(super) fn look_for(index: &Index, wanted: &Wanted) -> String {
    let near = offered_near(index, wanted).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    format!("{near}{} looks for packs", said("`packbox search WORDS`", "`Library::search`"))
}

/// The pack that was probably meant, of those that registries have: of the one that was named, if it has one that is near. It
/// is written as the user wrote it, with a registry or without.
pub(super) fn offered_near(index: &Index, wanted: &Wanted) -> Option<Wanted> {
    let search = |registry: Option<RegistryName>| {
        let filter = Filter { registry, ..Filter::default() };
        let found = index.search(wanted.name.as_str(), &filter, Page { offset: 0, limit: 1 }).ok()?;
        found.into_iter().next().map(|found| found.pack)
    };
    let in_named = wanted.registry.clone().and_then(|registry| search(Some(registry)));
    let found = in_named.or_else(|| search(None))?;
    let registry = wanted.registry.as_ref().map(|_| found.registry);
    Some(Wanted { registry, name: found.name, requirement: None })
}
