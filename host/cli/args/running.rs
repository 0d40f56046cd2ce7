//! Arguments of every command that runs a single plugin.

use clap::Args;

use crate::cli::args::EngineArgs;
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
