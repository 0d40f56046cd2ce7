//! Walks over the algebra of a query.

use oxrdf::{NamedNode, Variable};
use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression, PropertyPathExpression};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

/// Something that stands in a query.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// A variable, wherever it stands.
    Variable(&'a Variable),
    /// A variable that gets a value: in a pattern, by `BIND`, `VALUES` or an aggregate.
    Bound(&'a Variable),
    /// An IRI that statements must have.
    Iri(&'a NamedNode),
    /// An IRI that values are compared with, or that a template gives.
    Other(&'a NamedNode),
    /// The graph of a `GRAPH`.
    Graph(&'a NamedNodePattern),
    /// The server of a `SERVICE`.
    Service(&'a NamedNodePattern),
    /// Triples that have to hold together.
    Triples(&'a [TriplePattern]),
    /// A property path.
    Path(&'a PropertyPathExpression),
    /// An `ORDER BY`.
    Order,
    /// A `LIMIT`.
    Limit,
}

/// All parts of a query.
pub fn parts(query: &Query) -> impl Iterator<Item = Part<'_>> {
    let mut found = Vec::new();
    match query {
        Query::Select { pattern, .. } | Query::Ask { pattern, .. } | Query::Describe { pattern, .. } => {
            in_pattern(pattern, &mut found);
        }
        Query::Construct { template, pattern, .. } => {
            in_pattern(pattern, &mut found);
            for triple in template {
                let parts = [term(&triple.subject), Some(name(&triple.predicate)), term(&triple.object)];
                let given = |part| if let Part::Iri(node) = part { Part::Other(node) } else { part };
                found.extend(parts.into_iter().flatten().map(given));
            }
        }
    }
    found.into_iter()
}

/// All parts of a pattern.
pub fn pattern(pattern: &GraphPattern) -> impl Iterator<Item = Part<'_>> {
    let mut found = Vec::new();
    in_pattern(pattern, &mut found);
    found.into_iter()
}

/// All parts of an expression.
pub fn expression(expression: &Expression) -> impl Iterator<Item = Part<'_>> {
    let mut found = Vec::new();
    in_expression(expression, &mut found);
    found.into_iter()
}

fn term(term: &TermPattern) -> Option<Part<'_>> {
    match term {
        TermPattern::Variable(variable) => Some(Part::Variable(variable)),
        TermPattern::NamedNode(node) => Some(Part::Iri(node)),
        TermPattern::BlankNode(_) | TermPattern::Literal(_) => None,
    }
}

fn name(name: &NamedNodePattern) -> Part<'_> {
    match name {
        NamedNodePattern::Variable(variable) => Part::Variable(variable),
        NamedNodePattern::NamedNode(node) => Part::Iri(node),
    }
}

/// Adds what a pattern's places are, and that their variables get values.
fn binding<'a>(part: Option<Part<'a>>, found: &mut Vec<Part<'a>>) {
    if let Some(part) = part {
        if let Part::Variable(variable) = part {
            found.push(Part::Bound(variable));
        }
        found.push(part);
    }
}

fn in_pattern<'a>(pattern: &'a GraphPattern, found: &mut Vec<Part<'a>>) {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            found.push(Part::Triples(patterns));
            for triple in patterns {
                binding(term(&triple.subject), found);
                binding(Some(name(&triple.predicate)), found);
                binding(term(&triple.object), found);
            }
        }
        GraphPattern::Path { subject, path, object } => {
            found.push(Part::Path(path));
            binding(term(subject), found);
            binding(term(object), found);
            in_path(path, found);
        }
        GraphPattern::Join { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            in_pattern(left, found);
            in_pattern(right, found);
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            in_pattern(left, found);
            in_pattern(right, found);
            if let Some(expression) = expression {
                in_expression(expression, found);
            }
        }
        GraphPattern::Filter { expr, inner } => {
            in_pattern(inner, found);
            in_expression(expr, found);
        }
        GraphPattern::Graph { name: graph, inner } => {
            found.push(Part::Graph(graph));
            binding(Some(name(graph)), found);
            in_pattern(inner, found);
        }
        GraphPattern::Extend { inner, variable, expression } => {
            in_pattern(inner, found);
            in_expression(expression, found);
            found.extend([Part::Bound(variable), Part::Variable(variable)]);
        }
        GraphPattern::Values { variables, .. } => {
            found.extend(variables.iter().flat_map(|variable| [Part::Bound(variable), Part::Variable(variable)]));
        }
        GraphPattern::OrderBy { inner, expression } => {
            in_pattern(inner, found);
            found.push(Part::Order);
            for one in expression {
                let (OrderExpression::Asc(expression) | OrderExpression::Desc(expression)) = one;
                in_expression(expression, found);
            }
        }
        GraphPattern::Project { inner, variables } => {
            in_pattern(inner, found);
            found.extend(variables.iter().map(Part::Variable));
        }
        GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => in_pattern(inner, found),
        GraphPattern::Slice { inner, length, .. } => {
            in_pattern(inner, found);
            found.extend(length.map(|_| Part::Limit));
        }
        GraphPattern::Group { inner, variables, aggregates } => {
            in_pattern(inner, found);
            found.extend(variables.iter().map(Part::Variable));
            for (variable, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    in_expression(expr, found);
                }
                found.extend([Part::Bound(variable), Part::Variable(variable)]);
            }
        }
        GraphPattern::Service { name: server, inner, .. } => {
            found.push(Part::Service(server));
            binding(Some(name(server)), found);
            in_pattern(inner, found);
        }
    }
}

