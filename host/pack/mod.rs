//! A pack on disk, as typed data: [`Pack`].
//!
//! Only `folder/` opens what is on the disk, and only to read.

mod archive;
mod claims;
mod contents;
mod expression;
mod folder;
mod foreign;
mod foreign_names;
mod globs;
mod ignore;
mod import;
mod knowledge;
mod listing;
mod load;
pub(crate) mod manifest;
mod missing;
mod names;
mod needs;
mod output_path;
mod partials;
mod places;
mod portable_names;
mod spanned;
mod templates;
mod variable;
mod written;

#[cfg(all(test, unix))]
mod tests;

pub use crate::limits::PackLimits;
pub use archive::EXTENSION as ARCHIVE_EXTENSION;
pub use expression::{Expression, ExpressionMode};
pub use folder::FileInfo;
pub use foreign::is_address;
pub(crate) use foreign_names::instead;
pub use globs::Globs;
pub use ignore::FILE_NAME as IGNORE_NAME;
pub use import::{Import, ListRule, VariableOf};
pub use load::{Kept, Pack};
pub(crate) use manifest::engine_for;
pub use manifest::{
    BuiltInEngine, Dependency, Gate, LintLevel, MAX_STAGES, MERGE_POLICIES, Manifest, ManifestView, Merging,
    OnConflict, Ontology, PackMeta, Parameter, PluginEntry, PluginLimits, Query, QueryText, SaidAt, Shapes, Stage,
    TemplateEngine, TemplateEntry, pointer_token,
};
pub use missing::pack_beside;
pub use names::{
    InvalidName, Iri, MANIFEST_NAME, MAX_PATH_BYTES, PackName, PackPath, ParameterName, PluginName, PolicyName,
    PrefixName, QueryName, VariableName,
};
pub(crate) use needs::cycle;
pub use output_path::{InvalidPath, OutputPath};
pub use places::OutputPlaces;
pub use spanned::Spanned;
pub use templates::{Template, engines_in_use};
pub use variable::Variable;
