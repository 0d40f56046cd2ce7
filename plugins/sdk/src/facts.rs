//! What the host knows about a pack, as `docs/validators.md` describes it. Unknown fields are ignored, missing ones are
//! empty.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All facts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Facts {
    /// The host's version.
    pub packbox: String,
    /// The plugin ABI's version.
    pub abi: String,
    /// Where keys and values stand in `pack.toml`.
    pub places: BTreeMap<String, [u32; 4]>,
    /// All files of the pack.
    pub files: Vec<FileFact>,
    /// The files that become outputs.
    pub templates: Vec<Template>,
    /// The files that templates may include.
    pub partials: Vec<Partial>,
    /// The file that is shown after generation.
    pub message: Option<Partial>,
    /// The manifest's expressions.
    pub expressions: Vec<Expression>,
    /// What would be generated; `None` where that can't be said.
    pub outputs: Option<Vec<Output>>,
    /// The components that came with the pack.
    pub plugins: Vec<Plugin>,
    /// The default limits of a call.
    pub limits: BTreeMap<String, u64>,
}

/// What a file of the pack is there for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// `pack.toml`.
    Manifest,
    /// `.packboxignore`.
    IgnoreFile,
    /// It is rendered.
    Template,
    /// It is copied.
    Copy,
    /// Templates may include it.
    Partial,
    /// It is shown after generation.
    Message,
    /// A component.
    Plugin,
    /// A query.
    Query,
    /// An ontology.
    Ontology,
    /// Nothing refers to it.
    #[default]
    #[serde(other)]
    Other,
}

impl Role {
    /// Says whether the file's text reaches the user's output or screen.
    #[must_use]
    pub fn is_generated(self) -> bool {
        matches!(self, Self::Template | Self::Copy | Self::Partial | Self::Message)
    }
}

/// A file of the pack.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FileFact {
    /// Where it is.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it may be executed.
    pub executable: bool,
    /// What it is there for.
    pub role: Role,
    /// Whether its contents came with the call.
    pub handed: bool,
}

/// The names in a template.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Names {
    /// What it may look up in its context.
    pub variables: Vec<String>,
    /// The partials that it names literally.
    pub partials: Vec<String>,
}

/// A file that becomes outputs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Template {
    /// The file.
    pub source: String,
    /// `jinja`, `copy` or `plugin:NAME`.
    pub engine: String,
    /// Which of the manifest's entries it came from.
    pub entry: usize,
    /// Its output path before expressions are evaluated.
    pub output: String,
    /// The list that it is rendered for.
    pub for_each: Option<String>,
    /// The condition.
    pub when: Option<String>,
    /// Whether the output is executable.
    pub executable: bool,
    /// `None` for copies, and where a plugin was not asked.
    pub names: Option<Names>,
}

/// A file that templates may include, or the message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Partial {
    /// Where it is.
    pub path: String,
    /// Which engine reads it.
    pub engine: String,
    /// `None` where that can't be said.
    pub names: Option<Names>,
}

/// An expression of the manifest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Expression {
    /// Its JSON pointer.
    pub at: String,
    /// The template whose path or condition it is.
    pub source: Option<String>,
    /// How it is written.
    pub text: String,
    /// The names that it reads.
    pub variables: Vec<String>,
}

/// An output that would be generated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Output {
    /// Where it would go.
    pub path: String,
    /// The file that it comes from.
    pub template: String,
    /// Which of the manifest's entries it came from.
    pub entry: usize,
    /// Whether it would be executable.
    pub executable: bool,
}

/// A component that came with the pack.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Plugin {
    /// Its name in the manifest.
    pub name: String,
    /// Its file.
    pub component: String,
    /// The digest of the file.
    pub sha256: String,
    /// The version of the plugin ABI that it was built for.
    pub abi: Option<String>,
    /// Whether anything refers to it.
    pub used: bool,
    /// Why it could not run here.
    pub problem: Option<String>,
}
