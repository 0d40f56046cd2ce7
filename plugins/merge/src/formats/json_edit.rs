//! Writes changes of JSON in the first owner's layout.

use std::ops::Range;

use super::Graft;
use crate::change::{Change, Parts};
use crate::edits::Edit;
use crate::flow::{Addition, Container, Style, blanks};
use crate::model::{Doc, Kind};
use crate::text;

/// The edits that remove and replace.
#[must_use]
pub fn removals(graft: Graft<'_>, change: &Change) -> Vec<Edit> {
    let mut edits = Vec::new();
    let units = (unit(graft.text, graft.doc), unit(graft.from, graft.side));
    remove(graft, graft.doc.root, change, units, &mut edits);
    edits
}

/// The edits that add.
#[must_use]
pub fn additions(graft: Graft<'_>, change: &Change) -> Vec<Edit> {
    let mut edits = Vec::new();
    let units = (unit(graft.text, graft.doc), unit(graft.from, graft.side));
    add(graft, graft.doc.root, change, units, &mut edits);
    edits
}

fn remove(graft: Graft<'_>, node: usize, change: &Change, units: (&str, &str), edits: &mut Vec<Edit>) {
    match change {
        Change::Same => {}
        Change::Take(_, from) => {
            let range = graft.doc.nodes[node].span.clone();
            let body = body(graft, graft.side.nodes[*from].span.clone(), units);
            let indent = blanks(graft.text, range.start);
            let body = body.replace('\n', &format!("{}{indent}", text::line_break(graft.text.as_bytes())));
            edits.push(Edit { range, text: body });
        }
        Change::Parts(parts) => {
            edits.extend(container(graft.text, graft.doc, node).remove(&parts.remove));
            for (index, change) in &parts.change {
                remove(graft, child(graft.doc, node, *index), change, units, edits);
            }
        }
    }
}

fn add(graft: Graft<'_>, node: usize, change: &Change, units: (&str, &str), edits: &mut Vec<Edit>) {
    let Change::Parts(parts) = change else { return };
    for (index, change) in &parts.change {
        add(graft, child(graft.doc, node, *index), change, units, edits);
    }
    if parts.add.is_empty() {
        return;
    }
    let container = container(graft.text, graft.doc, node);
    let on_lines = match container.items.last() {
        Some(_) => container.has_lines(),
        None => expands(graft, node, parts),
    };
    let added: Vec<Addition> =
        parts.add.iter().map(|(_, index)| addition(graft, parts.from, *index, units, on_lines)).collect();
    let line_break = text::line_break(graft.text.as_bytes());
    let style = Style { unit: units.0, expand: on_lines, pad: "", line_break };
    edits.extend(container.append(&added, &style));
}

/// Whether something empty gets lines for what is added: as where that comes from, unless all is on one line here.
fn expands(graft: Graft<'_>, node: usize, parts: &Parts) -> bool {
    let on_one_line = !graft.text.trim_end().contains('\n') && graft.doc.root != node;
    let source = container(graft.from, graft.side, parts.from);
    !on_one_line && source.items.first().is_some_and(|first| text::is_first(graft.from, first.start))
}

fn addition(graft: Graft<'_>, from: usize, index: usize, units: (&str, &str), on_lines: bool) -> Addition {
    let range = item(graft.side, from, index);
    let body = body(graft, range.clone(), units);
    if !on_lines {
        let comment =
            graft.side.comments.iter().any(|comment| comment.start >= range.start && comment.end <= range.end);
        let body = if comment { body } else { body.split('\n').map(str::trim).collect::<Vec<_>>().join(" ") };
        return Addition { body, ..Addition::default() };
    }
    Addition::new(graft.from, &graft.side.comments, &range, body)
}

/// A range of the other text, with lines indented as in this one, relative to the first.
fn body(graft: Graft<'_>, range: Range<usize>, (unit, other): (&str, &str)) -> String {
    if !graft.from[range.clone()].contains('\n') {
        return graft.from[range].to_owned();
    }
    let indent = blanks(graft.from, range.start);
    let mut body = String::new();
    for (index, line) in graft.from[range].split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if index == 0 {
            body.push_str(line);
            continue;
        }
        body.push('\n');
        let mut rest = line.strip_prefix(indent).unwrap_or(line.trim_start());
        while let Some(deeper) = rest.strip_prefix(other) {
            body.push_str(unit);
            rest = deeper;
        }
        body.push_str(rest);
    }
    body
}

fn container<'a>(text: &'a str, doc: &'a Doc, node: usize) -> Container<'a> {
    let count = doc.entries(node).len().max(doc.items(node).len());
    let items = (0..count).map(|index| item(doc, node, index)).collect();
    Container { text, comments: &doc.comments, span: doc.nodes[node].span.clone(), items }
}

fn child(doc: &Doc, node: usize, index: usize) -> usize {
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].node,
        _ => doc.items(node)[index],
    }
}

/// Where an entry or an item is.
fn item(doc: &Doc, node: usize, index: usize) -> Range<usize> {
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].key_span.start..doc.nodes[entries[index].node].span.end,
        _ => doc.nodes[doc.items(node)[index]].span.clone(),
    }
}

/// One level of indentation, as the first thing that is indented has it.
fn unit<'a>(text: &'a str, doc: &Doc) -> &'a str {
    for (index, node) in doc.nodes.iter().enumerate().rev() {
        let count = doc.entries(index).len().max(doc.items(index).len());
        if count == 0 {
            continue;
        }
        let first = item(doc, index, 0).start;
        if text::is_first(text, first)
            && let Some(unit) = text::indent(text, first).strip_prefix(blanks(text, node.span.start))
            && !unit.is_empty()
        {
            return unit;
        }
    }
    "  "
}
