//! Which variables have to be known before which: from the names that their expressions read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::declared::Declared;
use super::evaluator::{Evaluator, answers_match};
use super::mistakes::{is_mistake, of_circles};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, Result};
use crate::pack::{Spanned, Variable};

/// What each variable needs, by their positions in the declaration.
pub(super) struct Needs {
    by_when: Vec<Vec<usize>>,
    by_compute: Vec<Vec<usize>>,
    /// Names that a variable's expressions read and that nobody declares.
    undeclared: BTreeMap<usize, Vec<String>>,
    /// Expressions that can't be read: whose, whether it is the condition, and why.
    pub(super) unreadable: Vec<(usize, bool, Error)>,
    /// Variables that need each other, and what is said of them.
    pub(super) circles: Vec<(Vec<usize>, Diagnostic)>,
}

impl Needs {
    /// Asks the evaluator, in one call, and in none where there are no expressions. What is wrong with the expressions is in what
    /// is found: see [`Needs::take_error`].
    ///
    /// Errors: what the evaluator says of anything else.
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
        let mut needs = Self {
            by_when: none.clone(),
            by_compute: none,
            undeclared: BTreeMap::new(),
            unreadable: Vec::new(),
            circles: Vec::new(),
        };
        if expressions.is_empty() {
            return Ok(needs);
        }
        let answers = evaluator.names(&expressions);
        answers_match(answers.len(), expressions.len())?;
        let positions = declared.positions();
        for ((index, is_when), names) in owners.into_iter().zip(answers) {
            let names = match names {
                Ok(names) => names,
                Err(error) if is_mistake(&error) => {
                    needs.unreadable.push((index, is_when, error));
                    continue;
                }
                Err(error) => return Err(error),
            };
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
        needs.circles = needs.find_circles(declared);
        Ok(needs)
    }

    /// What is wrong with the expressions themselves: the first that can't be read, else all circles at once, of kind `Manifest`.
    pub(super) fn take_error(&mut self) -> Option<Error> {
        if !self.unreadable.is_empty() {
            return Some(self.unreadable.swap_remove(0).2);
        }
        let findings: Vec<Diagnostic> = self.circles.drain(..).map(|(_, finding)| finding).collect();
        (!findings.is_empty()).then(|| of_circles(findings))
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

    fn find_circles(&self, declared: &Declared<'_>) -> Vec<(Vec<usize>, Diagnostic)> {
        // Indices of nodes are positions; a pack cannot declare as many variables as there are indices.
        let index_of = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        let edges = (0..declared.variables.len())
            .flat_map(|index| self.of(index).map(move |needed| (index_of(index), index_of(needed))));
        let graph = DiGraph::<(), ()>::from_edges(edges);
        let mut circles: Vec<(Vec<usize>, Vec<usize>)> = tarjan_scc(&graph)
            .into_iter()
            .filter(|component| component.len() > 1 || graph.contains_edge(component[0], component[0]))
            .map(|component| {
                let component: BTreeSet<usize> = component.iter().map(|node| node.index()).collect();
                (self.shortest_circle(&component), component.into_iter().collect())
            })
            .collect();
        circles.sort_unstable();
        if circles.is_empty() {
            return Vec::new();
        }
        let place = declared.places();
        circles.into_iter().map(|(circle, all)| (all, describe(declared, &circle, &place))).collect()
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
