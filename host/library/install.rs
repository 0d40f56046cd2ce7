//! Installing: choose, fetch, check, store, refer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use semver::VersionReq;
use serde::Serialize;

use super::Library;
use super::find::look_for;
use super::installed::{Installation, Origin};
use super::needed::{exactly, release_of};
use super::store::StoreLock;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName};
use crate::registry::{
    Index, IndexedRelease, Metadata, PackVersion, Registries, RegistryName, Release, Source, Wanted, check_size, trust,
};
#[cfg(feature = "oci")]
use crate::registry::{Location, OciSource, RegistryEntry};
use crate::resolve::{Candidates, Chosen, LOCK_NAME, Lock, Preferences, Requirement, Resolution, order, resolve};

/// How to install.
#[derive(Debug, Clone, Default)]
pub struct Installing {
    /// What a lock pins; it is kept where it fits.
    pub preferences: Preferences,
    /// Whether nothing but what a lock pins may be installed.
    pub locked: bool,
    /// Whether only what is in the store already may be used.
    pub offline: bool,
}

/// What was installed.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// The packs, each after those that it needs.
    pub packs: Vec<Entry>,
    /// What was chosen, for a lock.
    #[serde(skip)]
    pub resolution: Resolution,
}

/// A pack of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    /// The pack.
    pub name: PackName,
    /// Its version.
    pub version: PackVersion,
    /// The digest of its content.
    pub digest: Digest,
    /// Where it came from.
    pub origin: String,
    /// Bytes that were fetched; 0 where it was here.
    pub fetched: u64,
    /// Whether it was installed before.
    pub was_installed: bool,
    /// Whether a key or a digest is trusted.
    pub trusted: bool,
    /// Whether its registry withdrew it: a lock holds it.
    pub withdrawn: bool,
}

fn asked(wanted: &[Wanted]) -> Vec<Requirement> {
    let asked = wanted.iter().map(|wanted| Requirement {
        name: wanted.name.clone(),
        requirement: wanted.requirement.clone().unwrap_or(VersionReq::STAR),
        registry: wanted.registry.clone(),
    });
    asked.collect()
}

/// Says what to do where no registry has a pack that was asked for, or none was ever read.
fn advised(index: &Index, asked: &[Requirement], error: Error) -> Error {
    if index.registries().is_ok_and(|known| known.is_empty()) {
        return error.hint(said(
            "no registry has been read yet; add one with `packbox registry add NAME LOCATION`",
            "no registry has been read yet; add one with `Library::add_registry`",
        ));
    }
    let is_nowhere =
        |asked: &&Requirement| index.releases(&asked.name, asked.registry.as_ref()).is_ok_and(|known| known.is_empty());
    let Some(Requirement { name, registry, .. }) = asked.iter().find(is_nowhere) else { return error };
    let error = match registry {
        Some(registry) if index.registries().is_ok_and(|known| known.iter().all(|known| known.name != *registry)) => {
            Error::new(ErrorKind::Resolution, format!("there is no registry `{registry}`"))
        }
        Some(registry) => Error::new(ErrorKind::Resolution, format!("the registry `{registry}` has no pack `{name}`")),
        None => error,
    };
    error.hint(look_for(index, &Wanted { registry: registry.clone(), name: name.clone(), requirement: None }))
}

/// What messages call a release: as [`Installation::label`] does.
fn label(registry: &RegistryName, release: &Release) -> String {
    format!("{registry}/{}@{}", release.name, release.version)
}

/// A pack that is in the store, and not yet referred to.
struct Stored {
    installation: Installation,
    fetched: u64,
    trusted: bool,
    withdrawn: bool,
}

impl Library {
    /// Installs packs by name, with everything that they need.
    ///
    /// # Errors
    /// `Resolution` where nothing fits; `NotFound` where offline and not in the store; `Integrity` where something is not
    /// what was announced, or not trusted; those of sources. Then nothing is installed.
    pub fn install(&self, wanted: &[Wanted], how: &Installing) -> Result<Report> {
        let asked = asked(wanted);
        let resolution = self.choose(&asked, &[], how)?;
        self.install_chosen(resolution, &asked)
    }

