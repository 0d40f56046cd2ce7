//! What can be typed. Arguments resolve once, to settings; nobody looks at them after that.

mod measure;
mod registry;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::author_args::{BuildPlugin, NewPlugin};
use super::completers;
use super::engine_args::{EngineArgs, duration};
use super::plugin_args::{BenchPlugin, ProfilePlugin, RunPlugin, TestPlugin};
use crate::schemas;
pub use measure::{Bench, Profile};
pub use registry::{
    Clean, Export, Filters, Import, Info, Install, List, OnePack, Publish, Registry, Search, Sort, Uninstall, Update,
    Vendor, Yank,
};

/// Generates projects from template packs that you do not have to trust.
///
/// Every template, expression and renderer of a pack runs as a WebAssembly component with hard limits on memory, time and
/// output: it gets the bytes that it is given, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "packbox", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done · 1 the pack is at fault · 2 your input is · 3 files are in the way · \
4 refused or stopped · 5 another packbox or pack is needed · 6 integrity · 7 I/O · 130 interrupted")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// How results are printed; `sarif`, `junit`, `github` and `markdown` only for commands that report findings.
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub format: Format,
    /// Show more: tables in reports, what plugins log; given twice, also each stage and how long it took (`PACKBOX_LOG` sets levels by target: `packbox=debug`)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; not a stable interface.
    Human,
    /// One JSON document on standard output.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// GitHub Actions annotations, and a summary.
    Github,
    /// A summary in Markdown, for a pull request.
    Markdown,
}

impl Format {
    /// What commands that report no findings offer.
    pub const OF_RESULTS: &[Self] = &[Self::Human, Self::Json];
    /// What commands that measure packs offer.
    pub const OF_FIGURES: &[Self] = &[Self::Human, Self::Json, Self::Markdown];
    /// What commands that report findings offer.
    pub const OF_REPORTS: &[Self] = &[Self::Human, Self::Json, Self::Sarif, Self::Junit, Self::Github, Self::Markdown];

