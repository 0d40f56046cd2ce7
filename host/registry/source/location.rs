//! Where a registry is: which kinds of places there are, and how each is opened.
//!
//! Always true here: this is the one place that knows all kinds of sources; nothing is read before a source is opened.

use std::path::PathBuf;

use super::directory::Made;
#[cfg(feature = "oci")]
use super::oci::{Access, CredentialSource, OciSource, Repository};
use super::{DirectorySource, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::registry::config::RegistryEntry;
use crate::text::printable_line;

/// Where a registry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a folder.
    Directory(PathBuf),
    /// In an OCI registry: what stands behind `oci://`.
    Oci(String),
}

/// What sources take from the machine and the user, whatever the registry.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Docker's configuration, which holds credentials for OCI registries.
    pub docker_config: Option<PathBuf>,
    /// Looked at while something is waited for.
    pub interrupt: Interrupt,
}

impl Location {
    /// Reads a location; a relative folder is taken from the folder in which the command runs.
    ///
    /// # Errors
    /// `Usage` where it is of another kind.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(reference) = text.strip_prefix("oci://") {
            return Ok(Self::Oci(one_spelling(reference.trim_end_matches('/'))));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            let scheme = printable_line(scheme);
            return Err(Error::new(ErrorKind::Usage, format!("a registry can't be at a `{scheme}://` address"))
                .hint("name a folder, or `oci://HOST/REPOSITORY`"));
        }
        let path = std::path::absolute(text)
            .map_err(|error| Error::io("cannot find the path of the registry's folder", error))?;
        Ok(Self::Directory(path))
    }

    /// The host of an OCI registry.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Directory(_) => None,
            Self::Oci(reference) => reference.split('/').next(),
        }
    }

    /// Makes an empty registry there, if there is none, and says what was made.
    ///
    /// # Errors
    /// `Usage` where only its owner can; `Io`. Then nothing was made.
    pub fn create(&self) -> Result<Made> {
        match self {
            Self::Directory(folder) => DirectorySource::make(folder),
            Self::Oci(_) => Err(Error::new(ErrorKind::Usage, "`--create` can only make a registry in a folder")
                .hint("leave out `--create`")),
        }
    }

    /// Opens the registry there; `entry` says how it is reached.
    ///
    /// # Errors
    /// `NotFound` where there is none; `Refused` where this packbox was built without that kind.
    pub fn open(&self, entry: &RegistryEntry, reach: &Reach) -> Result<Box<dyn Source>> {
        match self {
            Self::Directory(folder) => Ok(Box::new(DirectorySource::open(folder)?)),
            #[cfg(feature = "oci")]
            Self::Oci(reference) => Ok(Box::new(OciSource::new(reference, reach.access(Some(entry)))?)),
            #[cfg(not(feature = "oci"))]
            Self::Oci(reference) => {
                let _ = (entry, reach);
                let reference = printable_line(reference);
                Err(Error::new(ErrorKind::Refused, format!("`oci://{reference}`: this packbox was built without OCI"))
                    .hint("build it with the feature `oci`"))
            }
        }
    }
}

/// A repository in the spelling that is compared; what is none is found out when it is opened.
#[cfg(feature = "oci")]
fn one_spelling(reference: &str) -> String {
    let repository = reference.parse::<Repository>();
    repository.map_or_else(|_| reference.to_owned(), |repository| format!("{}/{}", repository.host, repository.path))
}

#[cfg(not(feature = "oci"))]
fn one_spelling(reference: &str) -> String {
    reference.to_owned()
}

impl Reach {
    /// How an OCI registry is reached, with what the user says of it.
    #[cfg(feature = "oci")]
    pub(crate) fn access(&self, entry: Option<&RegistryEntry>) -> Access {
        Access {
            ca: entry.and_then(|entry| entry.ca.clone()),
            plain_http: entry.is_some_and(|entry| entry.plain_http),
            credentials: CredentialSource { docker_config: self.docker_config.clone() },
            token_host: entry.and_then(|entry| entry.token_host.clone()),
            interrupt: self.interrupt.clone(),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(path) => write!(formatter, "{}", path.display()),
            Self::Oci(reference) => write!(formatter, "oci://{reference}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_folders_or_oci() {
        assert_eq!(Location::parse("oci://host/a/b/").unwrap(), Location::Oci("host/a/b".to_owned()));
        #[cfg(feature = "oci")]
        for spelled in ["oci://HOST/a/b", "oci://host:443/a/b", "oci://host./a/b/"] {
            assert_eq!(Location::parse(spelled).unwrap(), Location::Oci("host/a/b".to_owned()), "{spelled}");
        }
        assert!(matches!(Location::parse("packs").unwrap(), Location::Directory(path) if path.is_absolute()));
        assert_eq!(Location::parse("http://host/a").unwrap_err().kind(), ErrorKind::Usage);
    }
}
