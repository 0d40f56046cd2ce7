//! What a newer release would change: files, and what components may do.

use std::collections::{BTreeMap, BTreeSet};

use semver::VersionReq;
use serde::Serialize;

use super::Library;
use super::install::Installing;
use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{Pack, PackName, PackPath, PluginName};
use crate::registry::installed::{Installation, Origin};
use crate::registry::names::{PackVersion, Wanted};
use crate::registry::release::{About, Capability};

/// What would change for one pack.
#[derive(Debug, Clone, Serialize)]
pub struct Update {
    /// The pack.
    pub name: PackName,
    /// The version that is installed.
    pub from: PackVersion,
    /// The version that there is.
    pub to: PackVersion,
    /// Files that differ.
    pub files: Vec<FileChange>,
    /// What its components may do, where that differs.
    pub capabilities: Vec<CapabilityChange>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// The file.
    pub path: PackPath,
    /// How it differs.
    pub change: Change,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// What a component may do, and could not before, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapabilityChange {
    /// The component.
    pub plugin: PluginName,
    /// What it is about: `component`, `abi`, `import`, `grant` or `limit`.
    pub what: &'static str,
    /// Before; none where there was nothing.
    pub before: Option<String>,
    /// Now; none where there is nothing.
    pub now: Option<String>,
}

impl CapabilityChange {
    /// Whether a component may do more than before: what a user should look at.
    #[must_use]
    pub fn widens(&self) -> bool {
        match self.what {
            "import" | "grant" => self.now.is_some(),
            "limit" => {
                let number =
                    |text: &Option<String>| text.as_ref().and_then(|text| text.split('=').nth(1)?.parse().ok());
                // No limit of its own is the default, of which nothing is known here: more, to be on the safe side.
                number(&self.now).unwrap_or(u64::MAX) > number(&self.before).unwrap_or(0)
            }
            "component" => self.before.is_none(),
            _ => false,
        }
    }
}

impl Library {
    /// Says what there is newer than what is installed; nothing is changed but the store.
    ///
    /// # Errors
    /// Those of [`Library::install`].
    pub fn updates(
        &self,
        wanted: &[Wanted],
        how: &Installing,
        progress: &dyn Fn(&str, u64, u64),
    ) -> Result<Vec<Update>> {
        let mut updates = Vec::new();
        for (wanted, before) in self.updatable(wanted)? {
            let after = self.stage(&[wanted], how, progress)?;
            for after in after {
                let Some(before) = before.iter().find(|before| before.name == after.name) else { continue };
                if after.version > before.version {
                    updates.push(self.compare(before, &after)?);
                }
            }
        }
        Ok(updates)
    }

    /// What the user means by names, or everything that was asked for from a registry; with what is installed of it.
    fn updatable(&self, wanted: &[Wanted]) -> Result<Vec<(Wanted, Vec<Installation>)>> {
        let installed = self.installed();
        let all = installed.list()?;
        let mut chosen: Vec<Wanted> = wanted.to_vec();
        if chosen.is_empty() {
            let names: BTreeSet<&PackName> = all
                .iter()
                .filter(|found| found.asked_for && matches!(found.origin, Origin::Registry(_)))
                .map(|found| &found.name)
                .collect();
            chosen = names
                .into_iter()
                .map(|name| Wanted { registry: None, name: name.clone(), requirement: None })
                .collect();
        }
        let mut updatable = Vec::new();
        for mut wanted in chosen {
            let found = installed.find(&wanted.name, None)?;
            // From where it came, unless the user says otherwise.
            if let (None, Origin::Registry(registry)) = (&wanted.registry, &found.origin) {
                wanted.registry = Some(registry.clone());
            }
            wanted.requirement.get_or_insert(VersionReq::STAR);
            updatable.push((wanted, vec![found]));
        }
        Ok(updatable)
    }

    /// Compares two installed or staged releases.
    fn compare(&self, before: &Installation, after: &Installation) -> Result<Update> {
        let store = self.store();
        let (old, new) = (store.open(&before.digest, &self.limits)?, store.open(&after.digest, &self.limits)?);
        Ok(Update {
            name: after.name.clone(),
            from: before.version.clone(),
            to: after.version.clone(),
            files: files(&old, &new)?,
            capabilities: capabilities(&before.about, &after.about),
        })
    }
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

/// Compares what components may do.
pub(super) fn capabilities(before: &About, now: &About) -> Vec<CapabilityChange> {
    let plugins: BTreeSet<&PluginName> = before.plugins.keys().chain(now.plugins.keys()).collect();
    let mut changes = Vec::new();
    for plugin in plugins {
        let (old, new) = (facts(before.plugins.get(plugin)), facts(now.plugins.get(plugin)));
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
        for key in keys {
            let (before, now) = (old.get(&key).cloned(), new.get(&key).cloned());
            if before != now {
                changes.push(CapabilityChange { plugin: plugin.clone(), what: key.0, before, now });
            }
        }
    }
    changes
}

/// What is to be known of a component, each fact by what it is about and which one of these it is.
fn facts(capability: Option<&Capability>) -> BTreeMap<(&'static str, String), String> {
    let Some(capability) = capability else { return BTreeMap::new() };
    let mut facts = BTreeMap::new();
    facts.insert(("component", String::new()), capability.sha256.to_string());
    if let Some(abi) = &capability.abi {
        facts.insert(("abi", String::new()), abi.to_string());
    }
    facts.extend(capability.imports.iter().map(|import| (("import", import.clone()), import.clone())));
    facts.extend(capability.grants.iter().map(|grant| (("grant", grant.clone()), grant.clone())));
    let limits = capability.limits.iter();
    facts.extend(limits.map(|(name, value)| (("limit", name.clone()), format!("{name}={value}"))));
    facts
}
