//! What the environment says: folders, keys, grants. It is read once, here.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::author::Surroundings;
use crate::compose::variables::ENVIRONMENT_PREFIX;
use crate::digest::Digest;
use crate::engine::{CacheKeySource, CacheLocation};
use crate::error::{Error, ErrorKind, Result};
use crate::facade::Folders;
use crate::grants::Grant;
use crate::text;

/// What environment variables say.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Reads the process's environment, once.
    #[must_use]
    pub fn read() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// Returns a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.variables.get(OsString::from(name).as_os_str()).filter(|value| !value.is_empty())
    }

    /// Returns what may be values for pack variables: `PACKBOX_VAR_NAME`. Values that are not UTF-8 are left out.
    #[must_use]
    pub fn pack_variables(&self) -> BTreeMap<String, String> {
        let known = self.variables.iter().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(ENVIRONMENT_PREFIX).and(name.to_str())?;
            Some((name.to_owned(), value.to_str()?.to_owned()))
        });
        known.collect()
    }

    /// Finds the folders: `PACKBOX_HOME` holds all, else XDG's.
    ///
    /// # Errors
    /// `Usage` where neither `PACKBOX_HOME` nor `HOME` is set.
    pub fn folders(&self) -> Result<Folders> {
        if let Some(home) = self.get("PACKBOX_HOME") {
            let home = std::path::absolute(home).map_err(|error| Error::io("cannot find PACKBOX_HOME", error))?;
            return Ok(Folders::below(&home));
        }
        let home = self.get("HOME").map(PathBuf::from);
        let folder = |name: &str, below: &str| {
            let given = self.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
            let folder = given.or_else(|| home.as_ref().map(|home| home.join(below)))?;
            Some(folder.join("packbox"))
        };
        let folders = (
            folder("XDG_CACHE_HOME", ".cache"),
            folder("XDG_STATE_HOME", ".local/state"),
            folder("XDG_CONFIG_HOME", ".config"),
            folder("XDG_DATA_HOME", ".local/share"),
        );
        match folders {
            (Some(cache), Some(state), Some(config), Some(data)) => Ok(Folders { cache, state, config, data }),
            _ => Err(Error::new(ErrorKind::Usage, "there is no place for compiled code and keys")
                .hint("set PACKBOX_HOME to a folder of yours, or HOME")),
        }
    }

    /// What building plugins takes from the environment.
    #[must_use]
    pub fn surroundings(&self) -> Surroundings {
        let home = || self.get("HOME").map(|home| PathBuf::from(home).join(".cargo"));
        Surroundings {
            path: self.get("PATH").cloned(),
            guest_toolchain: self.get("PACKBOX_GUEST_TOOLCHAIN").map(PathBuf::from),
            cargo_home: self.get("CARGO_HOME").map(PathBuf::from).or_else(home),
        }
    }

    /// Finds where compiled code is kept.
    ///
    /// # Errors
    /// `Usage` where there is no place for it, or where the cache key is not one.
    pub fn cache_location(&self) -> Result<CacheLocation> {
        let own = self.folders()?.compiled();
        Ok(match self.cache_key()? {
            Some(secret) => CacheLocation { key: CacheKeySource::Secret(secret), ..own },
            None => own,
        })
    }

    /// Finds the grants that the user denies: those of the command line and those of `PACKBOX_DENY_GRANTS`, which are
    /// separated by commas.
    ///
    /// # Errors
    /// `Usage` where there is no such grant.
    pub fn denied_grants(&self, flags: &[String]) -> Result<Vec<Grant>> {
        let variable = self.get("PACKBOX_DENY_GRANTS").map(|value| value.to_string_lossy().into_owned());
        let named = variable.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
        let named = flags
            .iter()
            .map(|name| ("--deny-grant", name.as_str()))
            .chain(named.map(|name| ("PACKBOX_DENY_GRANTS", name)));
        named
            .map(|(from, name)| {
                name.parse().map_err(|error| {
                    let name = text::printable_line(name);
                    Error::new(ErrorKind::Usage, format!("`{from}` names `{name}`")).hint(format!("{error}"))
                })
            })
            .collect()
    }

    /// Reads the cache key that a CI gives as a secret.
    ///
    /// # Errors
    /// `Usage` where it is not 64 hexadecimal digits.
    fn cache_key(&self) -> Result<Option<[u8; 32]>> {
        let Some(value) = self.get("PACKBOX_CACHE_KEY") else { return Ok(None) };
        let key = value.to_str().and_then(|value| value.parse::<Digest>().ok());
        key.map(|key| Some(*key.as_bytes())).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "PACKBOX_CACHE_KEY is not a key")
                .hint("give 64 lower-case hexadecimal digits, for instance from `openssl rand -hex 32`")
        })
    }
}
