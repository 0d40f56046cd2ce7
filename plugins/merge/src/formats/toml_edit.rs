//! Writes changes of TOML in the first owner's layout.
//!
//! A text is a list of statements, headers and lines with a key, each with the path of what it sets. What is added
//! comes as the statements that the other owner wrote for it, or between brackets where there is no place for those.

use std::ops::Range;

use super::Graft;
use super::toml_layout::{Layout, Path, Seg, canonical, split_key};
use crate::change::{Change, Parts};
use crate::edits::Edit;
use crate::flow::{Addition, Container, Style};
use crate::model::{Doc, Kind, Shape};
use crate::text;
use crate::unwritten::Unwritten;

/// Turns what can't be replaced where it stands into something that is removed and something that is added.
#[must_use]
pub fn settle(graft: Graft<'_>, change: Change) -> Change {
    settle_node(graft, graft.doc.root, change)
}

fn settle_node(graft: Graft<'_>, node: usize, change: Change) -> Change {
    let Change::Parts(mut parts) = change else { return change };
    let is_value = |doc: &Doc, node: usize| matches!(doc.nodes[node].shape, Shape::Scalar | Shape::Flow);
    let mut kept = Vec::new();
    for (index, change) in std::mem::take(&mut parts.change) {
        let child = child(graft.doc, node, index);
        match change {
            Change::Take(side, from)
                if graft.doc.nodes[node].shape != Shape::Flow
                    && !(is_value(graft.doc, child) && is_value(graft.side, from)) =>
            {
                let added = graft.side.entries(parts.from).iter().position(|entry| entry.node == from);
                parts.remove.push(index);
                parts.add.extend(added.map(|added| (side, added)));
            }
            change => {
                let change = settle_node(graft, child, change);
                let key = graft.doc.entries(node).get(index).map(|entry| entry.key);
                let again = graft.side.entries(parts.from).iter().position(|entry| Some(entry.key) == key);
                match (&change, again) {
                    (Change::Parts(below), Some(again)) if vanishes(graft.doc, child, below) => {
                        parts.remove.push(index);
                        parts.add.push((1, again));
                    }
                    _ => kept.push((index, change)),
                }
            }
        }
    }
    parts.change = kept;
    parts.remove.sort_unstable();
    Change::Parts(parts)
}

/// Whether a table is nowhere once all that is in it is removed.
fn vanishes(doc: &Doc, node: usize, parts: &Parts) -> bool {
    let implied = matches!(doc.nodes[node].shape, Shape::Dotted | Shape::Implicit);
    implied && parts.remove.len() == doc.entries(node).len()
}

/// The edits that remove and replace.
pub fn removals(graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
    let layout = Layout::new(graft.text, graft.doc);
    let mut edits = Vec::new();
    remove(graft, &layout, graft.doc.root, change, &mut Vec::new(), &mut edits)?;
    Ok(edits)
}

fn remove(
    graft: Graft<'_>,
    layout: &Layout,
    node: usize,
    change: &Change,
    path: &mut Path,
    edits: &mut Vec<Edit>,
) -> Result<(), Unwritten> {
    match change {
        Change::Same => {}
        Change::Take(_, from) => {
            let range = graft.doc.nodes[node].span.clone();
            edits.push(Edit { range, text: inline(graft, *from) });
        }
        Change::Parts(parts) => {
            if graft.doc.nodes[node].shape == Shape::Flow {
                edits.extend(container(graft.text, graft.doc, node).remove(&parts.remove));
            } else {
                for index in &parts.remove {
                    path.push(segment(graft.doc, node, *index));
                    let together = layout.below(path);
                    for statement in &together {
                        let lead = layout.statements[*statement].lead;
                        edits.push(Edit::remove(lead..layout.reach(*statement, &together)));
                    }
                    path.pop();
                }
            }
            for (index, change) in &parts.change {
                path.push(segment(graft.doc, node, *index));
                remove(graft, layout, child(graft.doc, node, *index), change, path, edits)
                    .map_err(|what| what.within(graft.doc, node, *index))?;
                path.pop();
            }
        }
    }
    Ok(())
}

