//! `completions`: what a shell needs to complete commands.

use clap::Args;

use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::{Error, Result};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

impl command::Command for Completions {
    const NAME: &'static str = "completions";
    const EXAMPLES: &'static [&'static str] = &["packbox completions bash > packbox.bash"];

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(completions(session, self.shell))
    }
}

/// Prints a completion script.
///
/// # Errors
/// `Io` where it can't be written.
pub fn completions(session: &Session, shell: clap_complete::Shell) -> Result<()> {
    let script = completers::script(shell).map_err(|error| Error::io("cannot make the script", error))?;
    session.output.result(&String::from_utf8_lossy(&script))
}
