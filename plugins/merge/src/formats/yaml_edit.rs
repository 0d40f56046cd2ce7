//! Writes changes of YAML in the first owner's layout.
//!
//! What is added to something indented comes as it is written, moved to its column; what is added between brackets is
//! written on one line. Aliases stay where they mean the same, and else become what they refer to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Graft;
use super::yaml_flow::{key, properties, render};
use crate::change::{Change, Parts};
use crate::edits::Edit;
use crate::flow::{Addition, Container, Style};
use crate::model::{Doc, Kind, Shape};
use crate::text;
use crate::unwritten::Unwritten;

/// The edits that remove and replace.
pub fn removals(graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
    let mut writer = Writer::new(graft);
    if let Change::Take(_, from) = change {
        let (range, root) = (graft.doc.nodes[graft.doc.root].span.clone(), graft.side.nodes[*from].span.clone());
        writer.edits.push(Edit { range, text: graft.from[root].to_owned() });
        return Ok(writer.edits);
    }
    writer.remove(graft.doc.root, change)?;
    Ok(writer.edits)
}

/// The edits that add.
pub fn additions(graft: Graft<'_>, change: &Change) -> Result<Vec<Edit>, Unwritten> {
    let mut writer = Writer::new(graft);
    writer.add(graft.doc.root, change)?;
    let text = graft.text;
    if !text.is_empty() && !text.ends_with('\n') {
        let mut last: Vec<&mut Edit> = writer.edits.iter_mut().filter(|edit| edit.range.start == text.len()).collect();
        if let Some(first) = last.first_mut() {
            first.text.insert_str(0, writer.line_break);
        }
        if let Some(last) = last.last_mut() {
            let length = last.text.trim_end_matches(['\n', '\r']).len();
            last.text.truncate(length);
        }
    }
    Ok(writer.edits)
}

struct Writer<'a> {
    graft: Graft<'a>,
    line_break: &'static str,
    edits: Vec<Edit>,
    /// Nodes of the other text whose anchors are written, and where.
    anchored: BTreeMap<usize, usize>,
    /// The nodes that this text's anchors name.
    anchors: BTreeMap<&'a str, Vec<usize>>,
    /// How many bytes are left for what aliases refer to.
    left: usize,
}

/// No more text than this is written for all aliases together.
const EXPANDED: usize = 1 << 20;

impl<'a> Writer<'a> {
    fn new(graft: Graft<'a>) -> Self {
        let line_break = text::line_break(graft.text.as_bytes());
        let mut anchors: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (name, node) in &graft.doc.anchors {
            anchors.entry(name).or_default().push(*node);
        }
        Self { graft, line_break, edits: Vec::new(), anchored: BTreeMap::new(), anchors, left: EXPANDED }
    }

    fn remove(&mut self, node: usize, change: &Change) -> Result<(), Unwritten> {
        let Change::Parts(parts) = change else { return Ok(()) };
        let (text, doc) = (self.graft.text, self.graft.doc);
        is_own(doc, node)?;
        let flow = doc.nodes[node].shape == Shape::Flow;
        let count = count(doc, node);
        if flow {
            self.edits.extend(container(text, doc, node)?.remove(&parts.remove));
        } else if !parts.remove.is_empty() && parts.remove.len() == count {
            let span = doc.nodes[node].span.clone();
            let before = text[..span.start].trim_end().len();
            let empty = if matches!(doc.kind(node), Kind::Table(_)) { " {}" } else { " []" };
            // Nothing can follow a comment on its line.
            let commented = doc.comments.binary_search_by_key(&before, |comment| comment.end).is_ok();
            let edit = if node == doc.root || commented {
                Edit { range: span.start..span.end, text: empty.trim_start().to_owned() }
            } else {
                Edit { range: before..span.end, text: empty.to_owned() }
            };
            self.edits.push(edit);
            return Ok(());
        } else {
            for index in &parts.remove {
                let range = item(doc, node, *index);
                let end = text::trail(text, &doc.comments, range.end);
                let inner = !text::is_first(text, range.start);
                let range = if inner && index + 1 < count {
                    range.start..item(doc, node, index + 1).start
                } else {
                    text::lead(text, &doc.comments, range.start)..text::next_line(text, end)
                };
                self.edits.push(Edit::remove(range));
            }
        }
        for (index, change) in &parts.change {
            let child = child(doc, node, *index);
            match change {
                Change::Take(_, from) if flow => {
                    let text = render(self.graft, *from).map_err(|what| what.within(doc, node, *index))?;
                    self.edits.push(Edit { range: doc.nodes[child].span.clone(), text });
                }
                Change::Take(_, from) => {
                    self.replace(node, *index, parts, *from).map_err(|what| what.within(doc, node, *index))?;
                }
                change => self.remove(child, change).map_err(|what| what.within(doc, node, *index))?,
            }
        }
        Ok(())
    }