    /// Installs packs by name, with everything that they and the packs `here` need: what is here is what the others get, and is not
    /// installed. What was chosen has to fit the `lock` that the preferences are from, if there is one.
    ///
    /// # Errors
    /// As [`Library::install`], and [`Library::check_chosen`].
    pub fn install_beside(
        &self,
        wanted: &[Wanted],
        here: &[Pack],
        (how, lock): (&Installing, Option<&Lock>),
    ) -> Result<Report> {
        let here = here.iter().map(release_of).collect::<Result<Vec<_>>>()?;
        let asked = asked(wanted);
        let these = here.iter().map(|known| Requirement {
            name: known.release.name.clone(),
            requirement: exactly(&known.release.version),
            registry: None,
        });
        let all: Vec<Requirement> = asked.iter().cloned().chain(these).collect();
        let mut resolution = self.choose(&all, &here, how)?;
        resolution.packs.retain(|name, _| here.iter().all(|known| known.release.name != *name));
        if let Some(lock) = lock {
            self.check_chosen(lock, &resolution, how)?;
        }
        self.install_chosen(resolution, &asked)
    }

    /// Installs the pack in a folder or an archive, with everything that it needs from registries.
    ///
    /// # Errors
    /// Those of [`Pack::load`] and [`Library::install`].
    pub fn install_path(&self, path: &Path, how: &Installing) -> Result<Report> {
        let pack = Pack::load(path, &self.limits)?;
        pack.check_host(&crate::version())?;
        let absolute =
            std::path::absolute(path).map_err(|error| Error::io("cannot find the path of the pack's folder", error))?;
        self.install_pack(&pack, (Origin::Path(absolute.display().to_string()), &[]), how)
    }

    /// Installs the pack that an OCI reference names: `HOST/REPOSITORY:TAG`, without `oci://`. How the host is reached is
    /// taken from a registry of the user's on that host, if there is one.
    ///
    /// # Errors
    /// Those of [`Library::install`]; `Usage` where it is no reference.
    #[cfg(feature = "oci")]
    pub fn install_oci(&self, reference: &str, how: &Installing) -> Result<Report> {
        let shown = crate::text::printable_line(reference);
        let slash = reference.rfind('/').unwrap_or(0);
        let Some((repository, tag)) = reference.rsplit_once(':').filter(|(repository, _)| repository.len() > slash)
        else {
            return Err(Error::new(ErrorKind::Usage, format!("`oci://{shown}` names no version"))
                .hint("write `oci://HOST/REPOSITORY/NAME:1.2.3`"));
        };
        let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if tag.is_empty() || tag.len() > 128 || !tag.bytes().all(is_tag) {
            return Err(Error::new(ErrorKind::Usage, format!("`oci://{shown}` has an invalid tag"))
                .hint("write `oci://HOST/REPOSITORY/NAME:1.2.3`"));
        }
        let registries = self.registries()?;
        let wanted = Location::parse(&format!("oci://{repository}"))?;
        let is_there = |entry: &&RegistryEntry| {
            Location::parse(&entry.location).is_ok_and(|location| location.host() == wanted.host())
        };
        let entry = registries.registries.values().find(is_there);
        let source = OciSource::new(repository, self.reach().access(entry))?;
        let release = source.release(tag)?;
        check_size(&release, &self.limits)?;
        let what = release.name_and_version();
        let archive = source.fetch_here(&release, &*self.waiting.progress)?;
        let pack = Pack::from_archive(&what, &archive, &self.limits)?;
        release.verify(&pack)?;
        pack.check_host(&crate::version())?;
        let origin = Origin::Oci(format!("oci://{reference}"));
        self.install_pack(&pack, (origin, &release.signatures), how)
    }

