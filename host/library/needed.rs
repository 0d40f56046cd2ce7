//! What packs need to be generated: installed packs, one release of each.
//!
//! Always true here: a pack that was named by the user is what the others get; nothing is fetched, and nothing is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use semver::{Comparator, Op, VersionReq};

use super::Library;
use super::installed::{Installation, Inventory, Origin};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName};
use crate::registry::{Dependency, IndexedRelease, Metadata, PackVersion, RegistryName, Release};
use crate::resolve::{Candidates, Preferences, Requirement, resolve};

/// What a pack is said to come from that came from no registry.
const NO_REGISTRY: &str = "here";

impl Library {
    /// Finds the installed packs that packs need, and what these need in turn. What is not installed is left out: who puts the
    /// packs in order says so.
    ///
    /// # Errors
    /// [`ErrorKind::Resolution`] where no releases that are installed fit together; those of opening packs.
    pub fn needed_by(&self, named: &[Pack]) -> Result<Vec<Pack>> {
        let needs_any = |pack: &Pack| pack.manifest.dependencies.values().any(|needed| !needed.optional);
        if !named.iter().any(needs_any) {
            return Ok(Vec::new());
        }
        // Held from before packs are looked up until they were read, so that `clean` waits.
        let lock = self.store().lock_to_read()?;
        let inventory = self.installed().read()?;
        let here = named.iter().map(release_of).collect::<Result<Vec<_>>>()?;
        let named: BTreeMap<&PackName, &IndexedRelease> =
            here.iter().map(|known| (&known.release.name, known)).collect();
        if !is_complete(&named, &inventory) {
            return Ok(Vec::new());
        }
        let releases = |name: &PackName, _: Option<&RegistryName>| match named.get(name) {
            Some(known) => Ok(vec![(*known).clone()]),
            None => inventory.versions(name).map(installed_release).collect(),
        };
        let asked: Vec<Requirement> = named
            .values()
            .map(|known| Requirement {
                name: known.release.name.clone(),
                requirement: exactly(&known.release.version),
                registry: None,
            })
            .collect();
        let candidates = Candidates::gather_from(&releases, &asked, &Preferences::default())?;
        let resolution = resolve(&candidates, &asked, &self.waiting.interrupt).map_err(|error| match error.kind() {
            ErrorKind::Resolution => {
                error.hint("install versions that fit with `packbox install`, or name other versions of these packs")
            }
            _ => error,
        })?;
        let chosen = resolution.packs.iter().filter(|(name, _)| !named.contains_key(name));
        let mut packs = Vec::new();
        for (name, chosen) in chosen {
            let Some(found) = inventory.get(name, &chosen.release.version) else { continue };
            packs.push(self.store().open(&found.digest, &found.label(), &self.limits)?);
        }
        Ok(match lock {
            Some(lock) => {
                let lock = Arc::new(lock);
                packs.into_iter().map(|pack| pack.keeping(Arc::clone(&lock))).collect()
            }
            None => packs,
        })
    }
}

/// Whether there is any release of all that is needed.
fn is_complete(named: &BTreeMap<&PackName, &IndexedRelease>, inventory: &Inventory) -> bool {
    let of = |dependencies: &BTreeMap<PackName, Dependency>| {
        dependencies.iter().filter(|(_, needed)| !needed.optional).map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let mut waiting: Vec<PackName> = named.values().flat_map(|known| of(&known.release.about.dependencies)).collect();
    let mut done: BTreeSet<PackName> = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if named.contains_key(&name) || !done.insert(name.clone()) {
            continue;
        }
        if inventory.versions(&name).next().is_none() {
            return false;
        }
        waiting.extend(inventory.versions(&name).flat_map(|found| of(&found.dependencies)));
    }
    true
}

/// The requirement that one version meets.
pub(super) fn exactly(version: &PackVersion) -> VersionReq {
    let version = version.get();
    let comparator = Comparator {
        op: Op::Exact,
        major: version.major,
        minor: Some(version.minor),
        patch: Some(version.patch),
        pre: version.pre.clone(),
    };
    VersionReq { comparators: vec![comparator] }
}

fn known(
    registry: RegistryName,
    release: (PackName, PackVersion, Digest),
    dependencies: BTreeMap<PackName, Dependency>,
) -> IndexedRelease {
    let (name, version, digest) = release;
    let about = Metadata { dependencies, ..Metadata::default() };
    let release = Release {
        name,
        version,
        digest,
        archive: digest,
        bytes: 0,
        about,
        yanked: false,
        published: 0,
        score: None,
        signatures: Vec::new(),
    };
    IndexedRelease { registry, release }
}

fn no_registry() -> Result<RegistryName> {
    NO_REGISTRY.parse().map_err(|error| Error::new(ErrorKind::Resolution, format!("a registry's name {error}")))
}

/// A pack that was named, as the solver knows releases.
pub(super) fn release_of(pack: &Pack) -> Result<IndexedRelease> {
    let meta = &pack.manifest.pack;
    let version = PackVersion::new(meta.version.value.clone())
        .map_err(|why| Error::new(ErrorKind::Manifest, why).at(pack.span(&meta.version.range)))?;
    let dependencies = pack.manifest.dependencies.iter().map(|(name, needed)| {
        let version = needed.requirement.value.clone();
        (name.clone(), Dependency { version, optional: needed.optional })
    });
    Ok(known(no_registry()?, (meta.name.value.clone(), version, Digest::of(b"")), dependencies.collect()))
}

fn installed_release(found: &Installation) -> Result<IndexedRelease> {
    let registry = match &found.origin {
        Origin::Registry(registry) => registry.clone(),
        Origin::Path(_) | Origin::Oci(_) => no_registry()?,
    };
    let release = (found.name.clone(), found.version.clone(), found.digest);
    Ok(known(registry, release, found.dependencies.clone()))
}
