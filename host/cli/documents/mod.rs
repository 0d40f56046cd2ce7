//! The JSON documents that commands print, as types: what is printed is made of them, and so are the schemas in
//! `docs/schema/`.
//!
//! Always true here: nothing else is printed as JSON, but for the plan itself; a field's comment is its description in the
//! schema; fields stand in the order in which they are printed.

#![expect(clippy::struct_field_names, reason = "fields have the names that they have in JSON")]

mod author;
mod error;
mod generate;
mod install;
mod machine;
mod measure;
mod packs;
mod plugin;
mod query;
mod registries;
mod rules;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::{Make, framed};

use serde::Serialize;

pub use author::{NewPack, NewPlugin, PluginBuilt, PluginInspected};
pub use error::{ErrorBody, Failed};
pub use generate::{DryRun, FileStatus, Generated, GeneratedFile, GeneratedPack, Left, Milliseconds, PlanSaved, Reads};
pub use install::{Cleaning, Exported, Installed, UnreadRegistry, Updated, Vendored};
pub use machine::{AllLimits, Doctor, FileSchema, Sandbox, ShownLimit, Store};
pub use measure::{PackBench, PackScore, PacksBench, Profile, Scores, Stack, Stage};
pub use packs::{
    Because, ChosenPack, Deps, Facts, FoundPack, Info, InstalledPack, InstalledPacks, KnownRelease, ListedPack, Packs,
    Search, Show, ShownVariable,
};
pub use plugin::{PluginBench, PluginOutput, PluginProfile, PluginReplay, PluginRun, PluginStack, PluginTest};
pub use query::{QueryAnswered, Step};
pub use registries::{
    KnownRegistry, RegistryAdded, RegistryList, RegistryRead, RegistryRemoved, RegistrySynced, Yanked,
};
pub use rules::{OneRule, Rules};

use super::json::pretty;
use crate::error::{Error, ErrorKind, Result};

/// What stands at the top of every document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Frame<'a> {
    /// The version of packbox.
    packbox: &'a str,
    /// The command, for instance `plugin inspect`; empty where the command line could not be understood.
    command: &'a str,
}

#[derive(Debug, Serialize)]
struct Framed<'a, D> {
    #[serde(flatten)]
    frame: Frame<'a>,
    #[serde(flatten)]
    document: &'a D,
}

/// Writes a document, with a line feed at its end.
///
/// # Errors
/// `Io` where it can't be written as JSON, which has no known cause.
pub fn text<D: Serialize>(command: &str, document: &D) -> Result<String> {
    let framed = Framed { frame: Frame { packbox: env!("CARGO_PKG_VERSION"), command }, document };
    let value = serde_json::to_value(framed)
        .map_err(|error| Error::new(ErrorKind::Io, "cannot write the result as JSON").caused_by(error))?;
    Ok(pretty(&value) + "\n")
}
