//! What `query` prints: W3C's SPARQL 1.1 Query Results JSON, and more beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::query::{Answer, Literal, Statement, Table, Term};

/// The datatype that is not said, as it is that of texts.
const TEXT: &str = "http://www.w3.org/2001/XMLSchema#string";

/// The answer to a query.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueryAnswered<'a> {
    /// The pack.
    pub pack: &'a str,
    /// The query: its name in the pack, or its file.
    pub query: &'a str,
    /// The columns of a table.
    pub head: Head<'a>,
    /// Of an `ASK`: whether it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boolean: Option<bool>,
    /// Of a `SELECT`: the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Rows<'a>>,
    /// Of a `CONSTRUCT` or a `DESCRIBE`: the statements, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statements: Option<Vec<ShownStatement<'a>>>,
    /// How many rows or statements there are beside these, which `--rows` leaves out.
    pub left_out: usize,
    /// What is probably not as intended, as the graphs show.
    pub remarks: &'a [Diagnostic],
    /// With `--explain`: how the answer came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<&'a Step>,
    /// With `--explain`: units of fuel that reading the graphs and answering took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
}

/// The head of an answer.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Head<'a> {
    /// The variables of a table, without `?`, in their order; not there for other answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vars: Option<&'a [String]>,
}

/// The rows of a table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rows<'a> {
    /// Each with a term for each variable that has one.
    pub bindings: Vec<BTreeMap<&'a str, ShownTerm<'a>>>,
}

/// A statement.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShownStatement<'a> {
    /// An IRI or a blank node.
    pub subject: ShownTerm<'a>,
    /// An IRI.
    pub predicate: ShownTerm<'a>,
    /// Any term.
    pub object: ShownTerm<'a>,
}

/// An RDF term.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShownTerm<'a> {
    /// `uri`, `literal` or `bnode`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The IRI, the lexical form, or the label.
    pub value: &'a str,
    /// The language of a literal that has one.
    #[serde(rename = "xml:lang", skip_serializing_if = "Option::is_none")]
    pub language: Option<&'a str>,
    /// The datatype of a literal that is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datatype: Option<&'a str>,
}

/// A step by which an answer came about.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Step {
    /// What is done, in the engine's words.
    pub name: String,
    /// How many rows came of it; none where they were not counted.
    #[serde(default)]
    pub rows: Option<u64>,
    /// Where its rows come from.
    #[serde(default)]
    pub children: Vec<Step>,
}

impl<'a> QueryAnswered<'a> {
    /// Takes an answer; nothing is said about how it came about.
    pub fn of(
        (pack, query): (&'a str, &'a str),
        answer: &'a Answer,
        left_out: usize,
        remarks: &'a [Diagnostic],
    ) -> Self {
        let none = Self {
            pack,
            query,
            head: Head::default(),
            boolean: None,
            results: None,
            statements: None,
            left_out,
            remarks,
            steps: None,
            fuel: None,
        };
        match answer {
            Answer::Boolean(holds) => Self { boolean: Some(*holds), ..none },
            Answer::Table(table) => {
                Self { head: Head { vars: Some(&table.variables) }, results: Some(Rows::of(table)), ..none }
            }
            Answer::Graph(statements) => {
                Self { statements: Some(statements.iter().map(ShownStatement::of).collect()), ..none }
            }
        }
    }
}

impl<'a> Rows<'a> {
    fn of(table: &'a Table) -> Self {
        let row = |row: &'a Vec<Option<Term>>| {
            let pairs = table.variables.iter().zip(row);
            pairs.filter_map(|(name, term)| Some((name.as_str(), ShownTerm::of(term.as_ref()?)))).collect()
        };
        Self { bindings: table.rows.iter().map(row).collect() }
    }
}

impl<'a> ShownStatement<'a> {
    fn of(statement: &'a Statement) -> Self {
        let predicate = ShownTerm { kind: "uri", value: &statement.predicate, language: None, datatype: None };
        Self { subject: ShownTerm::of(&statement.subject), predicate, object: ShownTerm::of(&statement.object) }
    }
}

impl<'a> ShownTerm<'a> {
    fn of(term: &'a Term) -> Self {
        let plain = |kind: &'static str, value: &'a str| Self { kind, value, language: None, datatype: None };
        match term {
            Term::Iri(iri) => plain("uri", iri),
            Term::Blank(label) => plain("bnode", label),
            Term::Literal(Literal { value, datatype, language }) => {
                let typed = Some(datatype.as_str()).filter(|datatype| language.is_none() && *datatype != TEXT);
                Self { language: language.as_deref(), datatype: typed, ..plain("literal", value) }
            }
        }
    }
}
