//! What is installed: one small file, which refers to the store.
//!
//! ```text
//! installed.json       every installed pack and version
//! installed.lock       held by whoever changes it
//! ```
//!
//! Always true here: a change appears whole, by one rename, after all that it refers to is in the store; what is read is
//! checked like anything else that others could have written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::steps::Steps;
use super::store::StoreLock;
use super::words::install;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files::sync_folder;
use crate::pack::PackName;
use crate::registry::{Dependency, PackVersion, RegistryName, Wanted, satisfies};
use crate::{files, text};

/// The form of the file.
const FORMAT: u32 = 1;
/// The most bytes of it that are read: room for some 100,000 packs.
const LARGEST: u64 = 64 << 20;

/// A pack that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Installation {
    /// The pack.
    pub name: PackName,
    /// Its version.
    pub version: PackVersion,
    /// The digest of its content.
    pub digest: Digest,
    /// Where it came from.
    pub origin: Origin,
    /// Its size, in bytes, unpacked.
    pub bytes: u64,
    /// Whether it was asked for, and not only needed by another pack.
    pub asked_for: bool,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What one gets; none, too, where a packbox before this one installed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Packs that it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<PackName, Dependency>,
}

/// Where an installed pack came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A registry, by the name that it had then.
    Registry(RegistryName),
    /// A folder or an archive, as the user named it.
    Path(String),
    /// An OCI reference that the user named.
    Oci(String),
}

impl Installation {
    /// What messages call it: as a user may type it.
    #[must_use]
    pub fn label(&self) -> String {
        let Self { name, version, .. } = self;
        match &self.origin {
            Origin::Registry(registry) => format!("{registry}/{name}@{version}"),
            Origin::Path(_) | Origin::Oci(_) => format!("{name}@{version}"),
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Registry(name) => name.fmt(formatter),
            Self::Path(text) | Self::Oci(text) => formatter.write_str(&text::printable_line(text)),
        }
    }
}

/// Everything that is installed, by name and version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<PackName, BTreeMap<PackVersion, Installation>>);

impl Inventory {
    /// All of it, by name, the newest version of each first.
    pub fn iter(&self) -> impl Iterator<Item = &Installation> {
        self.0.values().flat_map(|versions| versions.values().rev())
    }

    /// The versions of a pack, the newest first.
    pub fn versions(&self, name: &PackName) -> impl Iterator<Item = &Installation> {
        self.0.get(name).into_iter().flat_map(|versions| versions.values().rev())
    }

    /// The names of the packs.
    pub fn names(&self) -> impl Iterator<Item = &PackName> {
        self.0.keys()
    }

    /// A pack's version.
    #[must_use]
    pub fn get(&self, name: &PackName, version: &PackVersion) -> Option<&Installation> {
        self.0.get(name)?.get(version)
    }

    /// Adds a pack, in place of the same version.
    pub fn add(&mut self, installation: Installation) {
        let versions = self.0.entry(installation.name.clone()).or_default();
        versions.insert(installation.version.clone(), installation);
    }

    /// Takes a pack's version out.
    pub fn remove(&mut self, name: &PackName, version: &PackVersion) -> Option<Installation> {
        let versions = self.0.get_mut(name)?;
        let removed = versions.remove(version);
        if versions.is_empty() {
            self.0.remove(name);
        }
        removed
    }

    /// Which digests are referred to, and by what.
    #[must_use]
    pub fn referred(&self) -> BTreeMap<Digest, String> {
        self.iter().map(|found| (found.digest, format!("{} {}", found.name, found.version))).collect()
    }

    /// The installed pack whose name is near, written as the user wrote it: with a registry or without.
    #[must_use]
    pub fn near(&self, wanted: &Wanted) -> Option<String> {
        let near = text::nearest(wanted.name.as_str(), self.names().map(PackName::as_str))?;
        let origin = self.0.get(near).and_then(|versions| versions.values().next_back()).map(|found| &found.origin);
        Some(match (&wanted.registry, origin) {
            (Some(_), Some(Origin::Registry(registry))) => format!("{registry}/{near}"),
            _ => near.to_owned(),
        })
    }

