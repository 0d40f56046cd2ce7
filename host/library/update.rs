//! What a newer release would change, or an older one in place of one that was withdrawn: files, and what components may do.
//!
//! Always true here: where nothing can be chosen for one pack, it stays as it is, and the others are looked at all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use semver::VersionReq;
use serde::Serialize;

use super::Library;
use super::capability::{self, PluginChange};
use super::install::Installing;
use super::installed::{Installation, Inventory, Origin};
use super::uninstall::{check_not_needed, prune};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName, PackPath};
use crate::registry::{Metadata, PackVersion, RegistryName, Wanted};

/// What there is newer than what is installed.
#[derive(Debug, Clone, Default)]
pub struct Updates {
    /// What would change, by name.
    pub updates: Vec<Update>,
    /// Packs that stay as they are, as there is nothing that could be chosen for them.
    pub stays: Vec<Stays>,
}

/// A pack that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stays {
    /// The pack.
    pub name: PackName,
    /// The version that is installed.
    pub version: PackVersion,
    /// Where it came from.
    pub registry: RegistryName,
    /// Why nothing can be chosen.
    pub why: WhyItStays,
}

/// Why nothing can be chosen for a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WhyItStays {
    /// Its registry withdrew all of its releases.
    Withdrawn,
    /// The user has no registry of that name any more.
    NoRegistry,
    /// What its registry says now can't be trusted.
    Damaged,
    /// What it would become can't be fetched, as a registry can't be read; what went wrong.
    Unread(String),
    /// What the resolver says.
    Nothing(String),
}

