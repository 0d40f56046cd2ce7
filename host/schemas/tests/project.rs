//! `packbox-plugin.toml`, as an editor is told about it. What each key means is said in the words of `docs/authoring.md`.

use schemars::JsonSchema;

use super::words::{DashedName, PluginLimits};
use crate::author::{Kind, Language, Target};
use crate::grants::Grant;

/// A plugin project: what `packbox plugin build` and `packbox plugin test` are told.
#[derive(JsonSchema)]
#[schemars(title = "packbox-plugin.toml", deny_unknown_fields)]
pub(super) struct Project {
    /// What the plugin is.
    plugin: Plugin,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Plugin {
    /// 1 to 64 of `a-z`, `0-9` and `-`, the first not `-`; the component is `NAME.wasm`.
    name: DashedName,
    /// What it is written in.
    lang: Language,
    /// What it does.
    kind: Kind,
    /// What a plugin in Rust is compiled for; `wasm32-unknown-unknown` where nothing is said.
    target: Option<Target>,
    /// What its tests are granted; a pack has to ask for it, too.
    grants: Option<Vec<Grant>>,
    /// What its tests run under.
    limits: Option<PluginLimits>,
}
