//! `precompile`: compiled code for a build that includes it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::engine::{Compiler, Engine, EngineOptions, Profile};
use crate::error::{Error, Result};
use crate::plugins::built_in;

/// Write compiled code of the built-in plugins to a folder, for a build that includes it.
#[derive(Debug, Args)]
#[command(hide = true)]
pub struct Precompile {
    /// The folder.
    #[arg(value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

impl command::Command for Precompile {
    const NAME: &'static str = "precompile";

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(precompile(session, &self.folder))
    }
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
