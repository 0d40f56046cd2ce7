//! Arguments of every command that checks packs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use crate::cli::args::{EngineArgs, duration};

/// How packs are checked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checking")]
pub struct Checking {
    /// Check these rules, too: a component, or a pack that carries rules.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<PathBuf>,
    /// What counts as an error.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Vec<Deny>,
    /// Do not let the pack lower levels or suppress findings; for packs from strangers.
    #[arg(long)]
    pub untrusted: bool,
    /// The settings, instead of `packbox.toml` in this folder.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// A baseline of known findings, which don't count.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
    /// Write the current findings to a baseline.
    #[arg(long, value_name = "FILE", requires = "reason", value_hint = ValueHint::FilePath)]
    pub write_baseline: Option<PathBuf>,
    /// Why the findings of the new baseline don't count.
    #[arg(long, value_name = "TEXT", requires = "write_baseline")]
    pub reason: Option<String>,
    /// Report only packs with findings that count; if there are none, print nothing.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// How long all packs together may take, for instance `5m`; packs that are not reached by then fail.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub time_budget: Option<Duration>,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// What counts as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings.
    Warnings,
}
