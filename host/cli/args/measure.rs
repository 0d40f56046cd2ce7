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
    /// Start no more renderings of a pack in one way after this time.
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
    /// Write the stages of each run, and each call of a plugin, to this file in the Trace Event Format.
    #[arg(long, value_name = "FILE.json", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
    /// Write a flame graph of the host and its guests to this file.
    #[arg(long, value_name = "FILE.svg", value_hint = ValueHint::FilePath)]
    pub flame: Option<PathBuf>,
    /// How many times the pack is generated; by default, as often as `--time` allows.
    #[arg(long, value_name = "N")]
    pub runs: Option<NonZeroU64>,
    /// Start no more runs after this time.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    pub time: Duration,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// The engine; with one thread by default.
    #[command(flatten)]
    pub engine: EngineArgs,
}
