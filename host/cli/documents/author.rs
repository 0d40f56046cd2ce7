//! What the commands print that make packs and plugins.

use semver::Version;
use serde::Serialize;

use crate::author::{Kind, Language};
use crate::digest::Digest;
use crate::engine::Header;
use crate::grants::Grant;
use crate::limits::Limits;
use crate::pack::{OutputPath, PackName, PluginName};

/// A pack that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewPack<'a> {
    /// Its name.
    pub pack: &'a PackName,
    /// Its folder.
    pub folder: String,
    /// The files in it.
    pub files: Vec<&'a OutputPath>,
    /// A command to try.
    pub next: &'a str,
}

/// A plugin project that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewPlugin<'a> {
    /// The plugin's name.
    pub plugin: &'a PluginName,
    /// What it is written in.
    pub lang: Language,
    /// What it is.
    pub kind: Kind,
    /// Its folder.
    pub folder: String,
    /// The files in it.
    pub files: Vec<&'a OutputPath>,
    /// The commands to type next.
    pub next: &'a [String],
}

/// A plugin that was built.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginBuilt<'a> {
    /// Its name.
    pub plugin: &'a PluginName,
    /// What it is written in.
    pub lang: Language,
    /// What it is.
    pub kind: Kind,
    /// The component.
    pub file: String,
    /// The component's size.
    pub bytes: u64,
    /// The component's digest.
    pub sha256: Digest,
    /// The version of the plugin ABI that it was built for; none where it names none.
    pub abi: Option<Version>,
    /// The names of its imports.
    pub imports: &'a [&'a str],
    /// The names of its exports.
    pub exports: &'a [String],
    /// Whether a pack has to grant `wasi-stub`.
    pub wants_wasi_stub: bool,
    /// How long the build took.
    pub milliseconds: u64,
}

/// What a component is, and whether it can run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PluginInspected<'a> {
    /// The component.
    pub file: String,
    /// Its size.
    pub bytes: usize,
    /// Its digest.
    pub sha256: Digest,
    /// The version of the plugin ABI that it was built for; none where it names none.
    pub abi: Option<Version>,
    /// The version of the plugin ABI that this packbox offers.
    pub host_abi: Version,
    /// Whether it can run here, with the grants that it needs.
    pub runs_here: bool,
    /// The grants without which it can't run.
    pub needs_grants: Vec<Grant>,
    /// Why it can't run.
    pub problem: Option<String>,
    /// What to do about that.
    pub hint: Option<&'a str>,
    /// What it says about itself.
    pub header: &'a Header,
    /// The limits that hold where nobody says anything.
    pub limits: Limits,
}
