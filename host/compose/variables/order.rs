//! Which variables have to be known before which: from the names that their expressions read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::declared::Declared;
use super::evaluator::Evaluator;
use super::evaluator::answers_match;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Spanned, Variable};

/// What each variable needs, by their positions in the declaration.
pub(super) struct Needs {
    by_when: Vec<Vec<usize>>,
    by_compute: Vec<Vec<usize>>,
    /// Names that a variable's expressions read and that nobody declares.
    undeclared: BTreeMap<usize, Vec<String>>,
}

impl Needs {
    /// Asks the evaluator, in one call, and in none where there are no expressions.
    ///
    /// Errors: what the evaluator says; kind `Manifest` for variables that need each other, all such circles at once.
    pub(super) fn find(declared: &Declared<'_>, evaluator: &dyn Evaluator) -> Result<Self> {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        for (index, variable) in declared.variables.iter().enumerate() {
            for (is_when, text) in [(true, &variable.when), (false, &variable.compute)] {
                if let Some(text) = text {
                    expressions.push(declared.expression(text));
                    owners.push((index, is_when));
                }
            }
        }
        let none = vec![Vec::new(); declared.variables.len()];
        let mut needs = Self { by_when: none.clone(), by_compute: none, undeclared: BTreeMap::new() };
        if expressions.is_empty() {
            return Ok(needs);
        }
        let answers = evaluator.names(&expressions);
        answers_match(answers.len(), expressions.len())?;
        let positions = declared.positions();
        for ((index, is_when), names) in owners.into_iter().zip(answers) {
            let names = names?;
            let (known, other): (Vec<&String>, Vec<&String>) =
                names.iter().partition(|name| positions.contains_key(name.as_str()));
            let known: BTreeSet<usize> = known.into_iter().map(|name| positions[name.as_str()]).collect();
            // These may be asked about (`x is defined`): evaluating finds which are mistakes.
            if !other.is_empty() {
                needs.undeclared.entry(index).or_default().extend(other.into_iter().cloned());
            }
            let slot = if is_when { &mut needs.by_when[index] } else { &mut needs.by_compute[index] };
            slot.extend(known);
        }
        needs.refuse_circles(declared)?;
        Ok(needs)
    }

    /// What has to be known before a variable's expressions can be evaluated.
    pub(super) fn of(&self, index: usize) -> impl Iterator<Item = usize> {
        self.by_when[index].iter().chain(&self.by_compute[index]).copied()
    }

    /// Names that a variable's expressions read and that nobody declares.
    pub(super) fn undeclared(&self, index: usize) -> &[String] {
        self.undeclared.get(&index).map_or(&[], Vec::as_slice)
    }

    /// What a variable's computed value is made from.
    pub(super) fn of_compute(&self, index: usize) -> impl Iterator<Item = usize> {
        self.by_compute[index].iter().copied()
    }

    /// What a variable's condition is made from.
    pub(super) fn of_when(&self, index: usize) -> impl Iterator<Item = usize> {
        self.by_when[index].iter().copied()
    }

    fn refuse_circles(&self, declared: &Declared<'_>) -> Result<()> {
        // Indices of nodes are positions; a pack cannot declare as many variables as there are indices.
        let index_of = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        let edges = (0..declared.variables.len())
            .flat_map(|index| self.of(index).map(move |needed| (index_of(index), index_of(needed))));
        let graph = DiGraph::<(), ()>::from_edges(edges);
        let mut circles: Vec<Vec<usize>> = tarjan_scc(&graph)
            .into_iter()
            .filter(|component| component.len() > 1 || graph.contains_edge(component[0], component[0]))
            .map(|component| self.shortest_circle(&component.iter().map(|node| node.index()).collect()))
            .collect();
        circles.sort_unstable();
        if circles.is_empty() {
            return Ok(());
        }
        let place = declared.places();
        let findings = circles.iter().map(|circle| describe(declared, circle, &place)).collect();
        Err(Error::new(ErrorKind::Manifest, "variables of the pack need each other").with_findings(findings))
    }

    /// Finds the shortest way from the first variable of a strongly connected component back to itself.
    fn shortest_circle(&self, component: &BTreeSet<usize>) -> Vec<usize> {
        let start = component.first().copied().unwrap_or_default();
        let mut came_from = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(index) = queue.pop_front() {
            for needed in self.of(index) {
                if needed == start {
                    let mut circle = vec![start];
                    let mut at = index;
                    while at != start {
                        circle.push(at);
                        at = came_from[&at];
                    }
                    circle[1..].reverse();
                    circle.push(start);
                    return circle;
                }
                if component.contains(&needed) && !came_from.contains_key(&needed) {
                    came_from.insert(needed, index);
                    queue.push_back(needed);
                }
            }
        }
        component.iter().copied().collect()
    }
}

fn describe(declared: &Declared<'_>, circle: &[usize], place: &dyn Fn(&Range<usize>) -> Span) -> Diagnostic {
    let names: Vec<&str> = circle.iter().map(|index| declared.variables[*index].name.as_str()).collect();
    let message = format!("variables need each other: {}", names.join(" → "));
    let mut places = circle[..circle.len() - 1].iter().map(|index| {
        let variable: &Variable = &declared.variables[*index];
        let expression = variable.compute.as_ref().or(variable.when.as_ref());
        place(expression.map_or(&variable.range, |Spanned { range, .. }| range))
    });
    let mut finding = Diagnostic::error("variables/cycle", message)
        .help("give one of them a `default` instead of an expression, or let the user be asked for it");
    finding.span = places.next();
    finding.related = places.collect();
    finding
}
