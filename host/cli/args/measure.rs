//! Arguments of the commands that measure packs.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::super::completers;
use super::super::engine_args::{EngineArgs, duration};
use super::super::figure_args::FigureArgs;
use super::{Checking, Variables};

/// `bench`
#[derive(Debug, Args)]
pub struct Bench {
    /// The packs: folders with a `pack.toml`, `.pack` archives, or names of installed ones.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// What is measured, and compared.
    #[command(flatten)]
    pub figures: FigureArgs,
    /// After this time no further rendering of a pack in a way is begun.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub time: Duration,
    /// The settings, instead of `packbox.toml` in this folder: `[ceilings]`, `[limits]`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Read no settings.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

impl Bench {
    /// How its packs are checked.
    #[must_use]
    pub fn checking(&self) -> Checking {
        Checking {
            config: self.config.clone(),
            no_config: self.no_config,
            engine: self.engine.clone(),
            ..Checking::default()
        }
    }
}

/// `profile`
#[derive(Debug, Args)]
pub struct Profile {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// Where the stages of each run, and each call of a plugin, go: a file in the Trace Event Format.
    #[arg(long, value_name = "FILE.json", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
    /// Where a flame graph through host and guests goes.
    #[arg(long, value_name = "FILE.svg", value_hint = ValueHint::FilePath)]
    pub flame: Option<PathBuf>,
    /// How often the pack is generated; as often as `--time` allows where nothing is said.
    #[arg(long, value_name = "N")]
    pub runs: Option<NonZeroU64>,
    /// After this time no further run is begun.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub time: Duration,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// The engine; with one thread where nothing is said of threads.
    #[command(flatten)]
    pub engine: EngineArgs,
}