/// What would change for one pack.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Update {
    /// The pack.
    pub name: PackName,
    /// The version that is installed; none where the pack is new, as an updated one needs it.
    pub from: Option<PackVersion>,
    /// The version that there is.
    pub to: PackVersion,
    /// Whether the installed version goes.
    pub replaces: bool,
    /// Files that differ.
    pub files: Vec<FileChange>,
    /// What its components may do, where that differs.
    pub capabilities: Vec<PluginChange>,
    /// What would be installed.
    #[serde(skip)]
    after: Installation,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileChange {
    /// The file.
    pub path: PackPath,
    /// How it differs.
    pub change: Change,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

impl Library {
    /// Says what there is newer than what is installed, and what comes with it; nothing is changed but the store. `unread` are the
    /// registries that could not be read now, and why: what is from one that is damaged stays, and of others what was last
    /// read counts.
    ///
    /// # Errors
    /// Those of [`Library::install`]; `Resolution` only for versions that the user asked for.
    pub fn updates(
        &self,
        wanted: &[Wanted],
        how: &Installing,
        unread: &HashMap<RegistryName, ErrorKind>,
    ) -> Result<Updates> {
        let is_damaged = |registry: &RegistryName| unread.get(registry) == Some(&ErrorKind::Integrity);
        let may_be_unread = |error: &Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::Io => !unread.is_empty(),
            ErrorKind::Integrity => unread.values().any(|kind| *kind == ErrorKind::Integrity),
            _ => false,
        };
        let inventory = self.installed().read()?;
        let (mut updates, mut stays) = (BTreeMap::new(), Vec::new());
        for Updatable { wanted, found, any_version } in self.updatable(&inventory, wanted)? {
            let mut stay = |registry: RegistryName, why: WhyItStays| {
                stays.push(Stays { name: found.name.clone(), version: found.version.clone(), registry, why });
            };
            if let Some(registry) = wanted.registry.as_ref().filter(|registry| is_damaged(registry)) {
                stay(registry.clone(), WhyItStays::Damaged);
                continue;
            }
            let staged = match self.stage(std::slice::from_ref(&wanted), how) {
                Err(error) if any_version && error.kind() == ErrorKind::Resolution => {
                    let Some(registry) = wanted.registry else { return Err(error) };
                    let why = self.why_it_stays(&found, &registry, &error)?;
                    stay(registry, why);
                    continue;
                }
                Err(error) if any_version && may_be_unread(&error) => {
                    let Some(registry) = wanted.registry else { return Err(error) };
                    stay(registry, WhyItStays::Unread(error.to_string()));
                    continue;
                }
                staged => staged?,
            };
            // What it needs from one that is damaged stays as well.
            let is_new = |after: &&Installation| inventory.get(&after.name, &after.version).is_none();
            let from_damaged = staged.iter().filter(is_new).find_map(|after| match &after.origin {
                Origin::Registry(registry) => Some(registry.clone()).filter(is_damaged),
                Origin::Path(_) | Origin::Oci(_) => None,
            });
            if let Some(registry) = from_damaged {
                stay(registry, WhyItStays::Damaged);
                continue;
            }
            let is_back = staged.iter().any(|after| after.name == wanted.name && after.version < found.version);
            // Back goes only who has what was withdrawn: what is installed stays where only its registry lost it.
            if is_back && !self.is_withdrawn(&found) {
                continue;
            }
            for after in staged {
                // What goes back replaces what was withdrawn, also where it is here already.
                let goes_back = is_back && after.name == wanted.name;
                let there = inventory.get(&after.name, &after.version);
                if !goes_back && there.is_some_and(|there| there.digest == after.digest) {
                    continue;
                }
                let older = || inventory.versions(&after.name).find(|before| before.version < after.version);
                let before = if goes_back { Some(&found) } else { older() };
                // Another version that the user asked for stays beside what this pack needs.
                let replaces = before.is_some_and(|before| after.name == wanted.name || !before.asked_for);
                let update = self.compare(before, after, replaces)?;
                updates.insert((update.name.clone(), update.to.clone()), update);
            }
        }
        Ok(Updates { updates: updates.into_values().collect(), stays })
    }

    /// Says why nothing can be chosen for an installed pack, where `error` is what the resolver told.
    fn why_it_stays(&self, found: &Installation, registry: &RegistryName, error: &Error) -> Result<WhyItStays> {
        if !self.registries()?.has(Some(registry)) {
            return Ok(WhyItStays::NoRegistry);
        }
        let known = self.index()?.releases(&found.name, Some(registry))?;
        let is_withdrawn = !known.is_empty() && known.iter().all(|known| known.release.yanked);
        Ok(if is_withdrawn { WhyItStays::Withdrawn } else { WhyItStays::Nothing(error.to_string()) })
    }

    /// Installs what [`Library::updates`] told, all of it at once, in place of what was there.
    ///
    /// # Errors
    /// `NotFound` where it was cleaned from the store since; `Io`. Then nothing is changed.
    pub fn take(&self, updates: &[Update]) -> Result<()> {
        self.waiting.interrupt.go_on()?;
        let store = self.store();
        let lock = store.lock_shared()?;
        if let Some(gone) = updates.iter().find(|update| !store.has(&update.after.digest)) {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("{} {} is no longer on this machine", gone.name, gone.to),
            )
            .hint("it was cleaned up in the meantime; run `packbox update` again"));
        }
        self.installed().change(&lock, |inventory| {
            let mut replaced = Vec::new();
            for update in updates {
                let mut after = update.after.clone();
                let before = update.from.as_ref().and_then(|from| inventory.get(&update.name, from));
                if update.replaces {
                    // What was uninstalled in between stays so.
                    let Some(before) = before else { continue };
                    after.asked_for |= before.asked_for;
                    replaced.push(before.clone());
                }
                inventory.add(after);
            }
            for before in replaced {
                inventory.remove(&before.name, &before.version);
                if check_not_needed(inventory, &before).is_err() {
                    inventory.add(Installation { asked_for: false, ..before });
                }
            }
            prune(inventory);
            Ok(())
        })
    }

    /// What the user means by names, or everything that was asked for from a registry; with what is installed of it.
    fn updatable(&self, inventory: &Inventory, wanted: &[Wanted]) -> Result<Vec<Updatable>> {
        let mut chosen = wanted.to_vec();
        if chosen.is_empty() {
            let from_registry = |found: &&Installation| found.asked_for && matches!(found.origin, Origin::Registry(_));
            let names: BTreeSet<&PackName> = inventory.iter().filter(from_registry).map(|found| &found.name).collect();
            let named = |name: &PackName| Wanted { registry: None, name: name.clone(), requirement: None };
            chosen = names.into_iter().map(named).collect();
        }
        let mut updatable = Vec::new();
        for mut wanted in chosen {
            let any = Wanted { registry: None, name: wanted.name.clone(), requirement: None };
            if inventory.versions(&wanted.name).next().is_none() {
                let near = inventory.near(&wanted).map(|near| format!("did you mean `{near}`?"));
                let listed = || "`packbox list --installed` shows what is installed".to_owned();
                let hint = near.or_else(|| self.to_install(&wanted)).unwrap_or_else(listed);
                return Err(inventory.lacks(&wanted).0.hint(hint));
            }
            let found = inventory.find(&any)?;
            // From where it came, unless the user says otherwise.
            if let (None, Origin::Registry(registry)) = (&wanted.registry, &found.origin) {
                wanted.registry = Some(registry.clone());
            }
            let from_there =
                matches!(&found.origin, Origin::Registry(registry) if wanted.registry.as_ref() == Some(registry));
            let any_version = from_there && wanted.requirement.is_none();
            wanted.requirement.get_or_insert(VersionReq::STAR);
            updatable.push(Updatable { wanted, found: found.clone(), any_version });
        }
        Ok(updatable)
    }

    /// Compares an installed release with a staged one.
    fn compare(&self, before: Option<&Installation>, after: Installation, replaces: bool) -> Result<Update> {
        let store = self.store();
        let new = store.open(&after.digest, &after.label(), &self.limits)?;
        let old = before.map(|before| store.open(&before.digest, &before.label(), &self.limits)).transpose()?;
        let about = old.as_ref().map(Metadata::of).transpose()?.unwrap_or_default();
        Ok(Update {
            name: after.name.clone(),
            from: before.map(|before| before.version.clone()),
            to: after.version.clone(),
            replaces,
            files: old.as_ref().map(|old| files(old, &new)).transpose()?.unwrap_or_default(),
            capabilities: capability::compare(&about, &Metadata::of(&new)?),
            after,
        })
    }
}

/// A pack that may be updated.
struct Updatable {
    /// What is looked for.
    wanted: Wanted,
    /// What is installed.
    found: Installation,
    /// Whether any version will do, from where the installed one came.
    any_version: bool,
}

fn files(old: &Pack, new: &Pack) -> Result<Vec<FileChange>> {
    let paths: BTreeSet<&PackPath> = old.files.keys().chain(new.files.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let change = match (old.files.get(path), new.files.get(path)) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            (Some(left), Some(right)) if left == right && digest(old, path)? == digest(new, path)? => continue,
            _ => Change::Changed,
        };
        changes.push(FileChange { path: path.clone(), change });
    }
    Ok(changes)
}

fn digest(pack: &Pack, path: &PackPath) -> Result<Digest> {
    Ok(Digest::of(&pack.read(path)?))
}
