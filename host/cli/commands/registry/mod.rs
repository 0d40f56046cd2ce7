//! `registry …`: a file for each command, and a line for each here.

use clap::Args;

use super::super::args::Format;
use super::super::command::{self, Entry, Known, commands};

/// Add, remove, list and read registries.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Registry {
    /// What to do.
    #[command(subcommand)]
    command: Commands,
}

impl Entry for Registry {
    const KNOWN: Known = Known {
        name: "registry",
        formats: Format::OF_RESULTS,
        examples: &["packbox registry add local packs/registry --create", "packbox registry list"],
        below: Commands::KNOWN[0].1,
        arguments: Self::augment_args,
        #[cfg(test)]
        documents: &[],
    };

    fn chosen(&self) -> &dyn command::Run {
        self.command.chosen()
    }
}

commands! {
    "Commands": {
        add::Add,
        remove::Remove,
        list::List,
        sync::Sync,
    }
}
