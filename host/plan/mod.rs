//! What a pack will generate, worked out before anything is rendered: plain data that can be saved, looked at and applied
//! later, exactly or not at all.
//!
//! Always true here: a plan holds no secret, no time, and no file contents; digests pin everything that it was made from.

mod build;
mod composed;
mod failures;
mod folder;
mod owners;
mod paths;
mod saved;
mod secrets;

#[cfg(test)]
mod property_tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use build::{Portion, Source, Sources, build, build_portion, context_bytes, plugins_in_use};
pub use composed::{ComposedPlan, FORMAT, PlannedMerger, PlannedOutput, PlannedSettings};
pub(crate) use folder::merger_changed;
pub use folder::{BaseFile, Existing, PlannedFolder, PlannedStep, Step};
pub use owners::{Claim, Decision, OwnMerger, Rules, Strategy, suggested};
pub use saved::{LARGEST_PLAN, parse, reload, to_text};

use crate::digest::Digest;
use crate::pack::manifest::no_options;
use crate::pack::{OnConflict, PackName, PackPath, Stage, TemplateEngine};

/// What a pack will generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The pack.
    pub pack: PlannedPack,
    /// The variables' values; a secret's is null.
    pub values: Map<String, Value>,
    /// Variables whose values are not here.
    pub secrets: Vec<String>,
    /// Digests of the components that render.
    pub engines: BTreeMap<String, Digest>,
    /// Files that templates may include, with their digests.
    pub partials: BTreeMap<PackPath, Digest>,
    /// The templates to render and the files to copy, in the manifest's order.
    pub files: Vec<PlannedFile>,
    /// What to show afterwards.
    pub message: Option<PlannedMessage>,
    /// What the answers to queries depend on, which are among the values; none where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queries: Option<PlannedQueries>,
}

/// What the answers to queries depend on, beside values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedQueries {
    /// The digest of the component that answers.
    pub engine: Digest,
    /// The files of the pack, with their digests: its statements and its queries.
    pub files: BTreeMap<PackPath, Digest>,
    /// The user's files of statements, with their digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub graphs: BTreeMap<String, Digest>,
}

/// The pack that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedPack {
    /// Its name.
    pub name: PackName,
    /// Its version.
    pub version: Version,
    /// Where it was, as the user named it.
    pub path: String,
    /// The digest of its manifest.
    pub manifest_sha256: Digest,
}

/// A template to render, or a file to copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedFile {
    /// The template.
    pub template: PackPath,
    /// Its digest.
    pub template_sha256: Digest,
    /// Who renders it.
    pub engine: TemplateEngine,
    /// Where its output goes; where a renderer names files itself, the folder that they are below.
    pub output: String,
    /// The item of `for_each`, bound to `item`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub item: Option<Value>,
    /// What the manifest hands to the renderer.
    #[serde(default, skip_serializing_if = "no_options")]
    pub options: Arc<Map<String, Value>>,
    /// Who renders what the engine made, one after the other: each output of a stage is a template of the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Stage>,
    /// Whether the output is executable; none: as the renderer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable: Option<bool>,
    /// What holds where another file wants the same path.
    pub on_conflict: OnConflict,
    /// Variables that its condition and its path looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
}

impl PlannedFile {
    /// The engine of a stage, counted from 0; none where the chain has ended.
    #[must_use]
    pub fn engine_of(&self, stage: usize) -> Option<&TemplateEngine> {
        match stage {
            0 => Some(&self.engine),
            _ => self.then.get(stage - 1).map(|stage| &stage.engine),
        }
    }

    /// The options of a stage, counted from 0.
    #[must_use]
    pub fn options_of(&self, stage: usize) -> &Arc<Map<String, Value>> {
        match stage.checked_sub(1).and_then(|stage| self.then.get(stage)) {
            Some(stage) => &stage.options,
            None => &self.options,
        }
    }
}

/// A text to show after generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedMessage {
    /// The file.
    pub template: PackPath,
    /// Its digest.
    pub template_sha256: Digest,
    /// Who renders it.
    pub engine: TemplateEngine,
}

/// Reads a value that may be null, which is something else than none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
