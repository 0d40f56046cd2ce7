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
mod registries;
mod rules;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub use author::{NewPack, NewPlugin, PluginBuilt, PluginInspected};
pub use error::{ErrorBody, Failed};
pub use generate::{DryRun, FileStatus, Generated, GeneratedFile, GeneratedPack, Left, Milliseconds, PlanSaved, Reads};
pub use install::{Cleaning, Exported, Installed, Updated, Vendored};
pub use machine::{Doctor, FileSchema, Sandbox, Store};
pub use measure::{PackBench, PackScore, PacksBench, Profile, Scores, Stack, Stage};
pub use packs::{
    Because, ChosenPack, Deps, Facts, FoundPack, Info, InstalledPack, InstalledPacks, KnownRelease, ListedPack, Packs,
    Search, Show, ShownVariable,
};
pub use plugin::{PluginBench, PluginOutput, PluginProfile, PluginReplay, PluginRun, PluginStack, PluginTest};
pub use registries::{
    KnownRegistry, RegistryAdded, RegistryList, RegistryRead, RegistryRemoved, RegistrySynced, Yanked,
};
pub use rules::{OneRule, Rules};

use super::json::pretty;
use crate::check::Report;
use crate::error::{Error, ErrorKind, Result};
use crate::library::{PublishReport, Uninstalled};

/// What a command prints with `--format json`, without the frame that all documents have.
pub trait Document: Serialize {
    /// The commands that print it.
    const COMMANDS: &'static [&'static str];
}

/// Says which documents there are, and which commands print them.
macro_rules! documents {
    ($($document:ty: $($command:literal),+;)*) => {
        $(impl Document for $document {
            const COMMANDS: &'static [&'static str] = &[$($command),+];
        })*

        /// All documents, for their schemas.
        #[cfg(test)]
        const ALL: &[(&[&str], tests::Make)] =
            &[$((<$document as Document>::COMMANDS, tests::framed::<$document>)),*];
    };
}

documents! {
    Generated<'_>: "generate", "apply";
    DryRun<'_>: "generate", "apply";
    PlanSaved: "plan";
    NewPack<'_>: "new";
    Report: "check", "lint", "validate", "compat";
    OneRule<'_>: "lint";
    Rules<'_>: "lint";
    Scores<'_>: "score";
    PacksBench<'_>: "bench";
    Profile<'_>: "profile";
    NewPlugin<'_>: "plugin new";
    PluginBuilt<'_>: "plugin build";
    PluginTest<'_>: "plugin test";
    PluginRun<'_>: "plugin run";
    PluginReplay<'_>: "plugin run";
    PluginBench<'_>: "plugin bench";
    PluginProfile<'_>: "plugin profile";
    PluginInspected<'_>: "plugin inspect";
    Packs<'_>: "list";
    InstalledPacks<'_>: "list";
    Search<'_>: "search";
    Show<'_>: "show";
    Info<'_>: "info";
    Deps<'_>: "deps";
    Installed<'_>: "install", "import";
    Uninstalled: "uninstall";
    Updated<'_>: "update";
    Vendored: "vendor";
    Exported: "export";
    Cleaning: "clean";
    PublishReport: "publish";
    Yanked<'_>: "yank";
    RegistryAdded<'_>: "registry add";
    RegistryRemoved<'_>: "registry remove";
    RegistryList<'_>: "registry list";
    RegistrySynced<'_>: "registry sync";
    Doctor<'_>: "doctor";
    Store<'_>: "doctor";
    Sandbox<'_>: "doctor";
    FileSchema: "schema";
}

/// An error may be any command's, and that of a command line that could not be understood.
impl Document for Failed<'_> {
    const COMMANDS: &'static [&'static str] = &[];
}

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
pub fn text<D: Document>(command: &str, document: &D) -> Result<String> {
    debug_assert!(D::COMMANDS.is_empty() || D::COMMANDS.contains(&command), "`{command}` prints no such document");
    let framed = Framed { frame: Frame { packbox: env!("CARGO_PKG_VERSION"), command }, document };
    let value = serde_json::to_value(framed)
        .map_err(|error| Error::new(ErrorKind::Io, "cannot write the result as JSON").caused_by(error))?;
    Ok(pretty(&value) + "\n")
}
