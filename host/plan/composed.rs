//! Plans of packs that are generated together, or of one by itself: what is saved.
//!
//! Always true here: each pack's own plan pins what it is made from; what becomes of files that several packs write follows from
//! these plans and from what is said here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::{OwnMerger, Plan, PlannedFolder, Rules, Strategy};
use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{Merging, OnConflict, OutputPath, PackName, PluginName, VariableName};

/// The version of the plan's JSON form.
pub const FORMAT: u32 = 1;

/// What packs will generate together; one by itself, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComposedPlan {
    /// The version of this form.
    pub format: u32,
    /// The packbox that made it.
    pub packbox: Version,
    /// The pack that speaks for all.
    pub leading: PackName,
    /// What holds where packs write one file and none of them says what.
    pub strategy: Strategy,
    /// Whose file is taken, by its path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resolutions: BTreeMap<OutputPath, PackName>,
    /// How a file is merged because the user says so, by its path; `plugin` names one of `own_mergers`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub merges: BTreeMap<OutputPath, Merging>,
    /// The user's own mergers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own_mergers: BTreeMap<PluginName, PlannedMerger>,
    /// Variables that are one for several packs: the first has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shared: BTreeMap<VariableName, Vec<PackName>>,
    /// The plans of the packs, each after those that it needs.
    pub packs: Vec<Plan>,
    /// The components that merge files, with their digests: `merge` is the built-in one, others are `plugin:PACK/NAME`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mergers: BTreeMap<String, Digest>,
    /// The files whose paths are known before anything is rendered, sorted by path, each with whose it is.
    pub outputs: Vec<PlannedOutput>,
    /// The `compose.toml` that it was made from; none where packs were named, and where a secret may be in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<PlannedSettings>,
    /// The folder that it is for, with what stands there; none where it is for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PlannedFolder>,
}

/// The `compose.toml` that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedSettings {
    /// Where it was.
    pub path: String,
    /// Its digest.
    pub sha256: Digest,
}

/// A merger that a user names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedMerger {
    /// The file of its component.
    pub path: String,
    /// The digest of its bytes.
    pub sha256: Digest,
}

/// A file that packs write together or for themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedOutput {
    /// Where it is.
    pub path: OutputPath,
    /// The packs whose files become it, in their order: several where they are merged.
    pub owners: Vec<PackName>,
    /// Packs that write it too, and whose files are not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PackName>,
    /// What holds where something stands there, or how it is merged.
    pub on_conflict: OnConflict,
}

impl ComposedPlan {
    /// What the user said of files that several packs write.
    ///
    /// # Errors
    /// Those of [`OwnMerger::read`].
    pub(crate) fn rules(&self) -> Result<Rules> {
        let merges = self.merges.iter().map(|(path, merging)| (path.clone(), Arc::new(merging.clone())));
        let read = |(name, planned): (&PluginName, &PlannedMerger)| {
            Ok((name.clone(), OwnMerger::read(name, Path::new(&planned.path), planned.sha256)?))
        };
        let mergers = self.own_mergers.iter().map(read).collect::<Result<_>>()?;
        let resolutions = self.resolutions.clone();
        let (strategy, merges) = (self.strategy, merges.collect());
        Ok(Rules { strategy, resolutions, merges, mergers, places: BTreeMap::new() })
    }
}
