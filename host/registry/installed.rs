//! What is installed: one small file for each pack and version, which refers to the store.
//!
//! ```text
//! installed/NAME/VERSION.json
//! ```
//!
//! Always true here: a file appears and goes by one rename or removal, after what it refers to is in the store and before
//! that may be removed; what is read from one is checked like anything else that others could have written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use semver::VersionReq;
use serde::{Deserialize, Serialize};

use super::names::{PackVersion, RegistryName, satisfies};
use super::release::{About, LARGEST};
use super::store::{OnStep, sync_folder};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::text;

/// The most packs, and versions of one, that are listed.
const MOST: usize = 1_000_000;

/// A pack that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What it said about itself.
    pub about: About,
}

/// Where an installed pack came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A registry, by the name that it had then.
    Registry(RegistryName),
    /// A folder or an archive, as the user named it.
    Path(String),
    /// An OCI reference that the user named.
    Oci(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Registry(name) => name.fmt(formatter),
            Self::Path(text) | Self::Oci(text) => formatter.write_str(&text::printable_line(text)),
        }
    }
}

/// The packs that are installed.
#[derive(Clone)]
pub struct Installed {
    folder: PathBuf,
    on_step: Option<OnStep>,
}

impl std::fmt::Debug for Installed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Installed").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Installed {
    /// Names the folder; nothing is made or read.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, on_step: None }
    }

    /// Has each step told, for tests that stop a process there.
    #[must_use]
    pub fn observed(mut self, on_step: Option<OnStep>) -> Self {
        self.on_step = on_step;
        self
    }

    /// Writes that a pack is installed. The caller holds the store's lock, and the content is there.
    ///
    /// # Errors
    /// `Io`.
    pub fn add(&self, installation: &Installation) -> Result<()> {
        let folder = self.folder.join(installation.name.as_str());
        let place = folder.join(file_name(&installation.version));
        let failed = |error| Error::io(format!("cannot write `{}`", place.display()), error);
        let json = serde_json::to_vec_pretty(installation).map_err(|error| failed(error.into()))?;
        fs::create_dir_all(&folder).map_err(failed)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| failed(io::Error::other(error)))?;
        // Begins with a dot, which no version does.
        let part = folder.join(format!(".{:016x}", u64::from_le_bytes(random)));
        self.step("part");
        let written = File::create_new(&part).and_then(|mut file| {
            file.write_all(&json)?;
            file.sync_data()
        });
        self.step("reference");
        written.and_then(|()| fs::rename(&part, &place)).and_then(|()| sync_folder(&folder)).map_err(|error| {
            let _ = fs::remove_file(&part);
            failed(error)
        })
    }

    /// Forgets that a pack is installed; says whether it was. Its content goes with the next `clean`.
    ///
    /// # Errors
    /// `Io`.
    pub fn remove(&self, name: &PackName, version: &PackVersion) -> Result<bool> {
        let folder = self.folder.join(name.as_str());
        let place = folder.join(file_name(version));
        self.step("forget");
        match fs::remove_file(&place) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::io(format!("cannot remove `{}`", place.display()), error)),
        }
        // Not empty where another version is installed.
        let _ = fs::remove_dir(&folder);
        Ok(true)
    }

    /// Lists everything that is installed, by name, the newest version of each first.
    ///
    /// # Errors
    /// `Io`; `Integrity` where a file is not what it should be.
    pub fn list(&self) -> Result<Vec<Installation>> {
        let mut all = Vec::new();
        for name in names(&self.folder)? {
            let Ok(name) = PackName::new(&name) else { continue };
            all.extend(self.versions(&name)?);
        }
        Ok(all)
    }

    /// Lists the installed versions of a pack, the newest first.
    ///
    /// # Errors
    /// As [`Installed::list`].
    pub fn versions(&self, name: &PackName) -> Result<Vec<Installation>> {
        let folder = self.folder.join(name.as_str());
        let mut found = Vec::new();
        for file in names(&folder)? {
            let Some(version) = file.strip_suffix(".json").and_then(|version| version.parse().ok()) else { continue };
            if let Some(installation) = read(&folder.join(&file), name, &version)? {
                found.push(installation);
            }
        }
        found.sort_by(|left, right| right.version.cmp(&left.version));
        Ok(found)
    }

    /// Finds the installed version that a user means: the newest that will do.
    ///
    /// # Errors
    /// As [`Installed::list`]; `NotFound`, with what is near or what is installed instead.
    pub fn find(&self, name: &PackName, requirement: Option<&VersionReq>) -> Result<Installation> {
        let versions = self.versions(name)?;
        let newest = versions.iter().find(|found| satisfies(requirement, found.version.get()));
        // Who installed a pre-release alone means that.
        let newest = newest.or_else(|| versions.first().filter(|_| requirement.is_none()));
        if let Some(found) = newest {
            return Ok(found.clone());
        }
        if versions.is_empty() {
            let known = names(&self.folder)?;
            let near = text::nearest(name.as_str(), known.iter().map(String::as_str));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            return Err(Error::new(ErrorKind::NotFound, format!("the pack `{name}` is not installed"))
                .hint(format!("{near}install it with `packbox install {name}`, or name a folder: `./{name}`")));
        }
        let versions: Vec<String> = versions.iter().map(|found| found.version.to_string()).collect();
        let wanted = requirement.map(ToString::to_string).unwrap_or_default();
        Err(Error::new(ErrorKind::NotFound, format!("no installed version of `{name}` is {wanted}"))
            .hint(format!("installed: {}; `packbox install {name}@{wanted}` looks for another", versions.join(", "))))
    }

    /// Which digests are referred to, and by what.
    ///
    /// # Errors
    /// As [`Installed::list`].
    pub fn referred(&self) -> Result<BTreeMap<Digest, String>> {
        Ok(self.list()?.into_iter().map(|found| (found.digest, format!("{} {}", found.name, found.version))).collect())
    }

    /// Which digests are referred to.
    ///
    /// # Errors
    /// As [`Installed::list`].
    pub fn digests(&self) -> Result<BTreeSet<Digest>> {
        Ok(self.referred()?.into_keys().collect())
    }

    fn step(&self, name: &'static str) {
        if let Some(on_step) = &self.on_step {
            on_step(name);
        }
    }
}