    /// Replaces all that is behind a key or a dash.
    fn replace(&mut self, node: usize, index: usize, parts: &Parts, from: usize) -> Result<(), Unwritten> {
        let (doc, side) = (self.graft.doc, self.graft.side);
        let range = item(doc, node, index);
        let behind = match doc.kind(node) {
            Kind::Table(entries) => entries[index].key_span.end,
            _ => range.start + 1,
        };
        let source = match side.kind(parts.from) {
            Kind::Table(entries) => entries.iter().position(|entry| entry.node == from),
            _ => side.items(parts.from).iter().position(|item| *item == from),
        };
        let source = source.ok_or("a value is in no list or table")?;
        let text = if side.nodes[parts.from].shape == Shape::Flow {
            let text = render(self.graft, from)?;
            if matches!(doc.kind(node), Kind::Table(_)) { format!(": {text}") } else { format!(" {text}") }
        } else {
            let whole = item(side, parts.from, source);
            let start = match side.kind(parts.from) {
                Kind::Table(entries) => entries[source].key_span.end,
                _ => whole.start + 1,
            };
            let column = column(self.graft.text, range.start);
            let text = self.moved(start..whole.end, whole.start, column, behind, from)?;
            text.trim_end_matches(['\n', '\r']).to_owned()
        };
        // What gets several lines has no room for a comment behind the old value.
        let end =
            if text.contains('\n') { crate::text::trail(self.graft.text, &doc.comments, range.end) } else { range.end };
        self.edits.push(Edit { range: behind..end.max(behind), text });
        Ok(())
    }

    fn add(&mut self, node: usize, change: &Change) -> Result<(), Unwritten> {
        let Change::Parts(parts) = change else { return Ok(()) };
        let (text, doc, side) = (self.graft.text, self.graft.doc, self.graft.side);
        is_own(doc, node)?;
        for (index, change) in &parts.change {
            self.add(child(doc, node, *index), change).map_err(|what| what.within(doc, node, *index))?;
        }
        if parts.add.is_empty() {
            return Ok(());
        }
        let is_table = matches!(doc.kind(node), Kind::Table(_));
        if doc.nodes[node].shape == Shape::Flow {
            let container = container(text, doc, node)?;
            let mut added = Vec::new();
            for (_, index) in &parts.add {
                let body =
                    self.on_one_line(parts.from, *index).map_err(|what| what.within(side, parts.from, *index))?;
                added.push(Addition { body, ..Addition::default() });
            }
            let style = Style { unit: "  ", expand: false, pad: "", line_break: self.line_break };
            self.edits.extend(container.append(&added, &style));
            return Ok(());
        }
        let count = count(doc, node);
        let (at, column) = if count == 0 {
            (text.len(), 0)
        } else {
            let last = item(doc, node, count - 1);
            let end = text::trail(text, &doc.comments, last.end);
            (text::next_line(text, end), column(text, item(doc, node, 0).start))
        };
        let mut added = String::new();
        for (_, index) in &parts.add {
            if side.nodes[side.target(parts.from)].shape == Shape::Flow {
                let dash = if is_table { "" } else { "- " };
                let line =
                    self.on_one_line(parts.from, *index).map_err(|what| what.within(side, parts.from, *index))?;
                added.push_str(&format!("{}{dash}{line}{}", " ".repeat(column), self.line_break));
                continue;
            }
            let range = item(side, parts.from, *index);
            let line = text::line_start(self.graft.from, range.start);
            let lead = text::lead(self.graft.from, &side.comments, range.start).min(line);
            for comment in self.graft.from[lead..line].lines() {
                added.push_str(&format!("{}{}{}", " ".repeat(column), comment.trim(), self.line_break));
            }
            let end = text::trail(self.graft.from, &side.comments, range.end);
            added.push_str(&" ".repeat(column));
            let node = child(side, parts.from, *index);
            let moved = self.moved(range.start..end, range.start, column, at, node);
            added.push_str(&moved.map_err(|what| what.within(side, parts.from, *index))?);
        }
        self.edits.push(Edit::insert(at, added));
        Ok(())
    }

    fn on_one_line(&self, node: usize, index: usize) -> Result<String, Unwritten> {
        let side = self.graft.side;
        let value = render(self.graft, child(side, node, index))?;
        Ok(match side.kind(node) {
            Kind::Table(entries) => {
                let entry = &entries[index];
                format!("{}: {value}", key(self.graft, self.graft.values.name(entry.key), &entry.key_span))
            }
            _ => value,
        })
    }

