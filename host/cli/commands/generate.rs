//! `generate`: from a pack to a directory.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::{Rendering, Variables, Writing};
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
    /// Save the first failing plugin call as one file that anyone can replay, without secrets.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rendering")]
    pub record: Option<PathBuf>,
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
        output: &arguments.output,
        variables: &arguments.variables,
        writing: arguments.writing,
        rendering: &arguments.rendering,
        record: arguments.record.as_deref(),
    };
    generating.run(session, |limits| session.pack_set(&named, &Arrangement::default(), &limits.pack))
}
