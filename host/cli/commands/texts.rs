//! `completions`, `man`, `precompile`: what is made from the program itself.

use std::path::Path;

use super::super::completion;
use super::super::help;
use super::super::session::Session;
use crate::engine::{Compiler, Engine, EngineOptions, Profile};
use crate::error::{Error, Result};
use crate::plugins::built_in;

/// Prints a completion script.
///
/// # Errors
/// `Io` where it can't be written.
pub fn completions(session: &Session, shell: clap_complete::Shell) -> Result<()> {
    let script = completion::script(shell).map_err(|error| Error::io("cannot make the script", error))?;
    session.output.result(&String::from_utf8_lossy(&script))
}

/// Prints the manual: a page for the program and one for each command.
///
/// # Errors
/// `Io` where it can't be written.
pub fn man(session: &Session) -> Result<()> {
    let mut command = help::command();
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

/// Writes compiled code of the built-in plugins, for a release build that carries it.
///
/// # Errors
/// `Io` where it can't be written.
pub fn precompile(session: &Session, folder: &Path) -> Result<()> {
    let mut options = EngineOptions::new(Compiler::InProcess);
    options.interrupt = session.interrupt.clone();
    let engine = Engine::new(options)?;
    for component in built_in::all(Profile::Run) {
        let code = engine.precompile(component.bytes)?;
        let path = folder.join(format!("{}.cwasm", component.name));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, code))
            .map_err(|error| Error::io(format!("cannot write `{}`", path.display()), error))?;
    }
    Ok(())
}
