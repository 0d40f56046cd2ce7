//! Arguments of every command that runs plugins: how its engine is set up.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use crate::text;

/// How an engine is set up.
#[derive(Debug, Clone, Default, Args)]
pub struct EngineArgs {
    /// Number of threads; the result does not depend on it.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub jobs: Option<NonZeroUsize>,
    /// Set a limit, for instance `memory=128MiB` or `time=500ms`; a wrong name lists them all.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub limits: Vec<String>,
    /// Do not give plugins this grant, whoever asks for it; `PACKBOX_DENY_GRANTS` does the same.
    #[arg(long = "deny-grant", value_name = "GRANT")]
    pub deny_grants: Vec<String>,
    /// Keep no compiled code and no answers on disk.
    #[arg(long)]
    pub no_cache: bool,
}

/// Reads a count, which must not be zero.
pub fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "give a whole number, 1 or more".to_owned())
}

pub fn duration(text: &str) -> Result<Duration, String> {
    text::parse_duration(text).ok_or_else(|| "give a time, for instance `90s` or `5m`".to_owned())
}
