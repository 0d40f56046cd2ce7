//! What can be typed. Arguments resolve once, to settings; nobody looks at them after that.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

/// Generates projects from template packs that nobody has to trust.
///
/// Every template, expression and renderer of a pack runs as a WebAssembly component with hard limits on memory, time and
/// output: it gets the bytes that it is given, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "packbox", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done · 1 the pack is at fault · 2 your input is · 3 conflicts left · \
4 refused or stopped · 5 no resolution · 6 integrity · 7 I/O · 130 interrupted")]
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
    /// How results are printed; `json` is one document on standard output.
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub format: Format,
    /// Show what happens; twice for more (`PACKBOX_LOG` takes tracing filters).
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; no API.
    Human,
    /// One JSON document.
    Json,
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
    /// Make a new pack that generates as it stands.
    New(New),
    /// Look at plugins.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Say what holds on this machine: folders, keys, compiled code, the walls around the compiler.
    Doctor(Doctor),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Write compiled code of the built-in plugins to a folder, for a build that carries it.
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

/// `generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// The pack: a folder with a `pack.toml`.
    #[arg(value_hint = ValueHint::DirPath)]
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
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// The pack: a folder with a `pack.toml`.
    #[arg(value_hint = ValueHint::DirPath)]
    pub pack: PathBuf,
    /// The file to save the plan in; `-` (default) prints it.
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
    /// The pack's folder, where it is not the one that the plan names.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub pack: Option<PathBuf>,
    /// Secrets, which no plan holds: `NAME=VALUE`.
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

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// The new pack's name, and its folder's.
    pub name: String,
    /// The folder to make it in, instead of `./NAME`.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// `doctor`
#[derive(Debug, Args)]
pub struct Doctor {}

/// `plugin …`
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Show what a component imports and exports, its ABI, sizes and digest; nothing of it runs.
    Inspect {
        /// The component.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// Values for variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Variables")]
pub struct Variables {
    /// Set a variable; repeat it for the items of a list.
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
    /// What to do with a file that exists and differs.
    #[arg(long, value_enum, default_value_t = OnExisting::Fail)]
    pub on_existing: OnExisting,
    /// Print what would change as a unified diff, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What to do with a file that exists and differs.
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
    /// Threads that render; the result does not depend on it.
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Whether templates share instances; the result does not depend on it.
    #[arg(long, value_enum, default_value_t = Isolation::Batch)]
    pub isolation: Isolation,
    /// Count fuel instead of time, and report it for each file; slower, and the same on every machine.
    #[arg(long)]
    pub measure: bool,
    /// Set a limit, for instance `memory=128MiB` or `time=500ms`; a wrong name lists them all.
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    pub limits: Vec<String>,
    /// Keep no compiled code on disk.
    #[arg(long)]
    pub no_cache: bool,
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
