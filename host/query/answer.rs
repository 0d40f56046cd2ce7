//! What comes of a query, and what one says about itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::question::Term;
use crate::diagnostic::Diagnostic;

/// What a `SELECT` gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Table {
    /// The names of its variables, without `?`, each once.
    pub variables: Vec<String>,
    /// The rows, each with a value for each variable, none where it has none: in the query's order, or sorted where it does
    /// not order.
    pub rows: Vec<Vec<Option<Term>>>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Statement {
    /// An IRI or a blank node.
    pub subject: Term,
    /// An IRI.
    pub predicate: String,
    /// What the subject is said to have.
    pub object: Term,
}

/// What a query gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// `ASK`.
    Boolean(bool),
    /// `SELECT`.
    Table(Table),
    /// `CONSTRUCT` and `DESCRIBE`: each statement once, sorted.
    Graph(Vec<Statement>),
}

/// An answer, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// What is probably not as intended and only the graphs show, with places in the query.
    pub remarks: Vec<Diagnostic>,
    /// How it came about: a tree of steps, each with its `name`, `children` and `rows`; only where it was asked for.
    pub steps: Option<Value>,
}

/// Which kind of query it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A table.
    Select,
    /// Yes or no.
    Ask,
    /// A graph, from a template.
    Construct,
    /// A graph, about resources.
    Describe,
}

/// What a query says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its kind.
    pub form: Form,
    /// The variables that its table has; none where it gives no table.
    pub variables: Vec<String>,
    /// All variables that occur in it, sorted: those that parameters may bind.
    pub mentions: Vec<String>,
    /// Whether it says in which order rows come.
    pub ordered: bool,
    /// The IRIs of the graphs that it names, sorted.
    pub graphs: Vec<String>,
    /// Whether it may read all named graphs.
    pub any_graph: bool,
    /// What is probably not as intended, with places in the query.
    pub remarks: Vec<Diagnostic>,
}

impl Form {
    /// Its name, as it is written in a query but in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Ask => "ask",
            Self::Construct => "construct",
            Self::Describe => "describe",
        }
    }
}

impl Answer {
    /// How many rows or statements it has; none for yes or no.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Boolean(_) => None,
            Self::Table(table) => Some(table.rows.len()),
            Self::Graph(statements) => Some(statements.len()),
        }
    }
}
