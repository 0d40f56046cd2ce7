//! What is probably not as intended in a query, from its text and its algebra alone.

use std::collections::BTreeSet;

use spargebra::Query as Parsed;
use spargebra::algebra::{GraphPattern, PropertyPathExpression};

use crate::failures::{remark, span};
use crate::parse::{is_declaration, prefix_of};
use crate::tokens::{Kind, Token, tokens};
use crate::walk::{self, Part};
use crate::{Diagnostic, Inspected, Setting, Severity, products};

/// A `SELECT` that does not say in which order rows come.
pub const UNORDERED: &str = "query/unordered";
/// `SELECT *`.
pub const STAR: &str = "query/select-star";
/// A prefix that is declared and not used.
pub const UNUSED_PREFIX: &str = "query/unused-prefix";
/// A prefix that is declared more than once.
pub const DUPLICATE_PREFIX: &str = "query/duplicate-prefix";
/// Patterns that have no variable in common.
pub const PRODUCT: &str = "query/cartesian-product";
/// A path of any length, without a `LIMIT`.
pub const PATH: &str = "query/unbounded-path";
/// A variable that nothing gives a value.
pub const UNBOUND: &str = "query/unbound-variable";

/// All remarks about a query, in the order of their places.
#[must_use]
pub fn of(setting: &Setting, inspected: &Inspected, query: &Parsed) -> Vec<Diagnostic> {
    let file = &inspected.file;
    let text = String::from_utf8_lossy(&file.contents);
    let text = text.as_ref();
    let words = tokens(text);
    let first = |found: &dyn Fn(&Token) -> bool| words.iter().find(|token| found(token));
    let mut found = prefixes(setting, inspected, text, &words);
    let mut add = |rule: &str, message: String, help: &str, token: Option<&Token>| {
        let place = token.map(|token| span(file, token.range.clone()));
        found.push(remark(rule, message, Some(help.to_owned()), place));
    };
    if let Some(star) = star(text, &words) {
        let message = "`SELECT *` gives whatever variables the query happens to have".to_owned();
        add(STAR, message, "name the variables that are wanted", Some(star));
    }
    let parameters: BTreeSet<&str> = inspected.parameters.iter().map(String::as_str).collect();
    for product in products::of(query, &parameters) {
        let message = format!("{product}: each row of one is joined with each row of the other");
        let is_it = |token: &Token| token.kind == Kind::Variable && token.text(text)[1..] == *product.second;
        add(PRODUCT, message, "join them by a variable, or ask two queries", first(&is_it));
    }
    let parts: Vec<Part<'_>> = walk::parts(query).collect();
    let unbounded = parts.iter().any(|part| matches!(part, Part::Path(path) if is_unbounded(path)));
    if unbounded && !parts.iter().any(|part| matches!(part, Part::Limit)) && !matches!(query, Parsed::Ask { .. }) {
        let message = "a path of any length may give very many rows, and nothing bounds them".to_owned();
        let place = words.windows(2).find(|words| {
            let is_repeated = matches!(words[1].text(text), "+" | "*") && words[0].range.end == words[1].range.start;
            is_repeated && (matches!(words[0].kind, Kind::Name | Kind::Iri) || matches!(words[0].text(text), ")" | "a"))
        });
        add(PATH, message, "add a `LIMIT`", place.map(|words| &words[1]));
    }
    let bound: BTreeSet<&str> = parts
        .iter()
        .filter_map(|part| if let Part::Bound(variable) = part { Some(variable.as_str()) } else { None })
        .collect();
    for name in crate::tokens::variables(text) {
        if !bound.contains(name.as_str()) && !parameters.contains(name.as_str()) {
            let is_it = |token: &Token| token.kind == Kind::Variable && token.text(text)[1..] == *name;
            let message = format!("nothing gives `?{name}` a value");
            add(UNBOUND, message, "bind it in a pattern, or make it a parameter of the query", first(&is_it));
        }
    }
    found.extend(unordered(inspected, query, text, &words));
    found.sort_by_key(|remark| remark.span.as_ref().map(|span| (span.start.line, span.start.column)));
    found
}

