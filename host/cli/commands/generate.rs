//! `generate`: from a pack to a directory.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::Making;
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::writing::generating::Generating;
use crate::cli::{command, completers};
use crate::compose::packs::{Arrangement, Presets};
use crate::error::Result;
use crate::plan::Rules;

/// Generate a project from a pack.
#[derive(Debug, Args)]
pub struct Generate {
    /// The pack: a folder with a `pack.toml`, or a `.pack` archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// How it is generated.
    #[command(flatten)]
    pub making: Making,
}

impl command::Command for Generate {
    const NAME: &'static str = "generate";
    const EXAMPLES: &'static [&'static str] = &[
        "packbox generate shop --output demo",
        "packbox generate shop --output demo --var slug=atelier --prune --dry-run",
        "packbox generate shop --output demo --on-existing skip --prune",
    ];
    command::documents!(Generated<'static>, DryRun<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(generate(session, self))
    }
}

/// Generates a project from a pack, with the packs that it needs.
///
/// # Errors
/// Those of every stage; nothing is written then.
pub fn generate(session: &Session, arguments: &Generate) -> Result<u8> {
    let named = vec![arguments.pack.clone()];
    let generating = Generating {
        command: "generate",
        named: named.clone(),
        presets: Presets::default(),
        rules: Rules::default(),
        making: &arguments.making,
    };
    generating.run(session, |limits| session.pack_set(&named, &Arrangement::default(), &limits.pack))
}