fn file_name(version: &PackVersion) -> String {
    format!("{version}.json")
}

/// Lists the names in a folder of ours, sorted; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let failed = |error| Error::io(format!("cannot list `{}`", folder.display()), error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries.take(MOST) {
        if let Ok(name) = entry.map_err(failed)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Reads what is known of an installed pack; none where it was uninstalled by now.
fn read(path: &Path, name: &PackName, version: &PackVersion) -> Result<Option<Installation>> {
    let failed = |error| Error::io(format!("cannot read `{}`", path.display()), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 * 2 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let found: Result<Installation, String> = if bytes.len() > LARGEST * 2 {
        Err("it is too large".to_owned())
    } else {
        serde_json::from_slice(&bytes).map_err(|error| text::printable_line(&error.to_string()))
    };
    let found = found.and_then(|found: Installation| {
        let is_it = found.name == *name && found.version == *version;
        if is_it { Ok(found) } else { Err("it is about another pack".to_owned()) }
    });
    found.map(Some).map_err(|why| {
        Error::new(ErrorKind::Integrity, format!("`{}` is not what packbox wrote: {why}", path.display()))
            .hint("remove that file and install the pack again")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(name: &str, version: &str) -> Installation {
        Installation {
            name: name.parse().unwrap(),
            version: version.parse().unwrap(),
            digest: Digest::of(version.as_bytes()),
            origin: Origin::Path("./x".to_owned()),
            bytes: 1,
            asked_for: true,
            about: About::default(),
        }
    }

    #[test]
    fn the_newest_version_that_will_do_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let installed = Installed::new(folder.path().join("installed"));
        assert!(installed.list().unwrap().is_empty());
        for version in ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"] {
            installed.add(&installation("web", version)).unwrap();
        }
        let name: PackName = "web".parse().unwrap();
        let find = |requirement: Option<&str>| {
            let requirement = requirement.map(|text| text.parse().unwrap());
            installed.find(&name, requirement.as_ref()).map(|found| found.version.to_string())
        };
        assert_eq!(find(None).unwrap(), "1.10.0");
        assert_eq!(find(Some("<1.10")).unwrap(), "1.9.0");
        assert_eq!(find(Some("3")).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(installed.remove(&name, &"1.10.0".parse().unwrap()).unwrap());
        assert!(!installed.remove(&name, &"1.10.0".parse().unwrap()).unwrap());
        assert_eq!(find(None).unwrap(), "1.9.0");
        let hint = installed.find(&"wen".parse().unwrap(), None).unwrap_err();
        assert!(hint.body().hint.as_ref().unwrap().contains("`web`"));
    }

    #[test]
    fn what_others_wrote_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let installed = Installed::new(folder.path().to_owned());
        installed.add(&installation("web", "1.0.0")).unwrap();
        let path = folder.path().join("web/1.0.0.json");
        let text = fs::read_to_string(&path).unwrap().replace("\"web\"", "\"../etc\"");
        fs::write(&path, &text).unwrap();
        assert_eq!(installed.list().unwrap_err().kind(), ErrorKind::Integrity);
        fs::write(&path, text.replace("../etc", "other")).unwrap();
        assert_eq!(installed.list().unwrap_err().kind(), ErrorKind::Integrity);
    }
}
