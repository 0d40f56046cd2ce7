//! Which variables and queries have to be known before which: from the names that their expressions read, and from the graphs
//! that queries ask.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::declared::Declared;
use super::evaluator::{Evaluator, answers_match};
use super::mistakes::{is_mistake, of_circles};
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, Result};
use crate::pack::Spanned;
use crate::query::Description;

/// What each variable and each query needs, by their positions in the declaration: queries stand behind variables.
pub(super) struct Needs {
    /// Of each variable.
    by_when: Vec<Vec<usize>>,
    /// Of each variable.
    by_compute: Vec<Vec<usize>>,
    /// Of each query: what its parameters read.
    by_parameter: Vec<Vec<usize>>,
    /// Of each query: the variables and queries whose graphs it asks.
    by_graph: Vec<Vec<usize>>,
    /// Names that expressions read and that nobody declares.
    undeclared: BTreeMap<usize, Vec<String>>,
    /// Expressions that can't be read: whose, whether it is the condition, and why.
    pub(super) unreadable: Vec<(usize, bool, Error)>,
    /// Variables that need each other, and what is said of them.
    pub(super) circles: Vec<(Vec<usize>, Diagnostic)>,
}

/// Whose expression one is.
#[derive(Clone, Copy)]
enum Owner {
    When(usize),
    Compute(usize),
    /// The number of a query.
    Parameter(usize),
}

