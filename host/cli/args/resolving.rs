//! Where packs may come from.

use clap::Args;

/// Where packs may come from.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Choosing")]
pub struct Resolving {
    /// Use only what is in `packbox.lock` in this folder.
    #[arg(long)]
    pub locked: bool,
    /// Use only what is already on this machine.
    #[arg(long)]
    pub offline: bool,
}