/// Remarks about declarations of prefixes.
fn prefixes(setting: &Setting, inspected: &Inspected, text: &str, words: &[Token]) -> Vec<Diagnostic> {
    let file = &inspected.file;
    let mut found = Vec::new();
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for (at, token) in words.iter().enumerate().filter(|(at, _)| is_declaration(text, words, *at)) {
        let name = prefix_of(token.text(text));
        let place = || Some(span(file, token.range.clone()));
        let uses = |(other, token): (usize, &Token)| {
            token.kind == Kind::Name && prefix_of(token.text(text)) == name && !is_declaration(text, words, other)
        };
        if !before.insert(name) {
            let message = format!("the prefix `{name}:` is declared twice, and the last one counts");
            found.push(remark(DUPLICATE_PREFIX, message, Some("remove one of the lines".to_owned()), place()));
        } else if !words.iter().enumerate().any(uses) {
            let message = format!("the prefix `{name}:` is declared, and nothing uses it");
            found.push(remark(UNUSED_PREFIX, message, Some("remove the line".to_owned()), place()));
        } else if let Some(prefix) = setting.prefixes.iter().find(|prefix| prefix.name == name) {
            let iri = words.get(at + 1).map(|next| next.text(text).trim_matches(['<', '>']));
            if iri.is_some_and(|iri| iri != prefix.iri) {
                let message = format!("the prefix `{name}:` stands for `{}` in all other queries", prefix.iri);
                found.push(remark(DUPLICATE_PREFIX, message, Some("give it another name".to_owned()), place()));
            }
        }
    }
    found
}

/// A remark about rows that come in no order of the query: which ones a `LIMIT` leaves matters more than how they are sorted.
fn unordered(inspected: &Inspected, query: &Parsed, text: &str, words: &[Token]) -> Option<Diagnostic> {
    let Parsed::Select { pattern, .. } = query else { return None };
    if walk::is_ordered(query) {
        return None;
    }
    let (mut pattern, mut limited) = (pattern, false);
    loop {
        pattern = match pattern {
            GraphPattern::Slice { length: Some(0 | 1), start: 0, inner } if is_single(inner) => return None,
            GraphPattern::Slice { inner, .. } => {
                limited = true;
                inner
            }
            GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Extend { inner, .. } => inner,
            // There is one row only.
            GraphPattern::Group { variables, .. } if variables.is_empty() => return None,
            _ => break,
        };
    }
    let token = words.iter().find(|token| token.is(text, if limited { "LIMIT" } else { "SELECT" }));
    let place = token.map(|token| span(&inspected.file, token.range.clone()));
    let help = Some("add `ORDER BY`".to_owned());
    Some(if limited {
        let message = "which rows are left is up to the engine, as the query does not order them".to_owned();
        remark(UNORDERED, message, help, place)
    } else {
        let message = "the query does not order its rows, so they are sorted by their values".to_owned();
        Diagnostic { severity: Severity::Note, ..remark(UNORDERED, message, help, place) }
    })
}

/// Whether a pattern has one row at the most, so that a `LIMIT` takes nothing away.
fn is_single(pattern: &GraphPattern) -> bool {
    match pattern {
        GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Extend { inner, .. } => is_single(inner),
        GraphPattern::Group { variables, .. } => variables.is_empty(),
        _ => false,
    }
}

/// The star of a `SELECT *`.
fn star<'a>(text: &str, words: &'a [Token]) -> Option<&'a Token> {
    words.windows(3).find_map(|words| {
        let is_star = |token: &Token| token.kind == Kind::Mark && token.text(text) == "*";
        let quantity = words[1].is(text, "DISTINCT") || words[1].is(text, "REDUCED");
        match words[0].is(text, "SELECT") {
            true if is_star(&words[1]) => Some(&words[1]),
            true if quantity && is_star(&words[2]) => Some(&words[2]),
            _ => None,
        }
    })
}

fn is_unbounded(path: &PropertyPathExpression) -> bool {
    match path {
        PropertyPathExpression::ZeroOrMore(_) | PropertyPathExpression::OneOrMore(_) => true,
        PropertyPathExpression::NamedNode(_) | PropertyPathExpression::NegatedPropertySet(_) => false,
        PropertyPathExpression::Reverse(inner) | PropertyPathExpression::ZeroOrOne(inner) => is_unbounded(inner),
        PropertyPathExpression::Sequence(left, right) | PropertyPathExpression::Alternative(left, right) => {
            is_unbounded(left) || is_unbounded(right)
        }
    }
}
