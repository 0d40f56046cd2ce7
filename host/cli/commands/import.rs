//! `import`: packs from archives.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::packs::installed::print;
use crate::cli::session::Session;
use crate::error::Result;
use crate::library::Installing;
use crate::pack::PackLimits;

/// Install packs from archives.
#[derive(Debug, Args)]
pub struct Import {
    /// The archives.
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub archives: Vec<PathBuf>,
}

impl command::Command for Import {
    const NAME: &'static str = "import";
    const EXAMPLES: &'static [&'static str] = &["packbox import shop-0.1.0.pack"];
    command::documents!(Installed<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(import(session, self))
    }
}

/// Installs archives.
///
/// # Errors
/// As [`install`].
pub fn import(session: &Session, arguments: &Import) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let mut reports = Vec::new();
    for archive in &arguments.archives {
        reports.push(library.install_path(archive, &Installing::default())?);
    }
    print(session, "import", &reports)
}
