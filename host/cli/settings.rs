//! Arguments and environment, resolved: folders, limits, engine options. After this nobody reads the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Rendering;
use crate::author::Surroundings;
use crate::compose::variables::ENVIRONMENT_PREFIX;
use crate::digest::Digest;
use crate::engine::{CacheKeySource, CacheLocation, Compiler, EngineOptions, LimitRequest, Profile};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grant;
use crate::interrupt::Interrupt;
use crate::pack::{Pack, PackLimits, Variable};
use crate::text;

/// Where packbox keeps things, after XDG: what can be made anew, and what belongs to this machine and user.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Compiled code; may be deleted at any time.
    pub cache: PathBuf,
    /// Keys.
    pub state: PathBuf,
    /// What the user says about registries.
    pub config: PathBuf,
    /// Installed packs, and what is known of registries.
    pub data: PathBuf,
}

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
            return Ok(Folders {
                cache: home.join("cache"),
                state: home.join("state"),
                config: home.join("config"),
                data: home.join("data"),
            });
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
        let folders = self.folders()?;
        let key = match self.cache_key()? {
            Some(secret) => CacheKeySource::Secret(secret),
            None => CacheKeySource::File(folders.state.join("cache.key")),
        };
        Ok(CacheLocation { folder: folders.cache.join("compiled"), key })
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

/// Limits as the user gave them: of calls, and of packs.
#[derive(Debug, Clone, Default)]
pub struct UserLimits {
    /// Of calls.
    pub calls: LimitRequest,
    /// Of packs.
    pub pack: PackLimits,
}

impl UserLimits {
    /// Parses `NAME=VALUE` pairs.
    ///
    /// # Errors
    /// `Usage`, naming the pair.
    pub fn parse(pairs: &[String]) -> Result<Self> {
        let mut limits = Self::default();
        for pair in pairs {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    format!("`--limit {}` has no value", text::printable_line(pair)),
                )
                .hint("write it like `--limit memory=128MiB`"));
            };
            if LimitRequest::NAMES.contains(&name) {
                limits.calls.set(name, value)?;
            } else if PackLimits::NAMES.contains(&name) {
                limits.pack.set(pair)?;
            } else {
                return Err(unknown_limit(name));
            }
        }
        Ok(limits)
    }
}

/// The error for a name that is neither of calls nor of packs.
fn unknown_limit(name: &str) -> Error {
    let near = text::nearest(name, PackLimits::NAMES.iter().chain(LimitRequest::NAMES).copied());
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let names = [LimitRequest::NAMES, PackLimits::NAMES].concat().join(", ");
    Error::new(ErrorKind::Usage, format!("there is no limit named `{}`", text::printable_line(name)))
        .hint(format!("{near}the limits are {names}"))
}

/// Makes the engine's options from what was typed.
///
/// # Errors
/// `Usage` where a limit, a folder or the cache key is not what it should be.
pub fn engine_options(
    rendering: &Rendering,
    limits: &LimitRequest,
    environment: &Environment,
    interrupt: &Interrupt,
    compiler: &Path,
    pack: &Pack,
) -> Result<EngineOptions> {
    let profile = if rendering.measure { Profile::Measure } else { Profile::Run };
    let setup = Setup { jobs: rendering.jobs, profile, no_cache: rendering.no_cache };
    let mut options = base_options(setup, limits, environment, interrupt, compiler)?;
    options.trace_logs = !pack.manifest.variables.iter().any(Variable::is_secret);
    Ok(options)
}

/// What every engine of the command line is set up by.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Threads.
    pub jobs: Option<NonZeroUsize>,
    /// What calls are counted by.
    pub profile: Profile,
    /// Whether no compiled code is kept.
    pub no_cache: bool,
}

/// Makes engine options that hold whatever the packs are.
///
/// # Errors
/// As [`engine_options`].
pub fn base_options(
    setup: Setup,
    limits: &LimitRequest,
    environment: &Environment,
    interrupt: &Interrupt,
    compiler: &Path,
) -> Result<EngineOptions> {
    let mut options = EngineOptions::new(Compiler::Child(compiler.to_owned()));
    if let Some(jobs) = setup.jobs {
        options.threads = jobs;
    }
    options.profile = setup.profile;
    options.limits = *limits;
    options.interrupt = interrupt.clone();
    if !setup.no_cache {
        options.cache = Some(environment.cache_location()?);
    }
    options.on_compile = Some(Arc::new(|name: &str| {
        eprintln!("packbox: compiling the plugin `{}`, once for this machine …", text::printable_line(name));
    }));
    Ok(options)
}