impl Needs {
    /// Asks the evaluator, in one call, and in none where there are no expressions. What is wrong with the expressions is in what
    /// is found: see [`Needs::take_error`]. `descriptions` are those of the queries.
    ///
    /// Errors: what the evaluator says of anything else.
    pub(super) fn find(
        declared: &Declared<'_>,
        descriptions: &[Description],
        evaluator: &dyn Evaluator,
    ) -> Result<Self> {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        for (index, variable) in declared.variables.iter().enumerate() {
            for (owner, text) in [(Owner::When(index), &variable.when), (Owner::Compute(index), &variable.compute)] {
                if let Some(text) = text {
                    expressions.push(declared.expression(text));
                    owners.push(owner);
                }
            }
        }
        for (number, query) in declared.queries.values().enumerate() {
            for parameter in &query.parameters {
                expressions.push(declared.expression(&parameter.value));
                owners.push(Owner::Parameter(number));
            }
        }
        let none = vec![Vec::new(); declared.variables.len()];
        let mut needs = Self {
            by_when: none.clone(),
            by_compute: none,
            by_parameter: vec![Vec::new(); declared.queries.len()],
            by_graph: graphs(declared, descriptions),
            undeclared: BTreeMap::new(),
            unreadable: Vec::new(),
            circles: Vec::new(),
        };
        if !expressions.is_empty() {
            let answers = evaluator.names(&expressions);
            answers_match(answers.len(), expressions.len())?;
            let positions = declared.nodes();
            for (owner, names) in owners.into_iter().zip(answers) {
                match names {
                    Ok(names) => needs.note(owner, names, &positions),
                    Err(error) if is_mistake(&error) => {
                        let is_when = matches!(owner, Owner::When(_));
                        needs.unreadable.push((needs.node(owner), is_when, error));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        needs.circles = needs.find_circles(declared);
        Ok(needs)
    }

    /// The position of whose expression one is.
    fn node(&self, owner: Owner) -> usize {
        match owner {
            Owner::When(index) | Owner::Compute(index) => index,
            Owner::Parameter(number) => self.by_when.len() + number,
        }
    }

    /// Notes what an expression reads.
    fn note(&mut self, owner: Owner, names: Vec<String>, positions: &BTreeMap<&str, usize>) {
        let (known, other): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| positions.contains_key(name.as_str()));
        let node = self.node(owner);
        let slot = match owner {
            Owner::When(index) => &mut self.by_when[index],
            Owner::Compute(index) => &mut self.by_compute[index],
            Owner::Parameter(number) => &mut self.by_parameter[number],
        };
        let known: BTreeSet<usize> = known.iter().map(|name| positions[name.as_str()]).collect();
        slot.extend(known);
        // These may be asked about (`x is defined`): evaluating finds which are mistakes.
        if !other.is_empty() {
            self.undeclared.entry(node).or_default().extend(other);
        }
    }

    /// What is wrong with the expressions themselves: the first that can't be read, else all circles at once, of kind `Manifest`.
    pub(super) fn take_error(&mut self, declared: &Declared<'_>) -> Option<Error> {
        if !self.unreadable.is_empty() {
            return Some(self.unreadable.swap_remove(0).2);
        }
        let circles = std::mem::take(&mut self.circles);
        let what = kinds(declared, circles.iter().flat_map(|(nodes, _)| nodes));
        let findings: Vec<Diagnostic> = circles.into_iter().map(|(_, finding)| finding).collect();
        (!findings.is_empty()).then(|| of_circles(what, findings))
    }

    /// What has to be known before a variable's expressions can be evaluated, or a query asked.
    pub(super) fn of(&self, node: usize) -> impl Iterator<Item = usize> {
        let [first, second] = match node.checked_sub(self.by_when.len()) {
            None => [&self.by_when[node], &self.by_compute[node]],
            Some(number) => [&self.by_parameter[number], &self.by_graph[number]],
        };
        first.iter().chain(second).copied()
    }

    /// The nodes that expressions read: those of variables, and the parameters of queries.
    pub(super) fn read_by_name(&self) -> BTreeSet<usize> {
        let all = self.by_when.iter().chain(&self.by_compute).chain(&self.by_parameter);
        all.flatten().copied().collect()
    }

    /// These nodes, and all that they need.
    pub(super) fn closure(&self, nodes: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut left: Vec<usize> = nodes.into_iter().collect();
        while let Some(node) = left.pop() {
            if found.insert(node) {
                left.extend(self.of(node));
            }
        }
        found
    }

    /// Names that expressions of a variable or a query read and that nobody declares.
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
        // Indices of nodes are positions; a pack cannot declare as many variables and queries as there are indices.
        let index_of = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        let edges = (0..declared.variables.len() + declared.queries.len())
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

/// What the graphs of each query come from: all variables that are graphs, and the queries that make a named graph which it asks.
fn graphs(declared: &Declared<'_>, descriptions: &[Description]) -> Vec<Vec<usize>> {
    let given = declared.variables.iter().enumerate();
    let given: Vec<usize> = given.filter(|(_, one)| one.kind.is_graph()).map(|(index, _)| index).collect();
    let made: Vec<(usize, &str)> = declared
        .queries
        .values()
        .enumerate()
        .filter_map(|(number, query)| Some((number, query.graph.as_ref()?.value.as_str())))
        .collect();
    let of = |(number, description): (usize, &Description)| {
        let asks = |(maker, graph): &&(usize, &str)| {
            let is_named = description.graphs.iter().any(|name| name == graph);
            is_named || (description.any_graph && *maker != number)
        };
        let made = made.iter().filter(asks).map(|(maker, _)| declared.variables.len() + maker);
        given.iter().copied().chain(made).collect()
    };
    let mut all: Vec<Vec<usize>> = descriptions.iter().enumerate().map(of).collect();
    all.resize(declared.queries.len(), Vec::new());
    all
}

/// What nodes are, in words.
fn kinds<'n>(declared: &Declared<'_>, mut nodes: impl Iterator<Item = &'n usize> + Clone) -> &'static str {
    let is_query = |node: &usize| *node >= declared.variables.len();
    match (nodes.clone().any(is_query), nodes.all(is_query)) {
        (false, _) => "variables",
        (true, true) => "queries",
        (true, false) => "variables and queries",
    }
}

fn describe(declared: &Declared<'_>, circle: &[usize], place: &dyn Fn(&Range<usize>) -> Span) -> Diagnostic {
    let all: Vec<&str> = declared.all_names().collect();
    let names: Vec<&str> = circle.iter().filter_map(|node| all.get(*node).copied()).collect();
    let what = kinds(declared, circle.iter());
    let message = format!("{what} need each other: {}", names.join(" → "));
    let mut places = circle[..circle.len() - 1].iter().filter_map(|node| {
        let Some(variable) = declared.variables.get(*node) else {
            return declared.query(*node).map(|(_, query)| place(&query.range));
        };
        let expression = variable.compute.as_ref().or(variable.when.as_ref());
        Some(place(expression.map_or(&variable.range, |Spanned { range, .. }| range)))
    });
    let help = match what {
        "variables" => "give one of them a `default` instead of an expression, or let the user be asked for it",
        _ => {
            "a query needs what its parameters read, each variable of type `graph`, and the queries that make the named graphs \
             which it asks: take one of these out"
        }
    };
    let mut finding = Diagnostic::error("variables/cycle", message).help(help);
    finding.span = places.next();
    finding.related = places.collect();
    finding
}
