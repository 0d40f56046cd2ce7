//! What can be typed for more than one command. Arguments resolve once, to settings; nobody looks at them after that.

mod checking;
mod combining;
mod engine;
mod figures;
mod filters;
mod making;
pub mod names;
mod resolving;
mod running;

pub use checking::{Checking, Deny};
pub use combining::{Combining, StrategyName};
pub use engine::{EngineArgs, at_least_one, duration};
pub use figures::FigureArgs;
pub use filters::{Filters, filter};
pub use making::Making;
pub use resolving::Resolving;
pub use running::Running;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; not a stable interface.
    #[value(alias = "table")]
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
    /// One page that needs nothing else, to be looked at in a browser.
    Html,
    /// SPARQL 1.1 Query Results CSV.
    Csv,
    /// SPARQL 1.1 Query Results TSV.
    Tsv,
    /// SPARQL Query Results XML.
    Xml,
    /// Turtle.
    Ttl,
}

impl Format {
    /// What commands that report no findings offer.
    pub const OF_RESULTS: &[Self] = &[Self::Human, Self::Json];
    /// What commands that plan offer.
    pub const OF_PLANS: &[Self] = &[Self::Human, Self::Json, Self::Html];
    /// What commands that ask queries offer.
    pub const OF_ANSWERS: &[Self] = &[Self::Human, Self::Json, Self::Csv, Self::Tsv, Self::Xml, Self::Ttl];
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
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Xml => "xml",
            Self::Ttl => "ttl",
        }
    }
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
    /// A file of statements for the pack's queries, beside those of the pack: its name ends in `.ttl`, `.trig`, `.nt`, `.nq`,
    /// `.rdf`, `.owl` or `.xml`.
    #[arg(long = "graph", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub graphs: Vec<PathBuf>,
    /// Never ask, even on a terminal.
    #[arg(long)]
    pub no_input: bool,
}

/// How files are written.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Writing")]
pub struct Writing {
    /// Say why each file was rendered that was not taken from what earlier runs gave.
    #[arg(long, help_heading = "Rendering")]
    pub why: bool,
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
    /// Merge what the pack wants into it, where the pack says how (`on_conflict`); else as `fail`.
    Merge,
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
    /// The templates of a batch share an instance; one that fails is rendered again alone.
    Batch,
    /// Each template gets a fresh instance.
    Fresh,
}