    /// Installs a pack that is at hand, with where it came from and who signed it, and with everything that it needs from registries.
    ///
    /// # Errors
    /// Those of [`Library::install`].
    pub fn install_pack(
        &self,
        pack: &Pack,
        (origin, signatures): (Origin, &[String]),
        how: &Installing,
    ) -> Result<Report> {
        let meta = &pack.manifest.pack;
        let version = PackVersion::new(meta.version.value.clone())
            .map_err(|why| Error::new(ErrorKind::Manifest, why).at(pack.span(&meta.version.range)))?;
        let needed = pack.manifest.dependencies.iter().filter(|(_, needed)| !needed.optional);
        let asked: Vec<Requirement> = needed
            .map(|(name, needed)| Requirement {
                name: name.clone(),
                requirement: needed.requirement.value.clone(),
                registry: None,
            })
            .collect();
        let resolution = if asked.is_empty() { Resolution::default() } else { self.choose(&asked, &[], how)? };
        let registries = self.registries()?;
        let digest = pack.digest()?;
        let what = format!("{} {version}", meta.name.value);
        let trusted = trust::check(&registries.trust, None, &what, &digest, signatures)?;
        let lock = self.store().lock_shared()?;
        let mut stored = self.store_chosen(&lock, (&registries, &resolution), &BTreeSet::new())?;
        self.store().put(&lock, pack)?;
        let about = Metadata::of(pack)?;
        let installation = Installation {
            name: meta.name.value.clone(),
            version,
            digest,
            origin,
            bytes: pack.files.values().map(|info| info.bytes).sum(),
            asked_for: true,
            title: about.title,
            description: about.description,
            dependencies: about.dependencies,
        };
        stored.push(Stored { installation, fetched: 0, trusted, withdrawn: false });
        self.refer(&lock, stored, resolution)
    }

    /// Chooses, fetches and checks, and puts into the store what would be installed. Nothing refers to it.
    pub(super) fn stage(&self, wanted: &[Wanted], how: &Installing) -> Result<Vec<Installation>> {
        let asked = asked(wanted);
        let resolution = self.choose(&asked, &[], how)?;
        let lock = self.store().lock_shared()?;
        let registries = self.registries()?;
        let stored = self.store_chosen(&lock, (&registries, &resolution), &BTreeSet::new())?;
        Ok(stored.into_iter().map(|stored| stored.installation).collect())
    }

    /// Chooses what to install; what is here comes from no registry.
    fn choose(&self, asked: &[Requirement], here: &[IndexedRelease], how: &Installing) -> Result<Resolution> {
        let index = self.index()?;
        let store = self.store();
        let is_here = |name: &PackName| here.iter().any(|known| known.release.name == *name);
        let releases = |name: &PackName, registry: Option<&RegistryName>| {
            if let Some(known) = here.iter().find(|known| known.release.name == *name) {
                return Ok(vec![known.clone()]);
            }
            let mut known = index.releases(name, registry)?;
            if how.locked {
                known.retain(|known| how.preferences.get(name).is_some_and(|pin| pin.holds(&known.release)));
            }
            if how.offline {
                known.retain(|known| store.has(&known.release.digest));
            }
            Ok(known)
        };
        let candidates = Candidates::gather_from(&releases, asked, &how.preferences)?;
        let resolution = resolve(&candidates, asked, &self.waiting.interrupt).map_err(|error| match error.kind() {
            ErrorKind::Resolution if how.offline => error.hint("without `--offline`, more may be found"),
            ErrorKind::Resolution if how.locked => {
                let is_unlocked = |name: &PackName| !how.preferences.contains_key(name) && !is_here(name);
                let unlocked = asked.iter().find(|asked| is_unlocked(&asked.name));
                error.hint(match unlocked {
                    Some(Requirement { name, .. }) => format!(
                        "`{LOCK_NAME}` has no {name}; without `--locked` others can be chosen, and `--lock` writes them to it"
                    ),
                    None => format!(
                        "`{LOCK_NAME}` does not fit; without `--locked` others can be chosen, and `--lock` writes them to it"
                    ),
                })
            }
            ErrorKind::Resolution => {
                let asked: Vec<Requirement> = asked.iter().filter(|asked| !is_here(&asked.name)).cloned().collect();
                advised(&index, &asked, error)
            }
            _ => error,
        })?;
        order(&resolution)?;
        Ok(resolution)
    }