    /// A range of the other text with the node that is in it, moved from the column of a place to another one; ends with
    /// a line end. The first line has no indentation.
    fn moved(
        &mut self,
        range: Range<usize>,
        start: usize,
        wanted: usize,
        at: usize,
        node: usize,
    ) -> Result<String, Unwritten> {
        let mut edits = Vec::new();
        self.names(node, at, &mut edits)?;
        edits.sort_by_key(|edit| edit.range.start);
        let (mut body, mut done) = (String::new(), range.start);
        for edit in edits {
            body.push_str(self.graft.from.get(done..edit.range.start).ok_or("an alias is not where it should be")?);
            body.push_str(&edit.text);
            done = edit.range.end;
        }
        body.push_str(self.graft.from.get(done..range.end).ok_or("an alias is not where it should be")?);
        let column = column(self.graft.from, start);
        let mut moved = String::new();
        for (index, line) in body.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if index > 0 {
                moved.push_str(self.line_break);
                let blanks = line.len() - line.trim_start_matches(' ').len();
                let indent =
                    if blanks == line.len() && blanks <= column { 0 } else { (blanks + wanted).saturating_sub(column) };
                moved.push_str(&" ".repeat(indent));
                moved.push_str(&line[blanks..]);
            } else {
                moved.push_str(line);
            }
        }
        moved.push_str(self.line_break);
        Ok(moved)
    }

    /// Replaces aliases that would mean something else at a place, and anchors whose names are taken.
    fn names(&mut self, node: usize, at: usize, edits: &mut Vec<Edit>) -> Result<(), Unwritten> {
        let (doc, side) = (self.graft.doc, self.graft.side);
        let found = &side.nodes[node];
        if let Kind::Alias(target) = found.kind {
            let name = self.graft.from[found.span.clone()].trim_start_matches('*');
            let same = self.anchors.get(name).map_or(&[][..], Vec::as_slice);
            let written = self.anchored.get(&target).is_some_and(|place| *place <= at);
            let known = matches!(same, [only] if doc.id(*only) == side.id(target) && doc.nodes[*only].span.end <= at);
            if !written && !known {
                let text = render(self.graft, target)?;
                self.left =
                    self.left.checked_sub(text.len()).ok_or("what aliases refer to is too long to be written")?;
                edits.push(Edit { range: found.span.clone(), text });
            }
            return Ok(());
        }
        let before = properties(self.graft.from, found.span.start);
        if let Some(anchor) = before.anchor {
            let name = &self.graft.from[anchor.start + 1..anchor.end];
            if self.anchors.contains_key(name) {
                let rest = &self.graft.from[anchor.end..];
                let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                edits.push(Edit::remove(anchor.start..anchor.end + blanks));
            } else {
                self.anchored.insert(node, at);
            }
        }
        match &found.kind {
            Kind::Table(entries) => {
                for entry in entries {
                    self.names(entry.node, at, edits)?;
                }
            }
            Kind::List(items) => {
                for item in items {
                    self.names(*item, at, edits)?;
                }
            }
            Kind::Scalar | Kind::Alias(_) => {}
        }
        Ok(())
    }
}

/// Whether a node can be changed where it is.
fn is_own(doc: &Doc, node: usize) -> Result<(), Unwritten> {
    match doc.nodes[node].kind {
        Kind::Alias(_) => Err("something would have to change that is only referred to by an alias".into()),
        _ => Ok(()),
    }
}

fn container<'a>(text: &'a str, doc: &'a Doc, node: usize) -> Result<Container<'a>, Unwritten> {
    let span = &doc.nodes[node].span;
    let open = properties(text, span.start).content;
    if !text[open..].starts_with(['[', '{']) {
        return Err("a table without brackets in a list would get more keys".into());
    }
    let items = (0..count(doc, node)).map(|index| item(doc, node, index)).collect();
    Ok(Container { text, comments: &doc.comments, span: open..span.end, items })
}

fn count(doc: &Doc, node: usize) -> usize {
    doc.entries(node).len().max(doc.items(node).len())
}

fn child(doc: &Doc, node: usize, index: usize) -> usize {
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].node,
        _ => doc.items(node)[index],
    }
}

/// Where an entry or an item is, with its dash.
fn item(doc: &Doc, node: usize, index: usize) -> Range<usize> {
    let below = child(doc, node, index);
    let span = &doc.nodes[below].span;
    match doc.kind(node) {
        Kind::Table(entries) => entries[index].key_span.start..span.end.max(entries[index].key_span.end),
        _ => doc.dashes.get(&below).copied().unwrap_or(span.start)..span.end,
    }
}

fn column(text: &str, at: usize) -> usize {
    at - text::line_start(text, at)
}
