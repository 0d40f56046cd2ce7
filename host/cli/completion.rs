//! What a shell offers when the user presses the tabulator key: commands, options, paths, and the names of packs and
//! registries.
//!
//! Always true here: nothing is written, and what can't be read is not offered.

use std::ffi::OsString;
use std::io;

use clap_complete::env::CompleteEnv;

use super::completers::VARIABLE;
use super::environment::Environment;
use super::help;

/// Answers a shell that asks what could come next; none where no shell asks.
pub fn answer(arguments: &[OsString], environment: &Environment) -> Option<io::Result<()>> {
    environment.get(VARIABLE)?;
    let here = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(help::command).var(VARIABLE).try_complete(arguments, here.as_deref());
    Some(answered.map(|_| ()).map_err(io::Error::other))
}