    fn install_chosen(&self, resolution: Resolution, asked: &[Requirement]) -> Result<Report> {
        let lock = self.store().lock_shared()?;
        let names: BTreeSet<&PackName> = asked.iter().map(|asked| &asked.name).collect();
        let registries = self.registries()?;
        let stored = self.store_chosen(&lock, (&registries, &resolution), &names)?;
        self.refer(&lock, stored, resolution)
    }

    /// Fetches what is not here, checks it, and puts it into the store. Nothing refers to it yet.
    fn store_chosen(
        &self,
        lock: &StoreLock,
        chosen: (&Registries, &Resolution),
        asked: &BTreeSet<&PackName>,
    ) -> Result<Vec<Stored>> {
        let (registries, resolution) = chosen;
        let store = self.store();
        let mut sources: BTreeMap<&RegistryName, Box<dyn Source>> = BTreeMap::new();
        let mut stored = Vec::new();
        for name in order(resolution)? {
            let Some(Chosen { registry, release, .. }) = resolution.packs.get(&name) else { continue };
            self.waiting.interrupt.go_on()?;
            let entry = registries.get(registry)?;
            let what = release.name_and_version();
            let trusted = trust::check(&registries.trust, Some(entry), &what, &release.digest, &release.signatures)?;
            let mut fetched = 0;
            let pack = if store.has(&release.digest) {
                store.open(&release.digest, &label(registry, release), &self.limits)?
            } else {
                if !sources.contains_key(registry) {
                    sources.insert(registry, self.source(registries, registry)?);
                }
                let Some(source) = sources.get(registry) else { continue };
                let pack = self.fetch(&**source, registry, release)?;
                fetched = release.bytes;
                store.put(lock, &pack)?;
                pack
            };
            let about = Metadata::of(&pack)?;
            let installation = Installation {
                name: release.name.clone(),
                version: release.version.clone(),
                digest: release.digest,
                origin: Origin::Registry(registry.clone()),
                bytes: pack.files.values().map(|info| info.bytes).sum(),
                asked_for: asked.contains(&name),
                title: about.title,
                description: about.description,
                dependencies: about.dependencies,
            };
            stored.push(Stored { installation, fetched, trusted, withdrawn: release.yanked });
        }
        Ok(stored)
    }

    /// Fetches a release into memory, and checks that it is what was announced; nothing is installed.
    ///
    /// # Errors
    /// `Integrity` where it is not; those of sources and of reading archives.
    pub fn peek(&self, known: &IndexedRelease) -> Result<Pack> {
        let source = self.source(&self.registries()?, &known.registry)?;
        self.fetch(&*source, &known.registry, &known.release)
    }

    fn fetch(&self, source: &dyn Source, registry: &RegistryName, release: &Release) -> Result<Pack> {
        check_size(release, &self.limits)?;
        let archive = source.fetch(release, &*self.waiting.progress)?;
        let pack = Pack::from_archive(&label(registry, release), &archive, &self.limits)?;
        release.verify(&pack)?;
        Ok(pack)
    }

    /// Makes what is in the store visible, all of it at once.
    fn refer(&self, lock: &StoreLock, stored: Vec<Stored>, resolution: Resolution) -> Result<Report> {
        let packs = self.installed().change(lock, |inventory| {
            let mut packs = Vec::new();
            for Stored { mut installation, fetched, trusted, withdrawn } in stored {
                let before = inventory.get(&installation.name, &installation.version);
                // Who asked for a pack once still does.
                installation.asked_for |= before.is_some_and(|before| before.asked_for);
                packs.push(Entry {
                    name: installation.name.clone(),
                    version: installation.version.clone(),
                    digest: installation.digest,
                    origin: installation.origin.to_string(),
                    fetched,
                    was_installed: before.is_some_and(|before| before.digest == installation.digest),
                    trusted,
                    withdrawn,
                });
                inventory.add(installation);
            }
            Ok(packs)
        })?;
        Ok(Report { packs, resolution })
    }
}
