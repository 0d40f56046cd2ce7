//! What the commands print that tell of packs by name. Texts of packs are strangers'.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::digest::Digest;
use crate::library::{Figures, Installation};
use crate::pack::{PackName, PluginName, VariableName};
use crate::registry::{Capability, Dependency, Match, Metadata, PackRow, PackVersion, RegistryName, RegistryState};
use crate::resolve::PassedOver;

/// The packs that registries have.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Packs<'a> {
    /// The packs of this page.
    pub packs: Vec<ListedPack<'a>>,
    /// How many packs there are on all pages.
    pub total: u64,
    /// The page, counted from 1.
    pub page: u64,
    /// The order: `name`, `updated` or `score`.
    pub sort: &'a str,
    /// The registries that were read.
    pub registries: Vec<RegistryState>,
}

/// A pack of a registry.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListedPack<'a> {
    /// What the registry says of it.
    #[serde(flatten)]
    pub pack: &'a PackRow,
    /// The newest version that is installed.
    pub installed: Option<&'a PackVersion>,
    /// Whether the registry withdrew that one since.
    pub withdrawn: bool,
}

/// The packs that are installed: `--installed`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InstalledPacks<'a> {
    /// The packs, by name and version.
    pub installed: Vec<InstalledPack<'a>>,
}

/// A pack that is installed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InstalledPack<'a> {
    /// What is known of it.
    #[serde(flatten)]
    pub installed: &'a Installation,
    /// Whether its registry withdrew it since.
    pub withdrawn: bool,
}

/// The packs that were found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Search<'a> {
    /// The packs of this page, the best first.
    pub packs: Vec<FoundPack<'a>>,
    /// The page, counted from 1.
    pub page: u64,
}

/// A pack that was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FoundPack<'a> {
    /// The pack.
    #[serde(flatten)]
    pub pack: ListedPack<'a>,
    /// How it was found.
    pub matched: Match,
}

/// What a pack is for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Show<'a> {
    /// The pack.
    pub name: &'a PackName,
    /// Its version.
    pub version: &'a str,
    /// Whether its registry withdrew this release.
    pub withdrawn: bool,
    /// What it says about itself.
    pub about: &'a Metadata,
    /// Its README; none where it has none, or the pack is not at hand.
    pub readme: Option<&'a str>,
    /// Its variables, where the pack is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<ShownVariable<'a>>>,
    /// The paths of its outputs as the manifest has them, where the pack is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<String>>,
}

/// A variable of a pack.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShownVariable<'a> {
    /// Its name.
    pub name: &'a VariableName,
    /// Its type, for instance `string`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What is asked.
    pub prompt: Option<&'a str>,
    /// What it is for.
    pub help: Option<&'a str>,
    /// A value that would do.
    pub example: Option<&'a Value>,
    /// The value where none is given.
    pub default: Option<&'a Value>,
    /// The values to choose from, where it is a choice.
    pub choices: Option<Vec<&'a str>>,
}

/// Facts about a pack: where it is from, sizes, digests, releases.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Info<'a> {
    /// What is known of it.
    #[serde(flatten)]
    pub facts: Facts,
    /// The versions that are installed.
    pub installed: &'a [&'a Installation],
    /// What it cost when it was measured.
    pub measured: Option<Figures>,
    /// Components that it ships.
    pub plugins: &'a BTreeMap<PluginName, Capability>,
    /// Packs that it needs.
    pub dependencies: &'a BTreeMap<PackName, Dependency>,
    /// Its releases, the newest first.
    pub releases: Vec<KnownRelease<'a>>,
}

/// What is known of a pack, as text.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Facts {
    /// The pack.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The registry that has it; of a pack that is not at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// The digest of its content.
    pub digest: String,
    /// How many files it has; of a pack that is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Its size, for people; of a pack that is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// How many templates it has; of a pack that is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<String>,
    /// How many variables it has; of a pack that is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<String>,
    /// The archive's size, for people, and its digest; of a pack that is not at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// How long ago it was published, for people; of a pack that is not at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// The points that it was published with; of a pack that is not at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// `yes` where its registry withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
}

impl Facts {
    /// What there is, with what it is called, in the order of the fields.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lines = [
            ("name", Some(&self.name)),
            ("version", Some(&self.version)),
            ("registry", self.registry.as_ref()),
            ("digest", Some(&self.digest)),
            ("files", self.files.as_ref()),
            ("size", self.size.as_ref()),
            ("templates", self.templates.as_ref()),
            ("variables", self.variables.as_ref()),
            ("archive", self.archive.as_ref()),
            ("published", self.published.as_ref()),
            ("score", self.score.as_ref()),
            ("withdrawn", self.withdrawn.as_ref()),
        ];
        lines.into_iter().filter_map(|(label, value)| Some((label, value?.as_str())))
    }
}

/// A release that a registry has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KnownRelease<'a> {
    /// The registry.
    pub registry: &'a RegistryName,
    /// The release.
    pub version: &'a PackVersion,
    /// Whether it was withdrawn.
    pub yanked: bool,
    /// The digest of its content.
    pub digest: Digest,
}

/// What a pack needs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deps<'a> {
    /// The pack.
    pub name: &'a PackName,
    /// Its version.
    pub version: &'a str,
    /// The packs that were chosen, each after those that it needs.
    pub packs: Vec<ChosenPack<'a>>,
}

/// A pack that was chosen.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChosenPack<'a> {
    /// The pack.
    pub name: &'a PackName,
    /// The version that was chosen.
    pub version: &'a PackVersion,
    /// The registry that has it.
    pub registry: &'a RegistryName,
    /// The digest of its content.
    pub digest: Digest,
    /// Who asks for it.
    pub because: Vec<Because<'a>>,
    /// Newer releases that were not chosen, and why.
    pub passed_over: &'a [PassedOver],
    /// Packs that it needs.
    pub needs: &'a BTreeMap<PackName, Dependency>,
}

/// Who asks for a pack.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Because<'a> {
    /// The pack that asks; none: the user.
    pub by: Option<&'a PackName>,
    /// The versions that will do.
    pub requirement: String,
}
