//! The formats of structured files: how one is read, and how a change of its values is written.

pub mod json;
pub mod json_edit;
pub mod toml;
pub mod toml_edit;
pub mod toml_layout;
pub mod yaml;
pub mod yaml_edit;
pub mod yaml_flow;
pub mod yaml_older;

use crate::change::Change;
use crate::edits::Edit;
use crate::failures::Fault;
use crate::model::{Doc, Values};
use crate::unwritten::Unwritten;

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It is at fault.
    Fault(Fault),
    /// It is sound, but more than is done here.
    Unsupported(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with comments and commas behind the last item where they are.
    Json,
    /// TOML.
    Toml,
    /// YAML 1.2 with its core schema.
    Yaml,
}

/// What is changed, and what it is changed to.
#[derive(Debug, Clone, Copy)]
pub struct Graft<'a> {
    /// The text that is changed.
    pub text: &'a str,
    /// What it says.
    pub doc: &'a Doc,
    /// The text that things come from.
    pub from: &'a str,
    /// What that says.
    pub side: &'a Doc,
    /// All values.
    pub values: &'a Values,
}

impl Format {
    /// Reads a text.
    pub fn parse(self, text: &str, values: &mut Values) -> Result<Doc, Refusal> {
        match self {
            Self::Json => Ok(json::parse(text, values)?),
            Self::Toml => Ok(toml::parse(text, values)?),
            Self::Yaml => yaml::parse(text, values),
        }
    }

    /// The edits that remove and replace. The error says what can't be written.
    pub fn removals(self, graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
        match self {
            Self::Json => Ok(json_edit::removals(graft, change)),
            Self::Toml => toml_edit::removals(graft, change),
            Self::Yaml => yaml_edit::removals(graft, change),
        }
    }

    /// The edits that add. The error says what can't be written.
    pub fn additions(self, graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
        match self {
            Self::Json => Ok(json_edit::additions(graft, change)),
            Self::Toml => toml_edit::additions(graft, change),
            Self::Yaml => yaml_edit::additions(graft, change),
        }
    }

    /// The change as it is written: what can't be replaced where it stands is removed and added.
    #[must_use]
    pub fn settle(self, graft: Graft<'_>, change: Change) -> Change {
        match self {
            Self::Toml => toml_edit::settle(graft, change),
            Self::Json | Self::Yaml => change,
        }
    }

    /// What the names of keys that are text begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Json | Self::Toml => "",
            Self::Yaml => "s:",
        }
    }

    /// The key of what is inherited.
    #[must_use]
    pub fn inherit(self) -> Option<&'static str> {
        (self == Self::Yaml).then_some("s:<<")
    }
}
