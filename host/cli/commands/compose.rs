//! `compose`: several packs, one project.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::{Combining, Rendering, Resolving, Variables, Writing};
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
    /// The folder to generate into.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// How packs get along.
    #[command(flatten)]
    pub combining: Combining,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
    /// Values for the packs' variables.
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
        output: &arguments.output,
        variables: &arguments.variables,
        writing: arguments.writing,
        rendering: &arguments.rendering,
        record: arguments.record.as_deref(),
    };
    generating.run(session, |limits| composing.load(session, arguments.resolving, limits))
}
