//! What is said of variables: the one value that text and JSON are made from.
//!
//! Always true here: plain data in the order in which it is shown; no value of a secret, and no line of a file, is in it.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Span;
use crate::pack::{PackName, VariableName};

/// What became of variables.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The packs, each after those that it needs.
    pub packs: Vec<ExplainedPack>,
    /// The variables: the one that was asked about, or all.
    pub variables: Vec<ExplainedVariable>,
    /// Packs whose files, or whose message, could not be rendered: what is said of the outputs that read a variable is what the
    /// manifest says.
    pub unrendered: Vec<Unrendered>,
}

/// A pack.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExplainedPack {
    /// Its name.
    pub name: PackName,
    /// Its version.
    pub version: String,
}

/// A pack of which something could not be rendered.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unrendered {
    /// The pack.
    pub pack: PackName,
    /// What.
    pub what: Rendering,
    /// Why.
    pub why: String,
}

/// What is rendered of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Rendering {
    /// Its files.
    Files,
    /// Its message: what is shown after generation.
    Message,
}

/// What became of a variable.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExplainedVariable {
    /// Its pack.
    pub pack: PackName,
    /// Its name.
    pub name: VariableName,
    /// Its type, for instance `string`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What became of it.
    pub state: State,
    /// Its value; null where it has none, and where it is a secret.
    pub value: Option<Value>,
    /// Whether its value may not be shown.
    pub secret: bool,
    /// Why it has no value, or is not asked for.
    pub why: Option<String>,
    /// Where that is, without the line.
    pub place: Option<Span>,
    /// What to do about that.
    pub help: Option<String>,
    /// Who gives it a value, or would have, the strongest first.
    pub sources: Vec<Source>,
    /// What holds for it: its own definition, those of what it takes its value from, and those of what takes it.
    pub definitions: Vec<Definition>,
    /// What its condition and its expression read.
    pub reads: Vec<Dependent>,
    /// What is worked out from it, directly and through others.
    pub dependents: Vec<Dependent>,
    /// What reads it of what is generated, and what reads those that are worked out from it.
    pub outputs: Vec<Reader>,
}

/// What became of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has a value.
    Set,
    /// Its `when` is false: nobody is asked, and it is computed, has its default, or is null.
    Hidden,
    /// It was given a value that will not do, or computed one, or takes one; or its expression fails.
    Invalid,
    /// Nobody gives it a value.
    Missing,
    /// What it is worked out from has no value.
    Unknown,
}

/// Who gives a variable a value, or would have.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Source {
    /// Who.
    pub kind: SourceKind,
    /// By what, in words: ``the environment's `PACKBOX_VAR_PORT` ``.
    pub what: String,
    /// Where it stands in a file, without the line.
    pub place: Option<Span>,
    /// What it gives; null where that is a secret, can't be read, or was not worked out.
    pub value: Option<Value>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why.
    pub why: Option<String>,
}

/// Who can give a variable a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// `--var`.
    Flag,
    /// An answers file, or the answers of a `compose.toml`.
    Answers,
    /// An environment variable.
    Environment,
    /// Somebody who was asked.
    Prompt,
    /// Another pack's variable: `from` in the manifest.
    Import,
    /// Another pack's variable: `[share]` in `compose.toml`.
    Share,
    /// The pack's expression.
    Compute,
    /// The pack's default.
    Default,
}

/// What became of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is the value.
    Taken,
    /// It is a part of the list.
    Merged,
    /// It would be the value, and will not do.
    Refused,
    /// Another one counts.
    PassedOver,
}

/// A definition that holds for a variable.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Definition {
    /// The pack.
    pub pack: PackName,
    /// The variable.
    pub name: VariableName,
    /// Its type with its bounds, for people: `an integer from 1024 to 65535`.
    pub expects: String,
    /// Where it stands.
    pub place: Span,
}

/// A variable that another one is worked out from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dependent {
    /// The pack.
    pub pack: PackName,
    /// The variable.
    pub name: VariableName,
    /// What joins the two.
    pub by: Bond,
    /// The variable, as `PACK.NAME`, that it is directly worked out from.
    pub through: String,
    /// Where that is said.
    pub place: Span,
    /// Whether it has its value from there now: else somebody gives it another one, and nothing follows from it.
    pub in_force: bool,
}

/// What joins two variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Bond {
    /// `compute`.
    Compute,
    /// `when`.
    When,
    /// `from`.
    From,
    /// `[share]`.
    Share,
}

/// What reads a variable of what is generated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reader {
    /// The pack.
    pub pack: PackName,
    /// The output; null where the template generates nothing now, or its path is not known, and for the message.
    pub output: Option<String>,
    /// The template.
    pub template: String,
    /// What of it reads the variable.
    pub parts: Vec<Part>,
    /// The variable, as `PACK.NAME`, that it reads.
    pub variable: String,
}

/// What of an output reads a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The condition, `when`.
    Condition,
    /// The list of `for_each`.
    List,
    /// The path.
    Path,
    /// The template.
    Template,
    /// It is the message: what is shown after generation.
    Message,
    /// A plugin renders it, which is given all variables: which of them it reads is not known.
    Plugin,
}
