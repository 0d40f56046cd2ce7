//! What registries, packs and versions are called, each as one strict type.
//!
//! Always true here: a value of these types has passed its check, whichever way it was made. Names become file names,
//! and versions too: neither can hold a separator, `..` or a control character.

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::pack::{InvalidName, PackName};
use crate::text;

/// The longest version, in bytes.
const LONGEST_VERSION: usize = 128;

/// What a user calls a registry: the same rules as for a pack's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RegistryName(PackName);

impl RegistryName {
    /// Takes what a user typed.
    ///
    /// # Errors
    /// `Usage`, with a name that would do.
    pub fn typed(text: &str) -> Result<Self> {
        text.parse().map_err(|error| {
            let error = Error::new(ErrorKind::Usage, format!("the name of a registry {error}"));
            match text::dashed(text) {
                Some(name) => error.hint(format!("for instance `{name}`")),
                None => error,
            }
        })
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for RegistryName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        PackName::new(text).map(Self)
    }
}

impl fmt::Display for RegistryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A version that a registry can hold: short, as it becomes part of a file's name, and without build metadata, which
/// SemVer ignores when it compares (two releases would be one) and which a tag in an OCI registry can't have. What is left
/// are letters, digits, `.` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct PackVersion(Version);

impl PackVersion {
    /// Checks a version.
    ///
    /// # Errors
    /// A text that says what is wrong.
    pub fn new(version: Version) -> Result<Self, String> {
        if version.to_string().len() > LONGEST_VERSION {
            return Err(format!("a version in a registry has at most {LONGEST_VERSION} characters"));
        }
        if !version.build.is_empty() {
            return Err(format!("a version in a registry has no build metadata (`+{}`)", version.build));
        }
        Ok(Self(version))
    }

    /// Returns the version.
    #[must_use]
    pub fn get(&self) -> &Version {
        &self.0
    }
}

impl FromStr for PackVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_VERSION {
            return Err(format!("a version in a registry has at most {LONGEST_VERSION} characters"));
        }
        Self::new(Version::parse(text).map_err(|error| error.to_string())?)
    }
}

impl TryFrom<String> for PackVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PackVersion> for String {
    fn from(version: PackVersion) -> Self {
        version.0.to_string()
    }
}

impl fmt::Display for PackVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a user asks for by name: `NAME`, `NAME@REQUIREMENT`, either with `REGISTRY/` before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The registry; none: whichever has the pack, if it is only one.
    pub registry: Option<RegistryName>,
    /// The pack.
    pub name: PackName,
    /// The versions that will do; none: the newest that is no pre-release.
    pub requirement: Option<VersionReq>,
}

impl FromStr for Wanted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = |what: &str, why: &dyn fmt::Display| {
            let shown = text::printable_line(text);
            Error::new(ErrorKind::Usage, format!("`{shown}` does not name a pack: {what} {why}"))
                .hint("write `NAME`, `NAME@1.2`, `NAME@=1.2.3` or `REGISTRY/NAME@1.2`")
        };
        let (name, requirement) = match text.split_once('@') {
            Some((name, requirement)) => (name, Some(requirement)),
            None => (text, None),
        };
        let (registry, name) = match name.split_once('/') {
            Some((registry, name)) => (Some(registry), name),
            None => (None, name),
        };
        let registry = registry
            .map(|registry| registry.parse().map_err(|error| invalid("the registry's name", &error)))
            .transpose()?;
        let name = PackName::new(name).map_err(|error| invalid("the name", &error))?;
        let requirement = match requirement {
            Some("") => return Err(invalid("the requirement", &"is missing after the `@`")),
            Some(requirement) => Some(requirement.parse().map_err(|error| invalid("the requirement:", &error))?),
            None => None,
        };
        Ok(Self { registry, name, requirement })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(formatter, "{registry}/")?;
        }
        write!(formatter, "{}", self.name)?;
        match &self.requirement {
            Some(requirement) => write!(formatter, "@{requirement}"),
            None => Ok(()),
        }
    }
}

/// Says whether a version will do: as SemVer has it, and without a requirement any that is no pre-release.
#[must_use]
pub fn satisfies(requirement: Option<&VersionReq>, version: &Version) -> bool {
    match requirement {
        Some(requirement) => requirement.matches(version),
        None => version.pre.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_strict() {
        let wanted: Wanted = "team/web@^1.2".parse().unwrap();
        assert_eq!(wanted.registry.as_ref().map(RegistryName::as_str), Some("team"));
        assert_eq!(wanted.to_string(), "team/web@^1.2");
        assert_eq!("web".parse::<Wanted>().unwrap().requirement, None);
        for invalid in ["", "../x", "a/../b", "a/b/c", "web@", "web@y", "Web", "web@../1", "a\u{1b}[31m"] {
            let error = invalid.parse::<Wanted>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage, "{invalid}");
            assert!(!error.to_string().contains('\u{1b}'));
        }
    }

    #[test]
    fn versions_are_file_names() {
        for invalid in ["1", "1.2.3/../..", "1.2.3-\u{1b}", "", "1.2.3+b", &format!("1.2.3-{}", "a".repeat(200))] {
            assert!(invalid.parse::<PackVersion>().is_err(), "{invalid}");
        }
        assert_eq!("1.2.3-rc.1".parse::<PackVersion>().unwrap().to_string(), "1.2.3-rc.1");
    }
}
