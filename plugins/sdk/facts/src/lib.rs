//! What packbox tells validators about a pack, as data: the host writes it, rules and plugins read it.
//!
//! This is the only declaration of the facts; `docs/validators.md` describes them, and a test of the host compares the two.
//!
//! Always true here: plain data. As JSON, whoever writes them writes every field; whoever reads them ignores fields that it
//! does not know and takes missing ones for empty, so that a plugin and a host of another version understand each other.
//! Fields are added, never taken away: end a literal of your own with `..Default::default()`.
#![deny(missing_docs)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Facts in which no field is empty, for tests.
///
/// ```json
#[doc = include_str!("../example.json")]
/// ```
pub const EXAMPLE: &str = include_str!("../example.json");

/// Where something stands in `pack.toml`: line, column, end line, end column. They count from 1, columns in bytes, and the
/// end is exclusive.
pub type Place = [u32; 4];

/// All facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The host's version.
    pub packbox: String,
    /// The plugin ABI's version.
    pub abi: String,
    /// Where keys and values stand in `pack.toml`, by their JSON pointers.
    pub places: BTreeMap<String, Place>,
    /// All files of the pack, sorted by path.
    pub files: Vec<FileFact>,
    /// The files that become outputs, in the order of the manifest's entries.
    pub templates: Vec<Template>,
    /// The files that templates may include. Those of plugins are told by their role only.
    pub partials: Vec<Partial>,
    /// The file that is shown after generation.
    pub message: Option<Partial>,
    /// The manifest's expressions.
    pub expressions: Vec<Expression>,
    /// What would be generated with examples and defaults as values; `None` where that can't be said.
    pub outputs: Option<Vec<Output>>,
    /// The components that came with the pack, sorted by name.
    pub plugins: Vec<Plugin>,
    /// The default limits of a call, by name.
    pub limits: BTreeMap<String, u64>,
}

/// A file of the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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

/// What a file of the pack is there for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// `pack.toml`.
    Manifest,
    /// `.packboxignore`.
    IgnoreFile,
    /// It is rendered, or copied into a chain.
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
    /// Nothing refers to it, or this version does not know the role.
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

/// The names in a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// What it may look up in its context.
    pub variables: Vec<String>,
    /// The partials that it names literally.
    pub partials: Vec<String>,
    /// The blocks that it defines.
    pub blocks: Vec<String>,
}

/// A file that becomes outputs, rendered or copied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    /// The file.
    pub source: String,
    /// A built-in engine, `copy` or `plugin:NAME`.
    pub engine: String,
    /// The engines that render its outputs in turn; often empty.
    pub then: Vec<String>,
    /// Which of the manifest's entries it came from, counted from 0.
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partial {
    /// Where it is.
    pub path: String,
    /// Which engine reads it.
    pub engine: String,
    /// `None` where that can't be said.
    pub names: Option<Names>,
}

/// An expression of the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Expression {
    /// Its JSON pointer. Several templates of a folder share their entry's.
    pub at: String,
    /// The template whose path or condition it is.
    pub source: Option<String>,
    /// How it is written.
    pub text: String,
    /// The names that it may read.
    pub variables: Vec<String>,
}

/// An output that would be generated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Output {
    /// Where it would go.
    pub path: String,
    /// The file that it comes from.
    pub template: String,
    /// Which of the manifest's entries it came from, counted from 0.
    pub entry: usize,
    /// Whether it would be executable.
    pub executable: bool,
}

/// A component that came with the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// Its name in the manifest.
    pub name: String,
    /// Its file.
    pub component: String,
    /// The size of the file.
    pub bytes: u64,
    /// The digest of the file.
    pub sha256: String,
    /// The version of the plugin ABI that it was built for.
    pub abi: Option<String>,
    /// What it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
    /// Whether anything refers to it.
    pub used: bool,
    /// Why it could not run here.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What is lost, renamed or added on the way makes a difference: no field is unknown, and none is left out.
    #[test]
    fn the_example_has_every_field_and_nothing_else() {
        let example: Value = serde_json::from_str(EXAMPLE).unwrap();
        let facts: Facts = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(&facts).unwrap(), example);
        assert_eq!(empty(&example, ""), None::<String>);
    }

    fn empty(value: &Value, at: &str) -> Option<String> {
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        if is_empty {
            return Some(at.to_owned());
        }
        match value {
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(index, item)| empty(item, &format!("{at}/{index}")))
            }
            Value::Object(fields) => fields.iter().find_map(|(name, field)| empty(field, &format!("{at}/{name}"))),
            _ => None,
        }
    }

    #[test]
    fn what_is_missing_is_empty_and_what_is_unknown_is_ignored() {
        assert_eq!(serde_json::from_str::<Facts>("{}").unwrap(), Facts::default());
        let newer =
            r#"{ "new": 1, "files": [{ "path": "a", "role": "of-the-future", "new": {} }], "limits": { "new": 2 } }"#;
        let facts: Facts = serde_json::from_str(newer).unwrap();
        assert_eq!(facts.files, [FileFact { path: "a".to_owned(), ..FileFact::default() }]);
        assert_eq!((facts.files[0].role, facts.limits["new"]), (Role::Other, 2));
    }
}
