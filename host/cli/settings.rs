//! Arguments and environment, resolved: limits, engine options.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::args::Rendering;
use super::environment::Environment;
use crate::engine::{Compiler, EngineOptions, LimitRequest, Profile};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::{Pack, PackLimits, Variable};
use crate::text;

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