/// The edits that add.
pub fn additions(graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
    let mut adder = Adder {
        graft,
        layout: Layout::new(graft.text, graft.doc),
        source: Layout::new(graft.from, graft.side),
        line_break: text::line_break(graft.text.as_bytes()),
        lines: Vec::new(),
        headers: Vec::new(),
        sections: Vec::new(),
    };
    adder.node(graft.doc.root, change, &mut Vec::new(), &mut Vec::new())?;
    Ok(adder.finish())
}

struct Adder<'a> {
    graft: Graft<'a>,
    layout: Layout,
    source: Layout,
    line_break: &'static str,
    /// What is added to bodies and between brackets: it comes before sections at the same place.
    lines: Vec<Edit>,
    /// Headers of tables that were only implied, with their lines: behind what is added to a body that ends there.
    headers: Vec<Edit>,
    sections: Vec<(usize, String)>,
}

impl Adder<'_> {
    fn node(&mut self, node: usize, change: &Change, path: &mut Path, other: &mut Path) -> Result<(), Unwritten> {
        let Change::Parts(parts) = change else { return Ok(()) };
        let doc = self.graft.doc;
        for (index, change) in &parts.change {
            let below = child(doc, node, *index);
            path.push(segment(doc, node, *index));
            other.push(self.counterpart(node, *index, parts, change));
            self.node(below, change, path, other).map_err(|what| what.within(doc, node, *index))?;
            path.pop();
            other.pop();
        }
        if parts.add.is_empty() {
            return Ok(());
        }
        if doc.nodes[node].shape == Shape::Flow {
            self.between_brackets(node, parts);
            return Ok(());
        }
        match doc.kind(node) {
            Kind::Table(_) => self.entries(doc.nodes[node].shape, parts, path, other),
            _ => self.tables(parts, path, other),
        }
    }

    /// The other text's segment for something that is in both.
    fn counterpart(&self, node: usize, index: usize, parts: &Parts, change: &Change) -> Seg {
        match segment(self.graft.doc, node, index) {
            key @ Seg::Key(_) => key,
            Seg::Item(_) => {
                let from = if let Change::Parts(below) = change { below.from } else { usize::MAX };
                let item = self.graft.side.items(parts.from).iter().position(|item| *item == from);
                Seg::Item(item.unwrap_or(usize::MAX))
            }
        }
    }

    fn between_brackets(&mut self, node: usize, parts: &Parts) {
        let graft = self.graft;
        let container = container(graft.text, graft.doc, node);
        let is_table = matches!(graft.doc.kind(node), Kind::Table(_));
        let added: Vec<Addition> = parts
            .add
            .iter()
            .map(|(_, index)| {
                let below = child(graft.side, parts.from, *index);
                let body = if is_table {
                    format!("{} = {}", self.key(parts.from, *index), inline(graft, below))
                } else {
                    inline(graft, below)
                };
                let verbatim = body.contains("\"\"\"") || body.contains("'''");
                if graft.side.nodes[parts.from].shape == Shape::Flow {
                    let range = item(graft.side, parts.from, *index);
                    Addition {
                        verbatim,
                        ..Addition::new(
                            graft.from,
                            &graft.side.comments,
                            &range,
                            dedented(graft.from, range.start, body, verbatim),
                        )
                    }
                } else {
                    Addition { body, verbatim, ..Addition::default() }
                }
            })
            .collect();
        let source = graft.side.nodes[parts.from].shape == Shape::Flow
            && item_starts(graft.side, parts.from).is_some_and(|first| text::is_first(graft.from, first));
        let style = Style {
            unit: "    ",
            expand: source && !is_table,
            pad: if is_table { " " } else { "" },
            line_break: self.line_break,
        };
        self.lines.extend(container.append(&added, &style));
    }

    fn key(&self, table: usize, index: usize) -> String {
        let key = self.graft.side.entries(table)[index].key;
        canonical(self.graft.values.name(key))
    }

    fn entries(&mut self, shape: Shape, parts: &Parts, path: &Path, other: &mut Path) -> Result<(), Unwritten> {
        let mut body = String::new();
        let mut sections = Vec::new();
        let Some(place) = self.layout.body(path, shape) else {
            return Err("there is no place for the keys of a table".into());
        };
        for (_, index) in &parts.add {
            let entry = &self.graft.side.entries(parts.from)[*index];
            if matches!(self.graft.side.nodes[parts.from].shape, Shape::Flow) || self.is_in_brackets(parts.from, other)
            {
                let mut key = self.header(&path[place.context.min(path.len())..]);
                if !key.is_empty() {
                    key.push('.');
                }
                key.push_str(&self.key(parts.from, *index));
                body.push_str(&format!("{key} = {}{}", inline(self.graft, entry.node), self.line_break));
                continue;
            }
            other.push(Seg::Key(entry.key));
            for statement in self.source.below(other) {
                let context = self.source.context(statement);
                if !self.source.statements[statement].header && context < other.len() {
                    body.push_str(&self.line(statement, context, place.context, path));
                } else {
                    sections.push(statement);
                }
            }
            other.pop();
        }
        if !body.is_empty() {
            let mut text = body;
            if shape == Shape::Implicit {
                let text = format!("[{}]{}{text}{}", self.header(path), self.line_break, self.line_break);
                self.headers.push(Edit::insert(place.at, text));
            } else {
                if place.before_header {
                    text.push_str(self.line_break);
                }
                self.lines.push(Edit::insert(place.at, text));
            }
        }
        self.sections(&sections, path);
        Ok(())
    }

    /// Whether a table of the other text lies between brackets, in which there are no statements.
    fn is_in_brackets(&self, table: usize, path: &Path) -> bool {
        self.graft.side.nodes[table].shape == Shape::Dotted && self.source.below(path).is_empty()
    }

    /// A line with a key of the other text, with its comments, for a place in this one.
    fn line(&self, statement: usize, context: usize, wanted: usize, path: &Path) -> String {
        let found = &self.source.statements[statement];
        let from = self.graft.from;
        let lead = &from[found.lead..found.start];
        let line = &from[found.start..found.end];
        let key = line.len() - line.trim_start().len();
        let written = &line[key..found.key_end - found.start];
        let rest = &line[found.key_end - found.start..];
        let names = split_key(written);
        // Both paths have keys and items at the same places, and what is above the table is the same.
        let key = if wanted >= context {
            names.get(wanted - context..).unwrap_or(&[]).join(".")
        } else {
            let above = path[wanted..context].iter().filter_map(|segment| match segment {
                Seg::Key(key) => Some(canonical(self.graft.values.name(*key))),
                Seg::Item(_) => None,
            });
            above.chain(names.iter().map(|name| (*name).to_owned())).collect::<Vec<_>>().join(".")
        };
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let mut text = text::with_breaks(&format!("{lead}{indent}{key}{rest}"), self.line_break);
        if !text.ends_with('\n') {
            text.push_str(self.line_break);
        }
        text
    }

    fn header(&self, path: &[Seg]) -> String {
        let keys = path.iter().filter_map(|segment| match segment {
            Seg::Key(key) => Some(canonical(self.graft.values.name(*key))),
            Seg::Item(_) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }

    /// Adds whole sections behind all that belongs to a table.
    fn sections(&mut self, statements: &[usize], path: &Path) {
        if statements.is_empty() {
            return;
        }
        let mut statements = statements.to_vec();
        statements.sort_unstable();
        let mut text = String::new();
        let mut last = None;
        let mut end = 0;
        for statement in &statements {
            let found = &self.source.statements[*statement];
            let from = if last.is_some_and(|last| last + 1 == *statement) {
                end
            } else {
                if last.is_some() {
                    text = format!("{}\n\n", text.trim_end());
                }
                found.lead
            };
            end = self.source.reach(*statement, &statements);
            text.push_str(&self.graft.from[from..end]);
            last = Some(*statement);
        }
        let at = if path.is_empty() { self.graft.text.len() } else { self.layout.end_of(path) };
        self.sections.push((at, text));
    }

    /// Adds tables to a list of them.
    fn tables(&mut self, parts: &Parts, path: &Path, other: &mut Path) -> Result<(), Unwritten> {
        for (_, index) in &parts.add {
            let below = self.graft.side.items(parts.from)[*index];
            if self.graft.side.nodes[below].shape == Shape::Header {
                other.push(Seg::Item(*index));
                let statements = self.source.below(other);
                other.pop();
                self.sections(&statements, path);
                continue;
            }
            let Kind::Table(entries) = self.graft.side.kind(below) else {
                return Err("a list of tables gets something that is none".into());
            };
            let mut text = format!("[[{}]]\n", self.header(path));
            for (index, entry) in entries.iter().enumerate() {
                text.push_str(&format!("{} = {}\n", self.key(below, index), inline(self.graft, entry.node)));
            }
            let at = self.layout.end_of(path);
            self.sections.push((at, text));
        }
        Ok(())
    }

    fn finish(self) -> Vec<Edit> {
        let (text, line_break) = (self.graft.text, self.line_break);
        let mut edits = self.lines;
        edits.extend(self.headers);
        for (at, section) in self.sections {
            let section = text::with_breaks(section.trim_end(), line_break);
            let before = text[..at].trim_end_matches([' ', '\t']);
            let blank = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
            let also = edits.iter().any(|edit| edit.range.start == at);
            let above = if blank && !also { "" } else { line_break };
            let after = &text[at..];
            let below = if after.is_empty() || after.starts_with(['\n', '\r']) { "" } else { line_break };
            edits.push(Edit::insert(at, format!("{above}{section}{line_break}{below}")));
        }
        // A text without a final line end stays one.
        if !text.is_empty() && !text.ends_with('\n') {
            let mut last: Vec<&mut Edit> = edits.iter_mut().filter(|edit| edit.range.start == text.len()).collect();
            if let Some(first) = last.first_mut() {
                first.text.insert_str(0, line_break);
            }
            if let Some(last) = last.last_mut() {
                let length = last.text.trim_end_matches(['\n', '\r']).len();
                last.text.truncate(length);
            }
        }
        edits
    }
}

/// Writes a value of the other text between brackets, or as it is there.
fn inline(graft: Graft<'_>, node: usize) -> String {
    let found = &graft.side.nodes[node];
    let written = |range: Range<usize>| text::with_breaks(&graft.from[range], text::line_break(graft.text.as_bytes()));
    match (&found.kind, found.shape) {
        (_, Shape::Scalar | Shape::Flow) | (Kind::Scalar | Kind::Alias(_), _) => written(found.span.clone()),
        (Kind::Table(entries), _) => {
            let entries = entries
                .iter()
                .map(|entry| format!("{} = {}", canonical(graft.values.name(entry.key)), inline(graft, entry.node)));
            let entries: Vec<String> = entries.collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        (Kind::List(items), _) => {
            let items: Vec<String> = items.iter().map(|item| inline(graft, *item)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// A body of several lines, relative to the line that it began on.
fn dedented(from: &str, start: usize, body: String, verbatim: bool) -> String {
    if verbatim || !body.contains('\n') {
        return body;
    }
    let indent = crate::flow::blanks(from, start);
    let lines: Vec<&str> = body
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .enumerate()
        .map(|(index, line)| if index == 0 { line } else { line.strip_prefix(indent).unwrap_or(line.trim_start()) })
        .collect();
    lines.join("\n")
}

fn container<'a>(text: &'a str, doc: &'a Doc, node: usize) -> Container<'a> {
    let count = doc.entries(node).len().max(doc.items(node).len());
    let items = (0..count).map(|index| item(doc, node, index)).collect();
    Container { text, comments: &doc.comments, span: doc.nodes[node].span.clone(), items }
}

fn item_starts(doc: &Doc, node: usize) -> Option<usize> {
    let count = doc.entries(node).len().max(doc.items(node).len());
    (count > 0).then(|| item(doc, node, 0).start)
}

/// Where an entry or an item between brackets is.
fn item(doc: &Doc, node: usize, index: usize) -> Range<usize> {
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].key_span.start..end(doc, entries[index].node),
        _ => doc.nodes[doc.items(node)[index]].span.clone(),
    }
}

/// Where a value ends; one with dotted keys, where the last of them does.
fn end(doc: &Doc, node: usize) -> usize {
    match (&doc.nodes[node].kind, doc.nodes[node].shape) {
        (Kind::Table(entries), Shape::Dotted) => {
            entries.iter().map(|entry| end(doc, entry.node)).max().unwrap_or(doc.nodes[node].span.end)
        }
        _ => doc.nodes[node].span.end,
    }
}

fn child(doc: &Doc, node: usize, index: usize) -> usize {
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].node,
        _ => doc.items(node)[index],
    }
}

fn segment(doc: &Doc, node: usize, index: usize) -> Seg {
    match doc.kind(node) {
        Kind::Table(entries) => Seg::Key(entries[index].key),
        _ => Seg::Item(index),
    }
}
