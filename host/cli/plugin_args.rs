//! What can be typed to test, call, measure and profile plugins.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::engine_args::{EngineArgs, duration};
use super::figure_args::FigureArgs;
use crate::grants::Grant;

/// How plugins are run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Running")]
pub struct Running {
    /// Give the plugin this grant, in addition to those that its project asks for: `wasi-stub`.
    #[arg(long = "grant", value_name = "GRANT")]
    pub grants: Vec<Grant>,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// `plugin test`
#[derive(Debug, Args)]
pub struct TestPlugin {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Write what came out to `expected/`; read the diff before you commit it.
    #[arg(long)]
    pub bless: bool,
    /// Run the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub filter: Option<String>,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

/// `plugin run`
#[derive(Debug, Args)]
pub struct RunPlugin {
    /// The plugin: a component, or a project's folder.
    #[arg(required_unless_present = "replay", conflicts_with = "replay", value_hint = ValueHint::AnyPath)]
    pub plugin: Option<PathBuf>,
    /// The template, for a renderer; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "replay", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
    /// The path that the plugin sees, instead of the template's own.
    #[arg(long = "as", value_name = "PATH", requires = "template")]
    pub seen_as: Option<String>,
    /// The variables: a JSON or TOML file.
    #[arg(long, value_name = "FILE", requires = "template", value_hint = ValueHint::FilePath)]
    pub context: Option<PathBuf>,
    /// Set a variable to a text; it overrides the one in the context.
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "template")]
    pub vars: Vec<String>,
    /// The options: a JSON or TOML file, or inline JSON.
    #[arg(long, value_name = "FILE|JSON", conflicts_with = "replay")]
    pub options: Option<String>,
    /// A file that the template may use, under the path as typed; can be repeated.
    #[arg(long, value_name = "FILE", requires = "template", value_hint = ValueHint::FilePath)]
    pub partial: Vec<PathBuf>,
    /// The pack, for a validator.
    #[arg(long, value_name = "PACK", conflicts_with_all = ["template", "replay"], value_hint = ValueHint::AnyPath)]
    pub pack: Option<PathBuf>,
    /// A new folder for the files that a renderer makes.
    #[arg(short, long, value_name = "DIR", requires = "template", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Count fuel instead of time.
    #[arg(long)]
    pub measure: bool,
    /// Save the call as one file that anyone can replay.
    #[arg(long, value_name = "FILE", conflicts_with = "replay", value_hint = ValueHint::FilePath)]
    pub record: Option<PathBuf>,
    /// Replay a recorded call, and report whether the result is the same, bit for bit.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub replay: Option<PathBuf>,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

/// `plugin bench`
#[derive(Debug, Args)]
#[command(mut_arg("samples", |samples| samples.default_value("200")))]
pub struct BenchPlugin {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Measure the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub cases: Option<String>,
    /// What is measured, and compared.
    #[command(flatten)]
    pub figures: FigureArgs,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}

/// `plugin profile`
#[derive(Debug, Args)]
pub struct ProfilePlugin {
    /// The plugin: a project's folder, or a component with `cases/` beside it.
    #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
    pub plugin: PathBuf,
    /// Profile the cases whose names contain this.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// The flamegraph's file, an SVG; with `--format json` the stacks are printed, too.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Stop after this many samples; one is taken for every millisecond that the plugin runs.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub samples: u64,
    /// The longest that it may take, for instance `10s`.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub time: Duration,
    /// How it is run.
    #[command(flatten)]
    pub running: Running,
}
