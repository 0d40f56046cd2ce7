//! The whole command line, as it is parsed.

use clap::{Args, Parser};

use super::args::Format;
use super::commands::Commands;

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
    pub command: Commands,
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
