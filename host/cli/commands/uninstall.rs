//! `uninstall`: packs, and what only they needed.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::args::names;
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::Result;
use crate::pack::PackLimits;
use crate::registry::Wanted;

/// Uninstall packs, and what only they needed.
#[derive(Debug, Args)]
pub struct Uninstall {
    /// The packs: `NAME` for all of its versions, or `NAME@1.2`.
    #[arg(required = true, add = completers::installed_names(), value_parser = names::wanted)]
    pub packs: Vec<Wanted>,
}

impl command::Command for Uninstall {
    const NAME: &'static str = "uninstall";
    const EXAMPLES: &'static [&'static str] = &["packbox uninstall shop"];
    command::documents!(crate::library::Uninstalled);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(uninstall(session, self))
    }
}

/// Uninstalls packs.
///
/// # Errors
/// Those of [`Library::uninstall`].
pub fn uninstall(session: &Session, arguments: &Uninstall) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let gone = library.uninstall(&arguments.packs)?;
    if session.output.is_json() {
        return session.output.document("uninstall", &gone);
    }
    let mut out = String::new();
    for (name, version) in &gone.packs {
        let _ = writeln!(out, "{name} {version} uninstalled");
    }
    for (name, version) in &gone.no_longer_needed {
        let _ = writeln!(out, "{name} {version} uninstalled: nothing needs it any more");
    }
    out += "`packbox clean` removes its content\n";
    session.output.page(&out)
}
