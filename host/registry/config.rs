//! Which registries a user has, and whom they trust: `registries.toml`.
//!
//! ```toml
//! [registries.main]
//! location = "oci://ghcr.example/team/packs"
//! keys = ["RWQ…"]                     # only what one of these signed
//! token-host = "auth.example"         # where its tokens come from, if not from its own host
//! [trust]
//! keys = []                           # the same for every registry, and for what is installed from a path
//! digests = []                        # content that is trusted without a signature
//! ```
//!
//! Always true here: unknown keys are errors; the file is written old or new.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::names::RegistryName;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::manifest::syntax;
use crate::schemas;
use crate::text;

/// The file's name.
pub const CONFIG_NAME: &str = "registries.toml";
const LARGEST: u64 = 1 << 20;
const HEAD: &str = "# The registries that `packbox` knows. Changed by `packbox registry`; see docs/registry.md.\n";

/// What a user says about registries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "registries.toml"))]
pub struct Registries {
    /// The registries.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, RegistryEntry>>"))]
    #[cfg_attr(test, schemars(extend("propertyNames" = { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" })))]
    pub registries: BTreeMap<RegistryName, RegistryEntry>,
    /// Whom the user trusts, whatever the registry.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<Trust>"))]
    pub trust: Trust,
}

/// A registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryEntry {
    /// A folder, or `oci://HOST/REPOSITORY`.
    pub location: String,
    /// Public keys in minisign's form, one of which has to have signed whatever comes from here; none: no signature is
    /// needed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
    /// Certificates to trust, and none of the system's, in a PEM file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Whether plain HTTP is used; for this machine only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_http: bool,
    /// A host, with its port where that is not 443, to which credentials for the registry may be sent for a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_host: Option<String>,
}

/// Whom a user trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Public keys in minisign's form; where there is one, everything has to be signed by one of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
    /// Digests of content that needs no signature.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(test, schemars(with = "Option<BTreeSet<String>>", inner(regex(pattern = "^[0-9a-f]{64}$"))))]
    pub digests: BTreeSet<Digest>,
}

impl Registries {
    /// Reads the file in a folder; without one there are no registries.
    ///
    /// # Errors
    /// `Usage` where it is not what it should be; `Io`.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(CONFIG_NAME);
        let shown = text::printable_line(&path.display().to_string());
        let failed = |error| Error::io(format!("cannot read `{shown}`"), error);
        let bad = |why: &str| {
            Error::new(ErrorKind::Usage, format!("the registries in `{shown}` cannot be read: {why}"))
                .hint("correct the file; docs/registry.md says what it may hold")
        };
        let bytes = match files::read_own(&path, LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(bad("it is too large")),
            Err(error) => return Err(failed(error)),
        };
        let text = files::decode(bytes).map_err(|error| bad(&error.to_string()))?;
        syntax::typed(&shown, &text).map_err(|finding| {
            let error = bad(&finding.message);
            let error = finding.help.iter().fold(error, Error::hint);
            finding.span.into_iter().fold(error, Error::at)
        })
    }

    /// Writes the file, old or new.
    ///
    /// # Errors
    /// `Io`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(CONFIG_NAME);
        let failed = |error| Error::io(format!("cannot write `{}`", path.display()), error);
        let body = toml::to_string(self).map_err(|error| failed(io::Error::other(error)))?;
        fs::create_dir_all(folder).map_err(failed)?;
        files::replace(&path, format!("{}{HEAD}{body}", schemas::REGISTRIES.line()).as_bytes()).map_err(failed)
    }

    /// Whether the user has a registry of this name; no name fits any.
    #[must_use]
    pub fn has(&self, name: Option<&RegistryName>) -> bool {
        name.is_none_or(|name| self.registries.contains_key(name))
    }

    /// Finds a registry.
    ///
    /// # Errors
    /// `NotFound`, with the name that is near.
    pub fn get(&self, name: &RegistryName) -> Result<&RegistryEntry> {
        self.registries.get(name).ok_or_else(|| {
            let near = text::nearest(name.as_str(), self.registries.keys().map(RegistryName::as_str));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            Error::new(ErrorKind::NotFound, format!("there is no registry `{name}`")).hint(said(
                format!("{near}`packbox registry add {name} LOCATION` adds one"),
                format!("{near}`Library::add_registry` adds one"),
            ))
        })
    }

    /// The registry that is meant where the user names none: the only one.
    ///
    /// # Errors
    /// `Usage` where there is none, or more than one.
    pub fn only(&self) -> Result<&RegistryName> {
        let mut names = self.registries.keys();
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(name),
            (None, _) => Err(Error::new(ErrorKind::Usage, "there is no registry")
                .hint("`packbox registry add NAME LOCATION` adds one: a folder or `oci://HOST/REPOSITORY`")),
            (Some(first), Some(_)) => Err(Error::new(ErrorKind::Usage, "there is more than one registry")
                .hint(format!("say which, for instance `--to {first}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_come_back_as_they_were_written_and_are_strict() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Registries::read(folder.path()).unwrap(), Registries::default());
        let mut registries = Registries::default();
        let entry = RegistryEntry {
            location: "/srv/packs".to_owned(),
            keys: ["RWQ".to_owned()].into(),
            ..RegistryEntry::default()
        };
        registries.registries.insert("main".parse().unwrap(), entry);
        registries.trust.digests.insert(Digest::of(b"x"));
        registries.write(folder.path()).unwrap();
        assert_eq!(Registries::read(folder.path()).unwrap(), registries);
        for text in ["[registries.\"../x\"]\nlocation = \"x\"", "[trust]\nurls = [\"x\"]", "[registries.a]\n", "x"] {
            fs::write(folder.path().join(CONFIG_NAME), text).unwrap();
            assert_eq!(Registries::read(folder.path()).unwrap_err().kind(), ErrorKind::Usage, "{text}");
        }
    }

    #[test]
    fn mistakes_have_their_place() {
        let folder = tempfile::tempdir().unwrap();
        for (text, place, message, hint) in [
            (
                "[registries.a]\nlocation = \"x\"\nlokation = \"y\"\n",
                (3, 1),
                "unknown key `lokation`",
                "did you mean `location`?",
            ),
            ("[registries.a]\nlocation = \"x\"\nkeys = [\"a\",\n", (3, 13), "array", "docs/registry.md"),
            ("\n[registries.a]\nkeys = []\n", (2, 1), "there is no key `location`", "docs/registry.md"),
            ("[registries.a]\nlocation = 5\n", (2, 12), "a string", "docs/registry.md"),
            ("[registries.\"../x\"]\nlocation = \"x\"\n", (1, 13), "must", "docs/registry.md"),
        ] {
            fs::write(folder.path().join(CONFIG_NAME), text).unwrap();
            let error = Registries::read(folder.path()).unwrap_err();
            let span = error.body().location.clone().unwrap();
            assert_eq!((span.start.line, span.start.column), place, "{text}: {error}");
            assert!(span.path.ends_with(CONFIG_NAME) && span.excerpt.is_some(), "{span:?}");
            assert!(error.to_string().contains(message) && error.advice().unwrap().contains(hint), "{error:?}");
        }
    }
}
