//! What `generate`, `apply` and `plan` print.

use semver::Version;
use serde::Serialize;

use super::error::ErrorBody;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::engine::{Allocation, Usage};
use crate::generate::tree::Owner;
use crate::limits::Used;
use crate::pack::{OutputPath, PackName, PackPath};

/// What was generated.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Generated<'a> {
    /// The pack; of several, the one that was named first.
    pub pack: GeneratedPack<'a>,
    /// All packs, each after those that it needs, where several were generated together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<GeneratedPack<'a>>,
    /// The output folder, as it was named.
    pub output: String,
    /// What was generated, sorted by path.
    pub files: Vec<GeneratedFile<'a>>,
    /// What earlier runs generated and this one does not, and stays.
    pub left: Vec<Left<'a>>,
    /// Files that were removed: with `--prune`, and where a folder replaced a file, or a file a folder.
    pub removed: &'a [OutputPath],
    /// Findings of renderers and mergers that are no errors.
    pub notes: Vec<&'a Diagnostic>,
    /// The pack's message; none where it has none, or files were skipped.
    pub message: Option<&'a str>,
    /// How instances got their memory; none where no plugin was needed.
    pub allocation: Option<Allocation>,
    /// Calls of plugins that were made, each for one or more templates, expressions or merges; 0 where nothing changed since an
    /// earlier run.
    pub wasm_calls: u64,
    /// What the run used of what it may use.
    pub budget: Used,
    /// What the stages took.
    pub timings: Milliseconds,
}

/// What would be generated: `--dry-run`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DryRun<'a> {
    /// The pack; of several, the one that was named first.
    pub pack: GeneratedPack<'a>,
    /// All packs, each after those that it needs, where several were generated together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<GeneratedPack<'a>>,
    /// Always true.
    pub dry_run: bool,
    /// What would be generated, sorted by path.
    pub files: Vec<GeneratedFile<'a>>,
    /// What earlier runs generated and this one would not, and would stay.
    pub left: Vec<Left<'a>>,
    /// Files that would be removed.
    pub removed: &'a [OutputPath],
    /// Findings of renderers and mergers that are no errors.
    pub notes: Vec<&'a Diagnostic>,
    /// What would change, as a unified diff in which secrets are replaced.
    pub diff: String,
    /// Calls of plugins that were made, each for one or more templates, expressions or merges; 0 where nothing changed since an
    /// earlier run.
    pub wasm_calls: u64,
    /// What the run used of what it may use.
    pub budget: Used,
    /// What the stages took.
    pub timings: Milliseconds,
    /// The error with which the real run would end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody<'a>>,
}

/// A pack that was generated from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GeneratedPack<'a> {
    /// Its name.
    pub name: &'a PackName,
    /// Its version.
    pub version: &'a Version,
}

/// A generated file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GeneratedFile<'a> {
    /// Where it is, below the output folder.
    pub path: &'a OutputPath,
    /// Its size, as it was generated.
    pub bytes: usize,
    /// Its digest, as it was generated; none where a secret may be in it.
    pub sha256: Option<Digest>,
    /// Whether it is executable.
    pub executable: bool,
    /// What came of it.
    pub status: FileStatus,
    /// The template that it comes from.
    pub template: &'a str,
    /// The template's digest.
    pub template_sha256: Digest,
    /// What made it: `jinja`, `tera`, `handlebars`, `liquid`, `copy` or `plugin:NAME`.
    pub engine: &'a str,
    /// The packs that want the file, in their order, where several were generated together; what is said of a template is said
    /// of the first one's.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub owners: &'a [Owner],
    /// The engines of the chain that rendered it in turn.
    pub then: Vec<&'a str>,
    /// What was looked up for it.
    pub reads: Reads<'a>,
    /// What rendering it cost; none for a copy, and for what is as an earlier run rendered it.
    pub usage: Option<Usage>,
    /// Why it was rendered, with `--why`; nothing for a copy, and for what is as an earlier run rendered it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FileStatus {
    /// It was written.
    Written,
    /// It is as it was.
    Unchanged,
    /// It was not written, as there is another.
    Skipped,
    /// With `--dry-run`: there is none yet.
    New,
    /// With `--dry-run`: packbox wrote it, and nobody touched it.
    Outdated,
    /// With `--dry-run`: somebody edited or made it, or it belongs to packs that are not generated now.
    Differs,
    /// With `--dry-run`: somebody edited or made it, and what packs want was merged into it (`--on-existing merge`).
    Merged,
    /// With `--dry-run`: it is written only where there is none, and there is one.
    Kept,
}

/// What was looked up for a file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reads<'a> {
    /// Variables; for a plugin all of them.
    pub variables: &'a [String],
    /// Partials.
    pub partials: &'a [PackPath],
    /// What was looked up in vain.
    pub absent: &'a [String],
}

/// A file that an earlier run generated, and that stays.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Left<'a> {
    /// The file.
    pub path: &'a OutputPath,
    /// Whether somebody edited it.
    pub edited: bool,
}

/// What the stages of a run took, in milliseconds.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Milliseconds {
    /// Loading the pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<f64>,
    /// Making plugins ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepare_ms: Option<f64>,
    /// Finding the variables' values; `generate` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables_ms: Option<f64>,
    /// Working out the files; `generate` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_ms: Option<f64>,
    /// Rendering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub render_ms: Option<f64>,
    /// Writing; not with `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_ms: Option<f64>,
    /// All of it.
    pub total_ms: f64,
}

/// A plan that was saved: `--save`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanSaved<'a> {
    /// The file.
    pub saved: String,
    /// How many files it plans.
    pub files: usize,
    /// Findings of renderers and mergers that are no errors, where files were rendered for the plan.
    pub notes: Vec<&'a Diagnostic>,
    /// Calls of plugins that were made; 0 where nothing changed since an earlier run.
    pub wasm_calls: u64,
}
