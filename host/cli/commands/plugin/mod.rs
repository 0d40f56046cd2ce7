//! `plugin …`: a file for each command, and a line for each here.

use clap::Args;

use super::super::args::Format;
use super::super::command::{self, Entry, Known, commands};

/// Write plugins, and look at them.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Plugin {
    /// What to do.
    #[command(subcommand)]
    command: Commands,
}

impl Entry for Plugin {
    const KNOWN: Known = Known {
        name: "plugin",
        formats: Format::OF_RESULTS,
        examples: &["packbox plugin new settings --lang c --kind renderer"],
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
        new::New,
        build::Build,
        test::Test,
        run::Run,
        bench::Bench,
        profile::Profile,
        inspect::Inspect,
    }
}