    /// The versions that a user means, the newest first: of the pack, from the registry that was named, if one was.
    pub fn meant<'a>(&'a self, wanted: &Wanted) -> impl Iterator<Item = &'a Installation> {
        self.versions(&wanted.name).filter(|found| match &wanted.registry {
            Some(registry) => matches!(&found.origin, Origin::Registry(from) if from == registry),
            None => true,
        })
    }

    /// Finds the version that a user means: the newest that will do.
    ///
    /// # Errors
    /// `NotFound`, with what is near or what is installed instead.
    pub fn find(&self, wanted: &Wanted) -> Result<&Installation> {
        let requirement = wanted.requirement.as_ref();
        let newest = self.meant(wanted).find(|found| satisfies(requirement, found.version.get()));
        // Who installed a pre-release alone means that.
        let newest = newest.or_else(|| self.meant(wanted).next().filter(|_| requirement.is_none()));
        if let Some(found) = newest {
            return Ok(found);
        }
        let name = &wanted.name;
        Err(match self.lacks(wanted) {
            (error, Some(installed)) => {
                error.hint(format!("{installed}; {} looks for another version", install(wanted)))
            }
            (error, None) => {
                let near = self.near(wanted).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                error.hint(said(
                    format!("{near}install it with `packbox install {name}`, or name a folder: `./{name}`"),
                    format!("{near}install it with {}, or load a folder with `Packbox::load`", install(name)),
                ))
            }
        })
    }

    /// Says that what a user means is not installed, and which releases of the pack are, if any.
    #[must_use]
    pub fn lacks(&self, wanted: &Wanted) -> (Error, Option<String>) {
        let name = &wanted.name;
        let versions: Vec<String> =
            self.versions(name).map(|found| format!("{} from {}", found.version, found.origin)).collect();
        if versions.is_empty() {
            return (Error::new(ErrorKind::NotFound, format!("the pack `{name}` is not installed")), None);
        }
        let error = Error::new(ErrorKind::NotFound, format!("no installed pack matches `{wanted}`"));
        (error, Some(format!("installed: {}", versions.join(", "))))
    }
}

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    packs: Vec<Installation>,
}

/// The file that says what is installed.
#[derive(Debug, Clone)]
pub struct Installed {
    folder: PathBuf,
    steps: Steps,
}

impl Installed {
    /// Names the folder that the file is in; nothing is made or read.
    #[must_use]
    pub const fn new(folder: PathBuf, steps: Steps) -> Self {
        Self { folder, steps }
    }

