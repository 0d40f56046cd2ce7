//! The outcome: a value for each variable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::querier::Consulted;
use crate::diagnostic::{Diagnostic, Span};
use crate::pack::VariableName;
use crate::secrets::{self, Secrets};

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// `--var`.
    Flag,
    /// The answers file.
    Answers,
    /// The environment.
    Environment,
    /// A question.
    Prompt,
    /// A variable of another pack.
    Import,
    /// The pack's expression.
    Compute,
    /// The pack's default.
    Default,
    /// The variable's `when` is false: computed, its default, or null.
    Inactive,
}

/// Where the user gave a value.
#[derive(Debug, Clone)]
pub struct GivenAt {
    /// By whom.
    pub by: Origin,
    /// By what, for a message: from which flag, variable or file.
    pub source: String,
    /// Where it stands in a file.
    pub place: Option<Span>,
}

/// A value for each variable of a pack, and for queries.
#[derive(Clone, Default)]
pub struct Values {
    /// The values by name: those of variables in the order of declaration, then the answers of queries that something reads.
    pub values: Map<String, Value>,
    /// Where each came from.
    pub origins: BTreeMap<VariableName, Origin>,
    /// Where the user gave those that do not come from the pack.
    pub given: BTreeMap<VariableName, GivenAt>,
    /// The names whose values must never be shown or stored: declared secrets, what was computed from them, and answers to
    /// queries that ask with them.
    pub secrets: BTreeSet<VariableName>,
    /// What gates say that refuse nothing.
    pub remarks: Vec<Diagnostic>,
    /// What the answers of queries depend on beside values; none where none was asked.
    pub consulted: Option<Consulted>,
}

impl Values {
    /// Returns a copy of the values in which those of secrets are null.
    #[must_use]
    pub fn public(&self) -> Map<String, Value> {
        let hide = |(name, value): (&String, &Value)| {
            let value = if self.secrets.contains(name.as_str()) { Value::Null } else { value.clone() };
            (name.clone(), value)
        };
        self.values.iter().map(hide).collect()
    }

    /// The secrets whose values are too short to be found in other texts.
    pub fn short_secrets(&self) -> impl Iterator<Item = &VariableName> {
        let is_short = |name: &&VariableName| {
            let value = self.values.get(name.as_str()).and_then(Value::as_str);
            value.is_some_and(|value| !value.is_empty() && secrets::is_short(value))
        };
        self.secrets.iter().filter(is_short)
    }

    /// Collects what must not be seen.
    #[must_use]
    pub fn to_redact(&self) -> Secrets {
        let secrets = self.secrets.iter().filter_map(|name| self.values.get(name.as_str()));
        Secrets::new(secrets.filter_map(Value::as_str).map(str::to_owned))
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Values")
            .field("values", &self.public())
            .field("origins", &self.origins)
            .field("given", &self.given)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}
