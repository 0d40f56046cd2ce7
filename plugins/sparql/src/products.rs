//! Patterns of a query that have no variable in common.

use std::collections::BTreeSet;
use std::fmt;

use spargebra::Query;
use spargebra::algebra::GraphPattern;
use spargebra::term::{NamedNodePattern, TermPattern};

use crate::walk::{self, Part};

/// Two patterns that stand beside each other, and that nothing joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// A variable of one.
    pub first: String,
    /// A variable of the other.
    pub second: String,
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Product { first, second } = self;
        write!(formatter, "nothing joins the pattern of `?{first}` with that of `?{second}`")
    }
}

/// The names that a pattern has, without `?`; blank nodes have a `:`, which no variable has.
type Names = BTreeSet<String>;

/// All products of a query, in which variables that are parameters join nothing.
#[must_use]
pub fn of(query: &Query, parameters: &BTreeSet<&str>) -> Vec<Product> {
    let (Query::Select { pattern, .. }
    | Query::Ask { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Construct { pattern, .. }) = query;
    let mut found = Vec::new();
    let mut waiting = vec![pattern];
    while let Some(pattern) = waiting.pop() {
        let mut group = Group::default();
        group.add(pattern);
        found.extend(group.product(parameters));
        waiting.append(&mut group.inner);
    }
    found
}

/// What has to hold together.
#[derive(Default)]
struct Group<'a> {
    patterns: Vec<Names>,
    /// What filters and assignments bring together.
    ties: Vec<Names>,
    /// Groups within.
    inner: Vec<&'a GraphPattern>,
}

impl<'a> Group<'a> {
    fn add(&mut self, pattern: &'a GraphPattern) {
        match pattern {
            GraphPattern::Bgp { patterns } => {
                for triple in patterns {
                    let terms = [term(&triple.subject), name(&triple.predicate), term(&triple.object)];
                    self.patterns.push(terms.into_iter().flatten().collect());
                }
            }
            GraphPattern::Path { subject, object, .. } => {
                self.patterns.push([term(subject), term(object)].into_iter().flatten().collect());
            }
            GraphPattern::Join { left, right } | GraphPattern::LeftJoin { left, right, expression: None } => {
                self.add(left);
                self.add(right);
            }
            GraphPattern::LeftJoin { left, right, expression: Some(expression) } => {
                self.add(left);
                self.add(right);
                self.ties.push(names(walk::expression(expression)));
            }
            GraphPattern::Filter { expr, inner } => {
                self.add(inner);
                self.ties.push(names(walk::expression(expr)));
            }
            GraphPattern::Extend { inner, variable, expression } => {
                self.add(inner);
                let mut tied = names(walk::expression(expression));
                tied.insert(variable.as_str().to_owned());
                self.ties.push(tied);
            }
            GraphPattern::Graph { name: graph, inner } => {
                // The graph joins what is in it.
                let before = self.patterns.len();
                self.add(inner);
                for pattern in &mut self.patterns[before..] {
                    pattern.extend(name(graph));
                }
            }
            GraphPattern::Minus { left, right } => {
                self.add(left);
                self.inner.push(right);
            }
            GraphPattern::Union { left, right } => {
                self.patterns.push(names(walk::pattern(pattern)));
                self.inner.extend([&**left, right]);
            }
            GraphPattern::Project { inner, variables } => {
                self.patterns.push(variables.iter().map(|variable| variable.as_str().to_owned()).collect());
                self.inner.push(inner);
            }
            GraphPattern::Values { variables, bindings } => {
                // One row is no product.
                let names = variables.iter().map(|variable| variable.as_str().to_owned()).collect();
                if bindings.len() > 1 { self.patterns.push(names) } else { self.ties.push(names) }
            }
            GraphPattern::OrderBy { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. }
            | GraphPattern::Group { inner, .. }
            | GraphPattern::Service { inner, .. } => self.add(inner),
        }
    }

    /// The first two patterns that nothing joins, not even by way of others.
    fn product(&self, parameters: &BTreeSet<&str>) -> Option<Product> {
        let free = |names: &Names| -> Names {
            names.iter().filter(|name| !parameters.contains(name.as_str())).cloned().collect()
        };
        let mut patterns: Vec<Names> = self.patterns.iter().map(free).filter(|names| !names.is_empty()).collect();
        let mut ties: Vec<Names> = self.ties.iter().map(free).collect();
        if patterns.is_empty() {
            return None;
        }
        let first = patterns.remove(0);
        let mut reached = first.clone();
        loop {
            let near = |names: &Names| !names.is_disjoint(&reached);
            if let Some(at) = patterns.iter().position(near) {
                reached.extend(patterns.remove(at));
            } else if let Some(at) = ties.iter().position(near) {
                reached.extend(ties.remove(at));
            } else {
                break;
            }
        }
        let shown = |names: &Names| names.iter().find(|name| !name.contains(':')).cloned();
        patterns.iter().find_map(|other| Some(Product { first: shown(&first)?, second: shown(other)? }))
    }
}

fn term(term: &TermPattern) -> Option<String> {
    match term {
        TermPattern::Variable(variable) => Some(variable.as_str().to_owned()),
        TermPattern::BlankNode(node) => Some(format!(":{}", node.as_str())),
        TermPattern::NamedNode(_) | TermPattern::Literal(_) => None,
    }
}

fn name(name: &NamedNodePattern) -> Option<String> {
    match name {
        NamedNodePattern::Variable(variable) => Some(variable.as_str().to_owned()),
        NamedNodePattern::NamedNode(_) => None,
    }
}

fn names<'a>(parts: impl Iterator<Item = Part<'a>>) -> Names {
    let name = |part: Part<'a>| match part {
        Part::Variable(variable) | Part::Bound(variable) => Some(variable.as_str().to_owned()),
        _ => None,
    };
    parts.filter_map(name).collect()
}
