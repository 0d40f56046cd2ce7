//! `man`: the manual.

use clap::Args;

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::error::{Error, Result};

/// Print the manual page.
#[derive(Debug, Args)]
pub struct Man {}

impl command::Command for Man {
    const NAME: &'static str = "man";
    const EXAMPLES: &'static [&'static str] = &["packbox man > packbox.1"];

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(man(session))
    }
}

/// Prints the manual: a page for the program and one for each command.
///
/// # Errors
/// `Io` where it can't be written.
fn man(session: &Session) -> Result<()> {
    let mut command = (session.command_line)();
    command.build();
    let mut pages = Vec::new();
    let render = |command: clap::Command, pages: &mut Vec<u8>| {
        clap_mangen::Man::new(command).render(pages).map_err(|error| Error::io("cannot make the manual page", error))
    };
    render(command.clone(), &mut pages)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        render(subcommand.clone(), &mut pages)?;
    }
    session.output.result(&String::from_utf8_lossy(&pages))
}