    /// The name, as it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate a project from a pack.
    Generate(Generate),
    /// Work out what a pack would generate, without rendering, and save it for `apply`.
    Plan(Plan),
    /// Generate exactly what a saved plan says, or refuse.
    Apply(Apply),
    /// Check packs: manifest, structure, digests. Nothing in a pack runs.
    Check(Check),
    /// Check packs against rules, too.
    Lint(Lint),
    /// Check packs thoroughly: rules, and every template rendered, measured, and rendered again to compare.
    Validate(Validate),
    /// Measure what the templates of packs cost, compared with their ceilings, and whether it grew
    Bench(Bench),
    /// Show where generating a pack spends its time: in its stages, and within plugins
    Profile(Profile),
    /// Check whether packs can be used together: variables, outputs, versions, dependencies. Nothing is rendered.
    Compat(Compat),
    /// Measure a pack and give it 0 to 100 points, and say what would raise them.
    Score(Score),
    /// Make a new pack that is ready to generate from.
    New(New),
    /// List the packs that registries have.
    List(List),
    /// Find packs by words, even if one is misspelled.
    Search(Search),
    /// Show what a pack is for: README, variables, outputs, plugins.
    Show(OnePack),
    /// Show what is known of a pack: origin, digests, sizes, releases, plugins.
    Info(Info),
    /// Show what a pack needs, and why each version was chosen.
    Deps(OnePack),
    /// Install packs with what they need: by name, from a folder, or from an archive.
    Install(Install),
    /// Uninstall packs, and what only they needed.
    Uninstall(Uninstall),
    /// Show what newer releases would change, and install them.
    Update(Update),
    /// Remove what is not needed any more.
    Clean(Clean),
    /// Publish a pack to a registry.
    Publish(Publish),
    /// Withdraw a release: after that, only existing locks still get it.
    Yank(Yank),
    /// Write a pack as an archive.
    Export(Export),
    /// Install packs from archives.
    Import(Import),
    /// Turn a folder into a registry with the packs in `packbox.lock`.
    Vendor(Vendor),
    /// Add, remove, list and read registries.
    #[command(subcommand)]
    Registry(Registry),
    /// Write plugins, and look at them.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Check the state of this machine: folders, keys, compiled code, the sandbox around the compiler.
    Doctor(Doctor),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Print the JSON Schema of a file that you write, with which an editor completes and checks it.
    Schema {
        /// The file; with or without `.toml`.
        #[arg(value_parser = schema_names())]
        name: String,
    },
    /// Write compiled code of the built-in plugins to a folder, for a build that includes it.
    #[command(hide = true)]
    Precompile {
        /// The folder.
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
    /// Compile a component from standard input to standard output, within limits.
    #[command(hide = true, name = crate::engine::COMPILE_COMMAND)]
    CompileComponent(CompileComponent),
}

/// The files that have a schema.
fn schema_names() -> PossibleValuesParser {
    let names = schemas::ALL.iter().map(|schema| PossibleValue::new(schema.name).alias(schema.describes));
    PossibleValuesParser::new(names)
}

/// `generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How files are written.
    #[command(flatten)]
    pub writing: Writing,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
    /// Save the first failing plugin call as one file that anyone can replay, without secrets.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rendering")]
    pub record: Option<PathBuf>,
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// The file to save the plan in; `-` prints it. Without this, the plan is shown in readable form on a terminal, and printed otherwise.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save: Option<PathBuf>,
    /// Values for the pack's variables.
    #[command(flatten)]
    pub variables: Variables,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

/// `apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// The saved plan; `-` reads standard input.
    #[arg(value_hint = ValueHint::FilePath)]
    pub plan: PathBuf,
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// The pack, if it is not the one that the plan names.
    #[arg(long, value_name = "PACK", add = completers::packs_here())]
    pub pack: Option<PathBuf>,
    /// Secrets, which are never saved in a plan: `NAME=VALUE`.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// Never ask, even on a terminal.
    #[arg(long)]
    pub no_input: bool,
    /// How files are written.
    #[command(flatten)]
    pub writing: Writing,
    /// How templates are rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

/// `lint`
#[derive(Debug, Args)]
pub struct Lint {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required_unless_present_any = ["explain", "list_rules"], add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Show the documentation of a rule instead.
    #[arg(long, value_name = "RULE", conflicts_with = "packs")]
    pub explain: Option<String>,
    /// List the rules instead.
    #[arg(long, conflicts_with_all = ["packs", "explain"])]
    pub list_rules: bool,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

/// `validate`
#[derive(Debug, Args)]
pub struct Validate {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
    /// Set a ceiling for each template: `fuel=N`, `time=200ms`, `memory=32MiB`, `output=1MiB`; exceeding it is a finding.
    #[arg(long = "ceiling", value_name = "NAME=VALUE", help_heading = "Checking")]
    pub ceilings: Vec<String>,
    /// Save the first failing plugin call as one file that anyone can replay, without secrets; for one pack only.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Checking")]
    pub record: Option<PathBuf>,
}

/// `compat`
#[derive(Debug, Args)]
pub struct Compat {
    /// The packs, at least two: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

/// `score`
#[derive(Debug, Args)]
pub struct Score {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
    /// Exit with code 1 if a pack has fewer points.
    #[arg(long, value_name = "POINTS")]
    pub at_least: Option<u32>,
}

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

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// The name of the new pack, and of its folder.
    pub name: String,
    /// The folder to make it in, instead of `./NAME`.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// `doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also run the suite of attacks against this installation, and show each attack, what stopped it, and how it ended.
    #[arg(long)]
    pub sandbox: bool,
    /// Read everything in the store, and compare it with its digests.
    #[arg(long, conflicts_with = "sandbox")]
    pub store: bool,
}

/// `plugin …`
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Make a new plugin project that builds and passes its tests as it stands.
    New(NewPlugin),
    /// Build a plugin's component, and check that it can run here.
    Build(BuildPlugin),
    /// Run a plugin's cases, each twice and in a fresh instance, and compare the results with what they expect.
    Test(TestPlugin),
    /// Call a plugin once, from files; or replay a recorded call.
    Run(RunPlugin),
    /// Measure what a plugin's cases cost: fuel, memory, times, bytes; and whether that grew.
    Bench(BenchPlugin),
    /// Draw a flamegraph of where a plugin spends its time in its cases.
    Profile(ProfilePlugin),
    /// Show what a component imports and exports, its ABI, sizes and digest; none of it runs.
    Inspect {
        /// The component, or the folder of the project that builds it.
        #[arg(default_value = ".", value_hint = ValueHint::AnyPath)]
        file: PathBuf,
    },
}

/// Values for variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Variables")]
pub struct Variables {
    /// Set a variable; for the items of a list repeat it, or put commas between them.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// A TOML file with values.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub answers: Option<PathBuf>,
    /// Never ask, even on a terminal.
    #[arg(long)]
    pub no_input: bool,
}

/// How files are written.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Writing")]
pub struct Writing {
    /// What to do with a file that differs and that you edited or made; files that packbox wrote and nobody touched are replaced.
    #[arg(long, value_enum, default_value_t = OnExisting::Fail)]
    pub on_existing: OnExisting,
    /// Remove files that an earlier run of the pack generated and this one does not, unless somebody touched them.
    #[arg(long)]
    pub prune: bool,
    /// Print what would change as a unified diff, and write nothing; the exit code is that of the real run.
    #[arg(long)]
    pub dry_run: bool,
}

/// What to do with a file that differs, and that somebody edited or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnExisting {
    /// Write nothing at all.
    Fail,
    /// Leave that file as it is.
    Skip,
    /// Replace it.
    Overwrite,
}

/// How templates are rendered.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rendering")]
pub struct Rendering {
    /// Whether templates share instances; the result does not depend on it.
    #[arg(long, value_enum, default_value_t = Isolation::Batch)]
    pub isolation: Isolation,
    /// Count fuel instead of time, and report it for each file; slower, and the same on every machine.
    #[arg(long)]
    pub measure: bool,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// Whether templates share instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Isolation {
    /// Batches share an instance; what fails in one runs again alone.
    Batch,
    /// Each template gets a fresh instance.
    Fresh,
}

/// The compiler child's arguments; see `engine::compiler`.
#[derive(Debug, Args)]
pub struct CompileComponent {
    /// Which engine the code is for.
    #[arg(long)]
    pub profile: String,
    /// Bytes of address space.
    #[arg(long)]
    pub memory: u64,
    /// Seconds of the deadline.
    #[arg(long)]
    pub seconds: u64,
    /// What to try instead of compiling, once confined.
    #[arg(long)]
    pub probe: Option<String>,
}
