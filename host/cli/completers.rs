//! What a shell offers for an argument: names of packs and registries, and paths; and how a shell is made to ask.
//!
//! Always true here: nothing is written, and what can't be read is not offered.

use std::ffi::OsStr;
use std::io;

use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::Shells;

use super::environment::Environment;
use crate::library::{Library, Waiting};
use crate::pack::PackLimits;

/// The environment variable in which a script that [`script`] made names its shell.
pub const VARIABLE: &str = "PACKBOX_COMPLETE";

/// The most names that are offered.
const MOST: u32 = 500;

/// Offers what can be installed: names that registries have, and paths.
pub fn packs_to_install() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| with_paths(current, offered(current)))
}

/// Offers packs that are here: names of installed ones, and paths.
pub fn packs_here() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| with_paths(current, installed(current)))
}

/// Offers all packs: names of installed ones and of those that registries have, and paths.
pub fn all_packs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let mut names = installed(current);
        names.extend(offered(current));
        names.sort();
        names.dedup();
        with_paths(current, names)
    })
}

/// Offers the names of installed packs.
pub fn installed_names() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(installed(current)))
}

/// Offers the names that registries have.
pub fn registry_packs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| candidates(offered(current)))
}

/// Offers the names of registries.
pub fn registries() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let prefix = current.to_str().unwrap_or_default();
        let known = library().and_then(|library| library.registries().ok());
        let names = known.into_iter().flat_map(|known| known.registries.into_keys()).map(|name| name.to_string());
        candidates(names.filter(|name| name.starts_with(prefix)).collect())
    })
}

fn library() -> Option<Library> {
    let places = Environment::read().places().ok()?;
    Some(Library::new(places, PackLimits::default(), Waiting::default()))
}

fn offered(current: &OsStr) -> Vec<String> {
    let Some(prefix) = current.to_str() else { return Vec::new() };
    let index = library().filter(Library::has_index).and_then(|library| library.index().ok());
    index.and_then(|index| index.names(prefix, MOST).ok()).unwrap_or_default()
}

fn installed(current: &OsStr) -> Vec<String> {
    let Some(prefix) = current.to_str() else { return Vec::new() };
    let Some(inventory) = library().and_then(|library| library.installed().read().ok()) else { return Vec::new() };
    inventory.names().map(ToString::to_string).filter(|name| name.starts_with(prefix)).collect()
}

fn with_paths(current: &OsStr, names: Vec<String>) -> Vec<CompletionCandidate> {
    let mut all = candidates(names);
    all.extend(PathCompleter::any().complete(current));
    all
}

fn candidates(names: Vec<String>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The script that makes a shell ask.
///
/// # Errors
/// Those of the shell's adapter.
pub fn script(shell: Shell) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let name = shell.to_string();
    let shells = Shells::builtins();
    let adapter = shells.completer(&name).ok_or_else(|| io::Error::other(format!("no completions for {name}")))?;
    adapter.write_registration(VARIABLE, "packbox", "packbox", "packbox", &mut script)?;
    Ok(script)
}
