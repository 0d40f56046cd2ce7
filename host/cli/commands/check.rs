//! `check`: manifest, structure and digests.

use std::path::PathBuf;

use clap::Args;

use crate::check::Depth;
use crate::cli::args::Checking;
use crate::cli::args::Format;
use crate::cli::checking::run::{Checks, run, told_apart};
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::compose::variables::Sources;
use crate::error::Result;

/// Check packs: manifest, structure, digests. Nothing in a pack runs.
#[derive(Debug, Args)]
pub struct Check {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs;
    /// or a `compose.toml`, or a folder with one.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

impl command::Command for Check {
    const NAME: &'static str = "check";
    const FORMATS: &'static [Format] = Format::OF_REPORTS;
    const EXAMPLES: &'static [&'static str] = &["packbox check shop"];
    command::documents!(crate::check::Report);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(check(session, self))
    }
}

/// Checks manifests, structure and digests.
///
/// # Errors
/// `Usage` where the settings can't be used. What is wrong with packs is in the report.
pub fn check(session: &Session, arguments: &Check) -> Result<u8> {
    let (packs, compositions) = told_apart(session, &arguments.packs)?;
    run(
        session,
        Checks {
            command: "check",
            depth: Depth::Check,
            packs: &packs,
            compositions: &compositions,
            checking: &arguments.checking,
            values: Sources::default(),
            ceilings: &[],
        },
        None,
    )
}
