//! `compose`: several packs, one project.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Combining, Making, Resolving};
use crate::cli::command::{Exit, ended};
use crate::cli::packs::composing::Composing;
use crate::cli::session::Session;
use crate::cli::writing::generating::Generating;
use crate::cli::{command, completers};
use crate::error::Result;

/// Generate one project from several packs.
#[derive(Debug, Args)]
pub struct Compose {
    /// The packs: folders, archives, or names of installed ones; or a `compose.toml`, or a folder with one. Without any: the
    /// `compose.toml` of this folder.
    #[arg(value_name = "PACK", add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// How it is generated.
    #[command(flatten)]
    pub making: Making,
    /// How packs get along.
    #[command(flatten)]
    pub combining: Combining,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
}

impl command::Command for Compose {
    const NAME: &'static str = "compose";
    const EXAMPLES: &'static [&'static str] = &[
        "packbox compose shop packs/site --output both --var site.slug=front --resolve README.md=shop",
        "packbox compose shop packs/site --output layers --strategy layer --dry-run",
    ];
    command::documents!(Generated<'static>, DryRun<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(compose(session, self))
    }
}

/// Generates one project from several packs.
///
/// # Errors
/// Those of every stage; nothing is written then.
pub fn compose(session: &Session, arguments: &Compose) -> Result<u8> {
    let composing = Composing::of(&arguments.packs, &arguments.combining)?;
    let generating = Generating {
        command: "compose",
        named: composing.named.clone(),
        presets: composing.presets(),
        rules: composing.rules.clone(),
        making: &arguments.making,
    };
    generating.run(session, |limits| composing.load(session, arguments.resolving, limits))
}
