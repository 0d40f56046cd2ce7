//! `pack.toml` as typed data, and the one place that reads it.

mod document;
mod engine;
mod hints;
mod imports;
mod ontology;
mod plugins;
mod policy;
mod queries;
mod reader;
pub(crate) mod syntax;
mod templates;
mod variables;
mod view;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;

pub use document::{Dependency, LintLevel, Manifest, PackMeta};
pub(crate) use document::{RuleName, invalid};
pub use engine::{BuiltInEngine, MAX_STAGES, Stage, TemplateEngine};
pub(crate) use engine::{engine_for, no_options};
pub use ontology::{Ontology, Shapes};
pub(crate) use plugins::read_limits;
pub use plugins::{PluginEntry, PluginLimits};
pub use policy::{MERGE_POLICIES, Merging, OnConflict, SaidAt};
pub(crate) use policy::{ReadMerging, read_users_merging};
pub use queries::{Gate, Parameter, Query, QueryText};
pub(crate) use reader::{Findings, TableReader, ValueReader, in_group};
pub use templates::TemplateEntry;
pub(crate) use templates::has_expressions;
pub use view::{ManifestView, pointer_token};
