//! `[queries.NAME]`: what a pack asks its graph, and what becomes of the answer.
//!
//! Always true here: a query has one text; nothing of it was read as SPARQL, which the sandbox does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr;

use toml::de::DeValue;

use super::reader::{Findings, TableReader, ValueReader};
use crate::diagnostic::Severity;
use crate::pack::names::{Iri, PackPath, ParameterName, QueryName};
use crate::pack::spanned::Spanned;
use crate::pack::variable::Variable;
use crate::show::quoted;
use crate::text::meant;

/// A named query.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where its text is.
    pub text: QueryText,
    /// Variables of the query that have a value from the beginning, in the order of the manifest.
    pub parameters: Vec<Parameter>,
    /// The named graph that what it constructs becomes, for others to ask.
    pub graph: Option<Spanned<Iri>>,
    /// What it decides, where it is a gate.
    pub gate: Option<Gate>,
    /// Where its name is declared.
    pub range: Range<usize>,
}

/// Where the text of a query is.
#[derive(Debug, Clone)]
pub enum QueryText {
    /// In a file of the pack.
    File(Spanned<PackPath>),
    /// In the manifest.
    Inline(Spanned<String>),
    /// The user's: no part of the pack.
    Given {
        /// What places in it are told by.
        path: String,
        /// The query.
        text: String,
    },
}

/// A variable of a query that has a value from the beginning.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name in the query.
    pub name: Spanned<ParameterName>,
    /// The expression that gives its value.
    pub value: Spanned<String>,
    /// Whether the value is an IRI, and not a text.
    pub is_iri: bool,
}

/// What a query decides: whether anything is generated.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What is said of a row, or of an `ASK` that is false; a template.
    pub message: Option<Spanned<String>>,
    /// How much it matters: only an error refuses.
    pub severity: Severity,
}

impl Query {
    /// The file that holds it; none where the manifest does.
    #[must_use]
    pub fn file(&self) -> Option<&Spanned<PackPath>> {
        match &self.text {
            QueryText::File(file) => Some(file),
            QueryText::Inline(_) | QueryText::Given { .. } => None,
        }
    }

    /// A query of the user's, which has no parameters and decides nothing.
    #[must_use]
    pub fn given(path: String, text: String) -> Self {
        let text = QueryText::Given { path, text };
        Self { text, parameters: Vec::new(), graph: None, gate: None, range: 0..0 }
    }
}

/// How much a gate matters, as a manifest says it.
struct GateSeverity(Severity);

impl FromStr for GateSeverity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            "info" => Severity::Note,
            _ => {
                let near = meant(text, ["error", "warning", "info"].into_iter());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("must be error, warning or info{near}"));
            }
        }))
    }
}

pub(super) fn read_queries(root: &mut TableReader<'_, '_>, variables: &[Variable]) -> BTreeMap<QueryName, Query> {
    let mut queries = BTreeMap::new();
    let variables: BTreeSet<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
    for (name, value) in root.entries_in_tables::<QueryName>("queries", "query", "[queries.NAME]") {
        let Some(table) = value.table(format!("[queries.{}]", name.value)) else { continue };
        let findings = table.findings;
        if variables.contains(name.value.as_str()) {
            let message = format!("the query `{}` has the name of a variable", name.value);
            let help = "rename one of them: expressions and `for_each` could mean both";
            findings.add_with_help("manifest/value", &name.range, message, help);
        }
        if let Some(query) = read_query(table, &name) {
            queries.insert(name.value, query);
        }
    }
    queries
}

fn read_query(mut table: TableReader<'_, '_>, name: &Spanned<QueryName>) -> Option<Query> {
    let findings = table.findings;
    let file = table.get("file");
    let has_file = file.is_some();
    let file = file.and_then(ValueReader::parsed::<PackPath>);
    let has_text = table.get("text").is_some();
    let text = table.filled_text("text");
    let parameters = read_parameters(&mut table);
    let graph = table.parsed::<Iri>("graph");
    let is_gate = table.boolean("gate").unwrap_or(false);
    let message = table.filled_text("message");
    let severity = table.parsed::<GateSeverity>("severity");
    let place = table.place.clone();
    table.finish(&[]);

    match (has_file, has_text) {
        (false, false) => {
            let message = format!("[queries.{}] has neither `file` nor `text`", name.value);
            let help = "for instance `file = \"queries/services.rq\"`, or the query itself: `text = \"SELECT …\"`";
            findings.add_with_help("manifest/missing-key", &place, message, help);
        }
        (true, true) => {
            let message = format!("[queries.{}] has both `file` and `text`", name.value);
            let place = text.as_ref().map_or(&place, |text| &text.range);
            findings.add_with_help("manifest/value", place, message, "keep one of them");
        }
        _ => {}
    }
    if !is_gate {
        for (key, place) in [
            ("message", message.as_ref().map(|message| &message.range)),
            ("severity", severity.as_ref().map(|severity| &severity.range)),
        ] {
            let Some(place) = place else { continue };
            let message = format!("`{key}` is for gates, and [queries.{}] is none", name.value);
            findings.add_with_help("manifest/value", place, message, "add `gate = true`, or leave it out");
        }
    }
    if let (true, Some(graph)) = (is_gate, &graph) {
        let message = format!("[queries.{}] has both `gate` and `graph`", name.value);
        let help = "a gate is an `ASK` or a `SELECT`, and a graph is what a `CONSTRUCT` gives: make it two queries";
        findings.add_with_help("manifest/value", &graph.range, message, help);
    }
    let text = match (file, text) {
        (Some(file), _) => QueryText::File(file),
        (None, Some(text)) => QueryText::Inline(text),
        (None, None) => return None,
    };
    let severity = severity.map_or(Severity::Error, |severity| severity.value.0);
    let gate = is_gate.then_some(Gate { message, severity });
    Some(Query { text, parameters, graph, gate, range: name.range.clone() })
}

fn read_parameters(table: &mut TableReader<'_, '_>) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for (name, value) in table.entries::<ParameterName>("parameters", "parameter") {
        let is_iri = matches!(value.raw(), DeValue::Table(_));
        let value = if is_iri {
            let Some(mut table) = value.table(format!("the parameter `{}`", name.value)) else { continue };
            let value = table.require("iri", "for instance `{ iri = \"base ~ name\" }`, or the expression alone");
            let value = value.and_then(ValueReader::text);
            table.finish(&[]);
            value
        } else {
            read_expression(value)
        };
        let Some(value) = value else { continue };
        if value.value.trim().is_empty() {
            let message = format!("the expression of the parameter `{}` must not be empty", name.value);
            table.findings.add("manifest/value", &value.range, message);
            continue;
        }
        parameters.push(Parameter { name, value, is_iri });
    }
    parameters
}

/// Reads the expression of a parameter: a number or a boolean was probably meant as one.
fn read_expression(value: ValueReader<'_, '_>) -> Option<Spanned<String>> {
    let plain = match value.raw() {
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        _ => None,
    };
    match plain {
        Some(plain) => {
            let message = "a parameter is an expression, in quotes, or a table with `iri`";
            let help = format!("write {}", quoted(&format!("\"{plain}\"")));
            value.findings().add_with_help("manifest/type", &value.range(), message, help);
            None
        }
        None => value.text(),
    }
}

/// Reports globs that can match no file of a pack.
pub(super) fn check_globs(globs: &[Spanned<String>], what: &str, findings: &Findings<'_>) {
    for glob in globs {
        // The rules for paths hold for globs, too.
        if let Err(error) = PackPath::new(&glob.value) {
            findings.add("manifest/value", &glob.range, format!("the path of {what} {error}"));
        }
    }
}