fn in_path<'a>(path: &'a PropertyPathExpression, found: &mut Vec<Part<'a>>) {
    match path {
        PropertyPathExpression::NamedNode(node) => found.push(Part::Iri(node)),
        PropertyPathExpression::Reverse(inner)
        | PropertyPathExpression::ZeroOrMore(inner)
        | PropertyPathExpression::OneOrMore(inner)
        | PropertyPathExpression::ZeroOrOne(inner) => in_path(inner, found),
        PropertyPathExpression::Sequence(left, right) | PropertyPathExpression::Alternative(left, right) => {
            in_path(left, found);
            in_path(right, found);
        }
        PropertyPathExpression::NegatedPropertySet(nodes) => found.extend(nodes.iter().map(Part::Iri)),
    }
}

fn in_expression<'a>(expression: &'a Expression, found: &mut Vec<Part<'a>>) {
    match expression {
        Expression::NamedNode(node) => found.push(Part::Other(node)),
        Expression::Literal(_) => {}
        Expression::Variable(variable) | Expression::Bound(variable) => found.push(Part::Variable(variable)),
        Expression::Or(left, right)
        | Expression::And(left, right)
        | Expression::Equal(left, right)
        | Expression::SameTerm(left, right)
        | Expression::Greater(left, right)
        | Expression::GreaterOrEqual(left, right)
        | Expression::Less(left, right)
        | Expression::LessOrEqual(left, right)
        | Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right) => {
            in_expression(left, found);
            in_expression(right, found);
        }
        Expression::In(one, several) => {
            in_expression(one, found);
            for expression in several {
                in_expression(expression, found);
            }
        }
        Expression::UnaryPlus(inner) | Expression::UnaryMinus(inner) | Expression::Not(inner) => {
            in_expression(inner, found);
        }
        Expression::Exists(pattern) => in_pattern(pattern, found),
        Expression::If(condition, yes, no) => {
            for expression in [condition, yes, no] {
                in_expression(expression, found);
            }
        }
        Expression::Coalesce(several) | Expression::FunctionCall(_, several) => {
            for expression in several {
                in_expression(expression, found);
            }
        }
    }
}

/// Whether a query says in which order its rows come.
#[must_use]
pub fn is_ordered(query: &Query) -> bool {
    let Query::Select { pattern, .. } = query else { return false };
    let mut pattern = pattern;
    loop {
        pattern = match pattern {
            GraphPattern::OrderBy { .. } => return true,
            GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => inner,
            _ => return false,
        };
    }
}
