//! Asking a pack's queries while values are found.
//!
//! Always true here: a query is asked once all that it needs is known, with all others that are ready; what a secret may be in
//! is asked apart from what none is in; what a query makes, and a user's file, is read once.

use std::collections::BTreeMap;
use std::path::absolute;

use serde_json::Value;

use super::finding;
use super::parameters;
use super::querier::{Asking, Consulted, Graph, Querier};
use super::resolver::{Resolver, State};
use super::values::{Origin, Values};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Parameter, Query, QueryName, VariableName};
use crate::query::{Answer, Notation, Term};
use crate::values::Problem;

type Bound = BTreeMap<String, Term>;

impl<'a> Resolver<'a> {
    /// The queries that are asked next: all that are ready; while answers are missing, those without which variables have no value.
    pub(super) fn next_queries(&self) -> Option<Vec<usize>> {
        if self.asks && self.has_findings() {
            return None;
        }
        let is_early = self.has_findings() || self.first_pending().is_some();
        let sought = if is_early { &self.knowledge.needed } else { &self.knowledge.wanted };
        let ready: Vec<usize> = sought.iter().copied().filter(|node| self.is_ready(*node)).collect();
        (!ready.is_empty()).then_some(ready)
    }

    /// Asks queries that need nothing else.
    pub(super) fn ask(&mut self, round: &[usize]) -> Result<()> {
        let Some(querier) = self.knowledge.querier else { return Ok(()) };
        self.read_loose(querier)?;
        let mut bound = self.bound(round)?;
        for is_secret in [false, true] {
            let nodes: Vec<usize> =
                round.iter().copied().filter(|node| self.may_hold_secret(*node) == is_secret).collect();
            if nodes.is_empty() {
                continue;
            }
            let askings: Vec<Asking<'a>> = nodes
                .iter()
                .filter_map(|node| {
                    let (name, query) = self.declared.query(*node)?;
                    let parameters = bound.remove(node).unwrap_or_default();
                    Some(Asking { name, query, parameters, has_secret: is_secret })
                })
                .collect();
            let graphs = self.knowledge.graphs.values().chain(self.knowledge.loose.iter().flatten());
            let graphs: Vec<&Graph> = graphs.filter(|graph| is_secret || !graph.has_secret).collect();
            let answers = querier.ask(&graphs, &askings)?;
            if answers.len() != askings.len() {
                let detail = format!("the engine gave {} answers to {} queries", answers.len(), askings.len());
                return Err(Error::new(ErrorKind::Plugin, detail));
            }
            for ((node, asking), answer) in nodes.into_iter().zip(askings).zip(answers) {
                self.answered_by(node, (asking.name, asking.query), &answer, is_secret);
            }
        }
        Ok(())
    }

    /// Whether what a query gives may hold a secret: whether it needs what does.
    pub(super) fn may_hold_secret(&self, node: usize) -> bool {
        self.needs.of(node).any(|needed| self.secrets.contains(&needed))
    }

    /// Takes note of an answer.
    fn answered_by(&mut self, node: usize, (name, query): (&QueryName, &Query), answer: &Answer, is_secret: bool) {
        if is_secret {
            self.secrets.insert(node);
        }
        if let Some(graph) = &query.graph {
            let graph = Graph {
                path: format!("[queries.{name}]"),
                contents: answer.to_string().into_bytes(),
                notation: Notation::NTriples,
                name: Some(graph.value.to_string()),
                has_secret: is_secret,
                is_of_pack: true,
            };
            self.knowledge.graphs.insert(node, graph);
        }
        if query.gate.is_some() {
            self.knowledge.gates.insert(node, answer.to_value());
        }
        if self.knowledge.read.contains(&node) {
            self.know(node, answer.to_value(), Origin::Compute);
        } else {
            // Nobody reads it by its name.
            self.states[node] = State::Known(Origin::Compute);
            self.trail.push(node);
        }
    }