    /// Reads what is installed; nothing where there is no file.
    ///
    /// # Errors
    /// `Integrity` where the file is not what packbox wrote; `Refused` where a newer one wrote it; `Io`.
    pub fn read(&self) -> Result<Inventory> {
        let path = self.path();
        let failed = |error| Error::io(format!("cannot read `{}`", path.display()), error);
        let damaged = |why: &str| {
            Error::new(ErrorKind::Integrity, format!("`{}` is not what packbox wrote: {why}", path.display()))
                .hint("restore it from a backup; or remove it, and install what you need again")
        };
        let bytes = match files::read_regular(&path, LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Inventory::default()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(damaged("it is too large")),
            Err(error) if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) => {
                return Err(damaged(&error.to_string()));
            }
            Err(error) => return Err(failed(error)),
        };
        let json = files::text(&bytes).map_err(|error| damaged(&error.to_string()))?;
        let stored: Stored =
            serde_json::from_str(json).map_err(|error| damaged(&text::printable_line(&error.to_string())))?;
        if stored.format != FORMAT {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("`{}` has the format {}, but this packbox knows {FORMAT}", path.display(), stored.format),
            )
            .hint("upgrade packbox"));
        }
        let mut inventory = Inventory::default();
        for installation in stored.packs {
            inventory.add(installation);
        }
        Ok(inventory)
    }

    /// Changes what is installed, alone; nothing is written where nothing changes. Everything that the change refers to is
    /// in the store, where `_lock` keeps it.
    ///
    /// # Errors
    /// Those of `change`, of [`Installed::read`], and `Io`; then nothing is changed.
    pub fn change<T>(&self, _lock: &StoreLock, change: impl FnOnce(&mut Inventory) -> Result<T>) -> Result<T> {
        let path = self.path();
        let failed = |error| Error::io(format!("cannot write `{}`", path.display()), error);
        let _alone = self.lock().map_err(failed)?;
        let before = self.read()?;
        let mut after = before.clone();
        let told = change(&mut after)?;
        if after != before {
            let stored = Stored { format: FORMAT, packs: after.iter().cloned().collect() };
            let json = serde_json::to_vec_pretty(&stored).map_err(|error| failed(error.into()))?;
            self.steps.next("reference");
            files::replace(&path, &json).map_err(failed)?;
            self.steps.next("referred");
            sync_folder(&self.folder).map_err(failed)?;
        }
        Ok(told)
    }

    /// Removes what killed processes left, or counts it only, with `dry_run`. Returns how many files that are, and their
    /// bytes.
    ///
    /// # Errors
    /// `Io`.
    pub fn sweep(&self, dry_run: bool) -> Result<(u64, u64)> {
        let failed = |error| Error::io(format!("cannot clean `{}`", self.folder.display()), error);
        let _alone = self.lock().map_err(failed)?;
        let (mut count, mut bytes) = (0, 0);
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if files::is_leftover(&entry.path()) {
                count += 1;
                bytes += entry.metadata().map_err(failed)?.len();
                if !dry_run {
                    fs::remove_file(entry.path()).map_err(failed)?;
                }
            }
        }
        Ok((count, bytes))
    }

    fn path(&self) -> PathBuf {
        self.folder.join("installed.json")
    }

    /// Waits until nobody else changes the file.
    fn lock(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join("installed.lock");
        let file = files::open_to_change(&path)?;
        file.lock()?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::store::Store;
    use crate::library::waiting::Waiting;

    fn installation(name: &str, version: &str) -> Installation {
        Installation {
            name: name.parse().unwrap(),
            version: version.parse().unwrap(),
            digest: Digest::of(version.as_bytes()),
            origin: Origin::Path("/packs/x".to_owned()),
            bytes: 1,
            asked_for: true,
            title: None,
            description: None,
            dependencies: BTreeMap::new(),
        }
    }

    #[test]
    fn the_newest_that_will_do_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let installed = Installed::new(folder.path().to_owned(), Steps::default());
        let lock = Store::new(folder.path().join("store"), Steps::default(), Waiting::default()).lock_shared().unwrap();
        let add = |version: &str| {
            let add = |inventory: &mut Inventory| {
                inventory.add(installation("web", version));
                Ok(())
            };
            installed.change(&lock, add).unwrap();
        };
        ["1.9.0", "1.10.0", "2.0.0-rc.1"].into_iter().for_each(add);
        let inventory = installed.read().unwrap();
        let find = |wanted: &str| inventory.find(&wanted.parse().unwrap()).map(|found| found.version.to_string());
        assert_eq!(find("web").unwrap(), "1.10.0");
        assert_eq!(find("web@<1.10").unwrap(), "1.9.0");
        assert_eq!(find("web@3").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(find("main/web").unwrap_err().kind(), ErrorKind::NotFound, "it came from a folder");
        let hint = find("wen").unwrap_err();
        assert!(hint.body().hint.as_ref().unwrap().contains("`web`"));
    }

    #[test]
    fn what_others_wrote_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let installed = Installed::new(folder.path().to_owned(), Steps::default());
        let lock = Store::new(folder.path().join("store"), Steps::default(), Waiting::default()).lock_shared().unwrap();
        let add = |inventory: &mut Inventory| {
            inventory.add(installation("web", "1.0.0"));
            Ok(())
        };
        installed.change(&lock, add).unwrap();
        let path = folder.path().join("installed.json");
        let good = fs::read_to_string(&path).unwrap();
        for (from, to) in [("\"web\"", "\"../etc\""), ("1.0.0", "1.0.0/.."), ("\"format\": 1", "\"format\": \"\"")] {
            fs::write(&path, good.replace(from, to)).unwrap();
            assert_eq!(installed.read().unwrap_err().kind(), ErrorKind::Integrity, "{to}");
        }
        fs::write(&path, good.replace("\"format\": 1", "\"format\": 2")).unwrap();
        assert_eq!(installed.read().unwrap_err().kind(), ErrorKind::Refused);
        // What can't be read is not written over.
        assert!(installed.change(&lock, add).is_err());
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let installed = Installed::new(folder.path().to_owned(), Steps::default());
        let lock = Store::new(folder.path().join("store"), Steps::default(), Waiting::default()).lock_shared().unwrap();
        let fail = |inventory: &mut Inventory| -> Result<()> {
            inventory.add(installation("web", "1.0.0"));
            Err(Error::new(ErrorKind::Conflict, "no"))
        };
        installed.change(&lock, fail).unwrap_err();
        assert_eq!(installed.read().unwrap(), Inventory::default());
    }
}
