//! Remarks about IRIs of a query that no graph has.

use std::collections::BTreeSet;

use oxrdf::NamedNode;
use spargebra::Query as Parsed;
use spargebra::term::NamedNodePattern;

use common::hints::nearest;

use crate::failures::{remark, span};
use crate::graphs::Graphs;
use crate::parse::{self, is_declaration, prefix_of};
use crate::tokens::{Kind, Token, tokens};
use crate::walk::{self, Part};
use crate::{Diagnostic, File, Setting};

/// An IRI that no graph has.
pub const UNKNOWN: &str = "query/unknown-iri";

/// How many IRIs a name is compared with at the most.
const COMPARED: usize = 20_000;
/// How many remarks one query gets at the most.
const MOST: usize = 20;

/// Remarks about IRIs that no graph has: those that statements must have, and, where a similar one exists, those that values
/// are compared with. None where there are no statements at all.
#[must_use]
pub fn of(setting: &Setting, file: &File, query: &Parsed, graphs: &Graphs) -> Vec<Diagnostic> {
    if graphs.is_empty() {
        return Vec::new();
    }
    let (mut wanted, mut compared) = (BTreeSet::new(), BTreeSet::new());
    for part in walk::parts(query) {
        match part {
            Part::Iri(node) | Part::Graph(NamedNodePattern::NamedNode(node)) => wanted.insert(node.as_str()),
            Part::Other(node) => compared.insert(node.as_str()),
            _ => continue,
        };
    }
    if let Some(dataset) = query.dataset() {
        wanted.extend(dataset.default.iter().chain(dataset.named.iter().flatten()).map(NamedNode::as_str));
    }
    let is_unknown = |iri: &&str| !graphs.has(&NamedNode::new_unchecked(*iri).into());
    let text = String::from_utf8_lossy(&file.contents);
    let words = tokens(&text);
    let written = written(setting, &text, &words);
    let mut found = Vec::new();
    for iri in wanted.iter().chain(compared.difference(&wanted)).copied().filter(is_unknown).take(MOST) {
        let near = near(iri, graphs);
        if near.is_none() && !wanted.contains(iri) {
            continue;
        }
        let token = written.iter().find(|(other, _)| other == iri).map(|(_, token)| *token);
        let shown = token.map_or_else(|| format!("<{iri}>"), |token| token.text(&text).to_owned());
        let help = near.map(|near| format!("did you mean `{}`?", as_written(&shown, iri, &near)));
        let place = token.map(|token| span(file, token.range.clone()));
        found.push(remark(UNKNOWN, format!("no graph has `{shown}`"), help, place));
    }
    found.sort_by_key(|remark| remark.span.as_ref().map(|span| (span.start.line, span.start.column)));
    found
}

/// The IRIs that words of a query stand for.
fn written<'a>(setting: &Setting, text: &str, words: &'a [Token]) -> Vec<(String, &'a Token)> {
    let mut prefixes: Vec<(&str, &str)> =
        setting.prefixes.iter().map(|prefix| (prefix.name.as_str(), prefix.iri.as_str())).collect();
    let inner = |token: &Token| text[token.range.clone()].trim_start_matches('<').trim_end_matches('>');
    let mut found = Vec::new();
    for (at, token) in words.iter().enumerate() {
        match token.kind {
            Kind::Name if is_declaration(text, words, at) => {
                if let Some(iri) = words.get(at + 1).filter(|next| next.kind == Kind::Iri) {
                    prefixes.push((prefix_of(token.text(text)), inner(iri)));
                }
            }
            Kind::Name => {
                let name = prefix_of(token.text(text));
                if let Some((_, iri)) = prefixes.iter().rev().find(|(prefix, _)| *prefix == name) {
                    let local = token.text(text)[name.len() + 1..].replace('\\', "");
                    found.push((format!("{iri}{local}"), token));
                }
            }
            Kind::Iri if at > 0 && parse::is_declaration(text, words, at - 1) => {}
            Kind::Iri => {
                let iri = inner(token);
                let whole = base(setting)
                    .and_then(|base| base.resolve(iri).ok())
                    .map_or_else(|| iri.to_owned(), oxiri::Iri::into_inner);
                found.push((whole, token));
            }
            Kind::Word | Kind::Variable | Kind::Text | Kind::Mark => {}
        }
    }
    found
}

fn base(setting: &Setting) -> Option<oxiri::Iri<&str>> {
    oxiri::Iri::parse(setting.base.as_str()).ok()
}

/// An IRI of the graphs that is nearly this one: with the same beginning and a similar name, or with the same name.
fn near(iri: &str, graphs: &Graphs) -> Option<String> {
    let (space, name) = split(iri);
    if name.is_empty() {
        return None;
    }
    let names = graphs.iris_beginning(space).map(|other| &other[space.len()..]).take(COMPARED);
    if let Some(near) = nearest(name, names.filter(|other| split(other).0.is_empty())) {
        return Some(format!("{space}{near}"));
    }
    graphs.iris().find(|other| split(other).1 == name).map(str::to_owned)
}

/// What an IRI begins with, and its name.
fn split(iri: &str) -> (&str, &str) {
    iri.rfind(['#', '/', ':']).map_or(("", iri), |at| iri.split_at(at + 1))
}

/// An IRI in the way in which the query writes another one.
fn as_written(shown: &str, iri: &str, near: &str) -> String {
    let (space, _) = split(iri);
    match (shown.split_once(':'), near.strip_prefix(space)) {
        (Some((prefix, _)), Some(local)) if !shown.starts_with('<') => format!("{prefix}:{local}"),
        _ => format!("<{near}>"),
    }
}