    /// The values of the parameters of queries.
    pub(super) fn bound(&self, round: &[usize]) -> Result<BTreeMap<usize, Bound>> {
        let mut wanted: Vec<(usize, &'a QueryName, &'a Parameter)> = Vec::new();
        for node in round {
            let Some((name, query)) = self.declared.query(*node) else { continue };
            wanted.extend(query.parameters.iter().map(|parameter| (*node, name, parameter)));
        }
        let mut bound: BTreeMap<usize, Bound> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(bound);
        }
        let expressions: Vec<_> =
            wanted.iter().map(|(_, _, parameter)| self.declared.expression(&parameter.value)).collect();
        let owners: Vec<_> = wanted.iter().map(|(node, ..)| (*node, self.may_hold_secret(*node))).collect();
        let values = self.results(&expressions, &owners)?;
        let mut findings = Vec::new();
        for (((node, name, parameter), value), (_, is_secret)) in wanted.into_iter().zip(values).zip(owners) {
            match parameters::term(name, parameter, &value?, is_secret) {
                Ok(Some(term)) => {
                    bound.entry(node).or_default().insert(parameter.name.value.to_string(), term);
                }
                Ok(None) => {}
                Err((message, help)) => {
                    let place = self.place(&parameter.value.range);
                    findings.push(Diagnostic::error("query/parameter", message).at(place).help(help));
                }
            }
        }
        match findings.len() {
            0 => Ok(bound),
            count => {
                let detail =
                    format!("{} no value for a query", if count == 1 { "a parameter has" } else { "parameters have" });
                Err(Error::new(ErrorKind::Manifest, detail).with_findings(findings))
            }
        }
    }

    /// Reads the file that is the value of a variable; an empty path is no file. Says whether it will do; if not, it was reported.
    ///
    /// # Errors
    /// Where the run is at its end.
    pub(super) fn read_graph(&mut self, index: usize, value: &Value, origin: Origin) -> Result<bool> {
        let path = value.as_str().unwrap_or_default();
        let (Some(querier), false) = (self.knowledge.querier, path.is_empty()) else { return Ok(true) };
        let variable = self.variable(index);
        let is_sample = origin == Origin::Default && self.sources.samples.contains_key(variable.name.as_str());
        match querier.graph(path, is_sample)? {
            Ok(graph) => {
                self.knowledge.graphs.insert(index, graph);
                Ok(true)
            }
            Err(problem) => {
                let given = self.given.get(variable.name.as_str()).cloned();
                let (source, place) = given.map_or_else(
                    || ("from the pack".to_owned(), Some(self.place(&variable.range))),
                    |given| (given.source, given.place),
                );
                self.fail(index, finding::invalid(variable, &problem, &source, (place, None)));
                Ok(false)
            }
        }
    }

    /// Reads the files that were given for no variable.
    pub(super) fn read_loose(&mut self, querier: &dyn Querier) -> Result<()> {
        if self.knowledge.loose.is_some() {
            return Ok(());
        }
        let has_variable = self.declared.variables.iter().any(|variable| variable.kind.is_graph());
        let given = self.sources.graphs.iter().filter(|_| !has_variable);
        let mut loose = Vec::new();
        for path in given.chain(&self.sources.pinned_graphs) {
            let graph = querier.graph(path, false)?;
            loose.push(graph.map_err(|problem| unusable(path, &problem))?);
        }
        self.knowledge.loose = Some(loose);
        Ok(())
    }

    /// What answers depend on beside values; none where no query was asked.
    ///
    /// # Errors
    /// Those of reading the pack.
    pub(super) fn consulted(&self) -> Result<Option<Consulted>> {
        let Some(querier) = self.knowledge.querier else { return Ok(None) };
        let first = self.declared.variables.len();
        let is_asked = self.states[first..].iter().any(|state| matches!(state, State::Known(_)));
        if !is_asked {
            return Ok(None);
        }
        let (engine, files) = querier.inputs()?;
        let given = self.knowledge.graphs.range(..first).map(|(_, graph)| graph);
        let users = given.chain(self.knowledge.loose.iter().flatten()).filter(|graph| !graph.is_of_pack);
        let graphs = users.map(|graph| {
            let path = absolute(&graph.path).map_or_else(|_| graph.path.clone(), |path| path.display().to_string());
            (path, Digest::of(&graph.contents))
        });
        Ok(Some(Consulted { engine, files, graphs: graphs.collect() }))
    }

    /// Hands over the answers that something reads.
    pub(super) fn take_answers(&mut self, values: &mut Values) {
        for node in std::mem::take(&mut self.knowledge.read) {
            let name = self.name(node);
            let (Ok(own), Some(value)) = (VariableName::new(name), self.context.remove(name)) else { continue };
            values.values.insert(name.to_owned(), value);
            if self.secrets.contains(&node) {
                values.secrets.insert(own);
            }
        }
    }
}

/// A file that was given with `--graph` can't be used.
fn unusable(path: &str, problem: &Problem) -> Error {
    let detail = format!("the graph {} {problem}", crate::show::quoted(path));
    Error::new(ErrorKind::Usage, detail).hint("a graph is a file of statements, for instance in Turtle: `shop.ttl`")
}
