//! `compose.toml`, as an editor is told about it. What each key means is said in the words of `docs/compose.md`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::words::{DashedName, Filled, Sha256, VariableName};

/// Packs that are generated together.
#[derive(JsonSchema)]
#[schemars(title = "compose.toml", deny_unknown_fields)]
pub(super) struct Settings {
    /// The packs, by their names.
    packs: BTreeMap<DashedName, Wanted>,
    /// Values for the packs' variables: those that only one pack has, and in a table of a pack's name those of that pack.
    answers: Option<Map<String, Value>>,
    /// Variables that are one for several packs: the first has it, the others take its value.
    share: Option<BTreeMap<VariableName, Vec<DashedName>>>,
    /// What holds where packs write one file and none of them says what.
    strategy: Option<Strategy>,
    /// Whose file is taken where several packs write it, or how it is merged, by its path.
    resolutions: Option<BTreeMap<String, Resolution>>,
    /// Mergers of your own, by their names.
    mergers: Option<BTreeMap<DashedName, Merger>>,
}

/// The pack whose file is taken, or how what packs want is merged.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Resolution {
    Pack(DashedName),
    Merge(Merge),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Merge {
    /// A policy of the merger, for instance `merge-toml`.
    policy: DashedName,
    /// One of `[mergers]`; without it, the built-in merger.
    merger: Option<DashedName>,
    /// What the merger is told, as its policy says.
    options: Option<Map<String, Value>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Merger {
    /// Its component, seen from the folder of this file.
    component: Filled,
    /// The SHA-256 of the component.
    sha256: Sha256,
}

/// Which pack is meant: versions of a registry's, for instance `^1.0`, or a table.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Wanted {
    Requirement(String),
    Detailed(Detailed),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = [json!({ "required": ["path"] }), json!({ "required": ["version"] })]))]
struct Detailed {
    /// A folder or an archive, seen from the folder of this file.
    path: Option<Filled>,
    /// Which versions will do, for instance `^1.0`.
    version: Option<String>,
    /// The registry that it comes from.
    registry: Option<DashedName>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", extend("default" = "merge"))]
enum Strategy {
    /// It is an error.
    Merge,
    /// The pack that stands later wins.
    Layer,
}
