//! What a shell offers when the user presses the tabulator key: commands, options, paths, and the names of packs and
//! registries.
//!
//! Always true here: nothing is written, and what can't be read is not offered.

use std::ffi::OsString;
use std::io;

use clap_complete::env::{CompleteEnv, Shells};

use super::environment::Environment;
use super::help;

/// The environment variable in which a script that [`script`] made names its shell.
const VARIABLE: &str = "PACKBOX_COMPLETE";

/// Answers a shell that asks what could come next; none where no shell asks.
pub fn answer(arguments: &[OsString], environment: &Environment) -> Option<io::Result<()>> {
    environment.get(VARIABLE)?;
    let here = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(help::command).var(VARIABLE).try_complete(arguments, here.as_deref());
    Some(answered.map(|_| ()).map_err(io::Error::other))
}

/// The script that makes a shell ask.
///
/// # Errors
/// Those of the shell's adapter.
pub fn script(shell: clap_complete::Shell) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let name = shell.to_string();
    let shells = Shells::builtins();
    let adapter = shells.completer(&name).ok_or_else(|| io::Error::other(format!("no completions for {name}")))?;
    adapter.write_registration(VARIABLE, "packbox", "packbox", "packbox", &mut script)?;
    Ok(script)
}
