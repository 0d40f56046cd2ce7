//! `packbox.lock`: what was chosen, by content.
//!
//! Always true here: a lock is a stranger's text, as cloned repositories carry it; names, versions and digests are checked
//! when it is read, a link in its place is not followed, and it is written old or new.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::candidates::{Pin, Preferences};
use super::solve::Resolution;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::manifest::syntax;
use crate::pack::{PackName, PluginName};
use crate::registry::{Capability, PackVersion, RegistryName};
use crate::text;

/// The file's name.
pub const LOCK_NAME: &str = "packbox.lock";
/// The form of a lock.
const FORMAT: u32 = 1;
/// The most bytes of a lock that are read.
const LARGEST: u64 = 16 << 20;
const HEAD: &str = "# Which packs fit together, by content. Made by packbox; keep it with what you generate.\n";

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The form of the file.
    format: u32,
    /// The packs, by name.
    #[serde(default, rename = "pack")]
    pub packs: Vec<Locked>,
}

/// A pack that is pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// The pack.
    pub name: PackName,
    /// Its version.
    pub version: PackVersion,
    /// The registry that it came from, by the name that it has here.
    pub registry: RegistryName,
    /// The digest of its content.
    pub digest: Digest,
    /// The packs that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<PackName>,
    /// What its components can do and may use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<PluginName, Capability>,
}

impl Default for Lock {
    /// Pins nothing.
    fn default() -> Self {
        Self { format: FORMAT, packs: Vec::new() }
    }
}

impl Lock {
    /// Pins what was chosen.
    #[must_use]
    pub fn of(resolution: &Resolution) -> Self {
        let packs = resolution.packs.iter().map(|(name, chosen)| {
            let about = &chosen.release.about;
            let needs = about.dependencies.keys().filter(|needed| resolution.packs.contains_key(*needed));
            Locked {
                name: name.clone(),
                version: chosen.release.version.clone(),
                registry: chosen.registry.clone(),
                digest: chosen.release.digest,
                needs: needs.cloned().collect(),
                plugins: about.plugins.clone(),
            }
        });
        Self { format: FORMAT, packs: packs.collect() }
    }

    /// What it pins, for a resolver.
    #[must_use]
    pub fn preferences(&self) -> Preferences {
        let pin = |locked: &Locked| Pin {
            registry: locked.registry.clone(),
            version: locked.version.clone(),
            digest: locked.digest,
        };
        self.packs.iter().map(|locked| (locked.name.clone(), pin(locked))).collect()
    }

    /// The lock without some packs.
    #[must_use]
    pub fn without(&self, is_out: impl Fn(&PackName) -> bool) -> Self {
        let packs = self.packs.iter().filter(|locked| !is_out(&locked.name)).cloned().collect();
        Self { format: self.format, packs }
    }

    /// In what another lock differs from this one, in words; none where they say the same.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        let find = |lock: &Self, name: &PackName| lock.packs.iter().find(|locked| locked.name == *name).cloned();
        if let Some(new) = other.packs.iter().find(|new| find(self, &new.name).is_none()) {
            return Some(format!("it does not have {}, which is needed", new.name));
        }
        self.packs.iter().find_map(|old| {
            let (name, version) = (&old.name, &old.version);
            let Some(new) = find(other, name) else {
                return Some(format!("it has {name} {version}, which nothing needs"));
            };
            if (&new.version, &new.registry, &new.digest) != (version, &old.registry, &old.digest) {
                let (was, is) = (&old.registry, &new.registry);
                return Some(format!("it has {name} {version} of `{was}`, and {} of `{is}` is needed", new.version));
            }
            if new.needs != old.needs {
                return Some(format!("what it says that {name} {version} needs is not what that needs"));
            }
            (new.plugins != old.plugins)
                .then(|| format!("what it says that the plugins of {name} {version} use is not what they use"))
        })
    }

    /// Reads the lock in a folder; none where there is none.
    ///
    /// # Errors
    /// `Integrity` where it is no lock, or a link; `Refused` where its form is newer; `Io`.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(LOCK_NAME);
        let shown = text::printable_line(&path.display().to_string());
        let bad = |why: &str| {
            Error::new(ErrorKind::Integrity, format!("`{shown}` is not a lock file: {why}"))
                .hint("restore it from version control, or remove it and install again")
        };
        let text = match files::read_regular(&path, LARGEST) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(bad(&format!("it takes more than {}", text::format_bytes(LARGEST))));
            }
            Err(error) if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) => {
                return Err(bad("it is not a regular file; links are not followed").caused_by(error));
            }
            Err(error) => return Err(Error::io(format!("cannot read `{shown}`"), error)),
        };
        let text = files::decode(text).map_err(|error| bad(&error.to_string()))?;
        let at_place = |finding: Box<Diagnostic>| finding.span.into_iter().fold(bad(&finding.message), Error::at);
        let format: Format = syntax::typed(&shown, &text).map_err(at_place)?;
        if format.format != FORMAT {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("`{shown}` has the format {}, but this packbox knows {FORMAT}", format.format),
            )
            .hint("upgrade packbox"));
        }
        let lock: Self = syntax::typed(&shown, &text).map_err(at_place)?;
        let names: BTreeSet<&PackName> = lock.packs.iter().map(|locked| &locked.name).collect();
        if names.len() != lock.packs.len() {
            return Err(bad("it names a pack twice"));
        }
        Ok(Some(lock))
    }

    /// Writes the lock into a folder, old or new.
    ///
    /// # Errors
    /// `Io`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(LOCK_NAME);
        let failed = |error| Error::io(format!("cannot write `{}`", path.display()), error);
        let text = toml::to_string(self).map_err(|error| failed(io::Error::other(error)))?;
        files::replace(&path, format!("{HEAD}{text}").as_bytes()).map_err(failed)
    }
}

/// The one thing that all forms of a lock have.
#[derive(Deserialize)]
struct Format {
    format: u32,
}
