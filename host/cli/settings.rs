//! What was typed, resolved: limits, and how an engine is set up.

use std::num::NonZeroUsize;

use crate::engine::{LimitRequest, Profile};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackLimits;
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
