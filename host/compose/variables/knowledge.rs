//! What is known of a pack's queries while values are found: what they say about themselves, which of them are asked, the graphs
//! that there are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::declared::Declared;
use super::evaluator::{Evaluator, answers_match};
use super::order::Needs;
use super::querier::{Graph, Querier};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Query, QueryName, QueryText};
use crate::query::{Description, Form, TERMS};
use crate::text::nearest;

/// What is known of a pack's queries. Nodes are positions among variables and queries.
#[derive(Default)]
pub(super) struct Knowledge<'a> {
    /// Who asks; none where nobody can, or there is nothing to ask.
    pub(super) querier: Option<&'a dyn Querier>,
    /// In the order of the queries; none where there is nobody who asks.
    pub(super) descriptions: Vec<Description>,
    /// Queries that are asked.
    pub(super) wanted: BTreeSet<usize>,
    /// Of these, those without which variables have no value.
    pub(super) needed: BTreeSet<usize>,
    /// Of these, those whose answers are values that something reads.
    pub(super) read: BTreeSet<usize>,
    /// Statements that were given for variables, or made by queries.
    pub(super) graphs: BTreeMap<usize, Graph>,
    /// Statements that were given for no variable, once they were read.
    pub(super) loose: Option<Vec<Graph>>,
    /// What gates said.
    pub(super) gates: BTreeMap<usize, Value>,
    /// The query that is asked by itself, with all that it needs.
    pub(super) alone: Option<(usize, BTreeSet<usize>)>,
}

impl<'a> Knowledge<'a> {
    /// Asks what queries say about themselves.
    ///
    /// # Errors
    /// Those of the querier; `Manifest`, for all that the manifest says otherwise, at once.
    pub(super) fn of(declared: &Declared<'a>, evaluator: &'a dyn Evaluator) -> Result<Self> {
        let Some(querier) = evaluator.querier() else { return Ok(Self::default()) };
        if declared.queries.is_empty() || declared.sought.is_some_and(<[String]>::is_empty) {
            return Ok(Self { querier: Some(querier), ..Self::default() });
        }
        let descriptions = querier.inspect()?;
        answers_match(descriptions.len(), declared.queries.len())?;
        let place = declared.places();
        let pairs = declared.queries.iter().zip(&descriptions);
        let mut findings: Vec<Diagnostic> = Vec::new();
        for ((name, query), description) in pairs {
            for (range, rule, message, help) in mistakes(name, query, description) {
                findings.push(Diagnostic::error(rule, message).at(place(range)).help(help));
            }
        }
        if findings.is_empty() {
            return Ok(Self { querier: Some(querier), descriptions, ..Self::default() });
        }
        findings.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
        let detail = match findings.len() {
            1 => "a query is not what the manifest says".to_owned(),
            several => format!("queries are not what the manifest says, in {several} places"),
        };
        Err(Error::new(ErrorKind::Manifest, detail).with_findings(findings))
    }

    /// Finds out which queries are asked.
    ///
    /// # Errors
    /// Those of the querier.
    pub(super) fn want(&mut self, declared: &Declared<'a>, needs: &Needs) -> Result<()> {
        let Some(querier) = self.querier.filter(|_| !self.descriptions.is_empty()) else { return Ok(()) };
        let first = declared.variables.len();
        let is_query = |node: &usize| *node >= first;
        if let Some(node) = declared.only.and_then(|name| declared.nodes().get(name).copied()).filter(is_query) {
            let all = needs.closure([node]);
            let variables = all.iter().copied().filter(|node| *node < first);
            self.needed = needs.closure(variables).into_iter().filter(is_query).collect();
            self.wanted = all.iter().copied().filter(|other| is_query(other) && *other != node).collect();
            self.read = needs.read_by_name().into_iter().filter(|node| self.wanted.contains(node)).collect();
            self.alone = Some((node, all));
            return Ok(());
        }
        self.needed = needs.closure(0..first).into_iter().filter(is_query).collect();
        let nodes = declared.nodes();
        let names: Vec<&str> = declared.queries.keys().map(QueryName::as_str).collect();
        let named: BTreeSet<String> = match declared.sought {
            Some(sought) => sought.iter().cloned().collect(),
            None => querier.read_by_files(&names)?,
        };
        let queries = declared.queries.values().enumerate();
        let gates = queries.filter(|(_, query)| query.gate.is_some() && declared.sought.is_none());
        let gates: Vec<usize> = gates.map(|(number, _)| first + number).collect();
        let named: BTreeSet<usize> =
            named.iter().filter_map(|name| nodes.get(name.as_str()).copied()).filter(is_query).collect();
        let asked = named.iter().chain(&gates).chain(&self.needed).copied();
        self.wanted = needs.closure(asked).into_iter().filter(is_query).collect();
        self.read = needs.read_by_name().into_iter().chain(named).filter(|node| self.wanted.contains(node)).collect();
        Ok(())
    }
}

type Mistake<'q> = (&'q std::ops::Range<usize>, &'static str, String, String);

/// What the manifest says of a query that it is not.
fn mistakes<'q>(name: &QueryName, query: &'q Query, description: &Description) -> Vec<Mistake<'q>> {
    let mut found: Vec<Mistake<'q>> = Vec::new();
    let form = description.form.name().to_uppercase();
    let is_value = !matches!(query.text, QueryText::Given { .. });
    if is_value && description.variables.iter().any(|variable| variable == TERMS) {
        let message = format!("the query `{name}` has a variable `?{TERMS}`");
        let help = format!("what the terms of a row are stands under `{TERMS}`: call the variable something else");
        found.push((&query.range, "query/column", message, help));
    }
    let makes_graph = matches!(description.form, Form::Construct | Form::Describe);
    if let (Some(graph), false) = (&query.graph, makes_graph) {
        let message =
            format!("`graph` names what the query `{name}` makes, and it is {} and makes none", article(&form));
        let help = "make it a `CONSTRUCT`, or leave `graph` out".to_owned();
        found.push((&graph.range, "query/graph", message, help));
    }
    if query.gate.is_some() && makes_graph {
        let message = format!("the query `{name}` is a gate, and {} decides nothing", article(&form));
        let help = "a gate is an `ASK`, which has to be true, or a `SELECT`, which has to have no rows".to_owned();
        found.push((&query.range, "query/gate", message, help));
    }
    for parameter in &query.parameters {
        let wanted = parameter.name.value.as_str();
        let mut mentions = description.mentions.iter().map(String::as_str);
        if mentions.any(|mentioned| mentioned == wanted) {
            continue;
        }
        let message = format!("the query `{name}` has no variable `?{wanted}`");
        let help = match nearest(wanted, description.mentions.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a parameter is a variable of the query: write it there, or leave the parameter out".to_owned(),
        };
        found.push((&parameter.name.range, "query/parameter", message, help));
    }
    found
}

fn article(form: &str) -> String {
    let article = if form.starts_with('A') { "an" } else { "a" };
    format!("{article} `{form}`")
}
