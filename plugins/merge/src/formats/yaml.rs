//! Reads YAML 1.2 with its core schema: one document.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag, options};

use super::Refusal;
use super::yaml_flow::resolve;
use super::yaml_older::{named, newer};
use crate::failures::Fault;
use crate::model::{DEEPEST, Doc, Entry, Id, Key, Kind, Shape, Value, Values};

/// Something with parts that has not ended.
struct Open {
    shape: Shape,
    is_table: bool,
    /// Where its own text begins.
    start: usize,
    /// Where its anchor or tag begins.
    before: Option<usize>,
    tag: Option<String>,
    anchor: Option<(usize, String)>,
    entries: Vec<Entry>,
    items: Vec<usize>,
    seen: BTreeSet<Key>,
    key: Option<(Key, Range<usize>)>,
}

struct Reader<'a> {
    text: &'a str,
    values: &'a mut Values,
    doc: Doc,
    /// How many levels there are below each node, aliases included.
    heights: Vec<usize>,
    open: Vec<Open>,
    /// The nodes that anchors name; none for keys.
    anchors: BTreeMap<usize, Option<usize>>,
    root: Option<usize>,
    /// The last scalar, or none if it was a key.
    last: Option<usize>,
    /// Whether the last node was a table or list that began.
    began: bool,
}

/// Reads a text.
pub fn parse(text: &str, values: &mut Values) -> Result<Doc, Refusal> {
    let reader_options = options! { emit_anchor_events: true, max_buffered_comment_events: usize::MAX };
    let mut reader = Reader {
        text,
        values,
        doc: Doc::default(),
        heights: Vec::new(),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
        last: None,
        began: false,
    };
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, reader_options) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
            Fault::syntax(error.info().trim_end_matches('.').to_owned(), at..at)
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    return Err(unsupported(text, range.start, "a second document begins, and only one is merged"));
                }
            }
            Event::Comment(..) => reader.doc.comments.push(range),
            event => reader.event(event, &span, range)?,
        }
    }
    // What is not there at all is an empty table.
    let root = match reader.root {
        Some(root) if reader.doc.nodes[root].span.is_empty() && matches!(reader.doc.nodes[root].kind, Kind::Scalar) => {
            None
        }
        root => root,
    };
    let root = root.unwrap_or_else(|| {
        let id = reader.values.table(Vec::new());
        reader.doc.push(Kind::Table(Vec::new()), text.len()..text.len(), id, Shape::Block)
    });
    let mut doc = reader.doc;
    doc.root = root;
    doc.comments.sort_by_key(|comment| comment.start);
    Ok(doc)
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: &Span, range: Range<usize>) -> Result<(), Refusal> {
        let tag_start = span.tag_start().and_then(|mark| mark.byte_offset());
        match event {
            Event::Scalar(value, style, _, tag) => self.scalar(&value, style, tag.as_deref(), range, tag_start),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Some(target)) => {
                    let (target, id) = (*target, self.doc.id(*target));
                    self.not_a_key(&range)?;
                    let node = self.doc.push(Kind::Alias(target), range.clone(), id, Shape::Scalar);
                    self.heights.push(self.heights[target]);
                    self.last = None;
                    self.began = false;
                    self.attach(node, None)
                }
                Some(None) => {
                    Err(unsupported(self.text, range.start, "an alias refers to a key: write out what it is"))
                }
                None => Err(Fault::syntax("an alias refers to what it is part of", range).into()),
            },
            Event::Anchor(id, name) => {
                if self.began {
                    if let Some(open) = self.open.last_mut() {
                        open.before = Some(open.before.map_or(range.start, |before| before.min(range.start)));
                        open.anchor = Some((id, name.into_owned()));
                    }
                } else {
                    if let Some(node) = self.last {
                        let span = &mut self.doc.nodes[node].span;
                        let empty = span.start == span.end;
                        span.start = span.start.min(range.start);
                        if empty {
                            span.end = span.end.max(range.end);
                        }
                        self.doc.anchors.push((name.into_owned(), node));
                    }
                    self.anchors.insert(id, self.last);
                }
                Ok(())
            }
            Event::SequenceStart(style, _, tag) => self.begin(false, style, tag.as_deref(), range, tag_start),
            Event::MappingStart(style, _, tag) => self.begin(true, style, tag.as_deref(), range, tag_start),
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            _ => Ok(()),
        }
    }

    fn not_a_key(&self, range: &Range<usize>) -> Result<(), Refusal> {
        match self.open.last() {
            Some(open) if open.is_table && open.key.is_none() => Err(unsupported(
                self.text,
                range.start,
                "a key is a list, a mapping or an alias: only keys that are text are merged",
            )),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        value: &Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        range: Range<usize>,
        tag_start: Option<usize>,
    ) -> Result<(), Refusal> {
        self.began = false;
        let empty = range.is_empty() && style == ScalarStyle::Plain;
        let text = if empty { "" } else { value.as_ref() };
        let tagged = tag.is_some();
        let (name, tag) = typed(text, style, tag);
        let expects_key = self.open.last().is_some_and(|open| open.is_table && open.key.is_none());
        if expects_key {
            self.last = None;
            if tagged {
                return Err(unsupported(self.text, range.start, "a key has a tag: leave it out"));
            }
            // Both versions have to find the key, as `on` of a workflow.
            let key = self.values.key(newer(&name));
            let Some(open) = self.open.last_mut() else { return Ok(()) };
            if !open.seen.insert(key) {
                return Err(Fault::duplicate(&self.text[range.clone()], range).into());
            }
            let next = self.text[range.end..].trim_start_matches([' ', '\t']);
            let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
            let before = self.text[..range.start].trim_end_matches([' ', '\t', '\n', '\r']);
            let marked = before.len() < range.start && before.ends_with('?') && !is_in_comment(&self.doc, before.len());
            if block || marked || (open.shape == Shape::Block && (!next.starts_with(':') || empty)) {
                let what = "a key is written with `?`: write it on one line, as `key:`";
                return Err(unsupported(self.text, range.start, what));
            }
            if open.shape == Shape::Block {
                tab_before(self.text, range.start)?;
            }
            open.key = Some((key, range));
            return Ok(());
        }
        let mut id = self.values.id(Value::Scalar(name));
        if let Some(tag) = tag {
            id = self.values.id(Value::Tagged(tag, id));
        }
        let mut span = range;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            span.end = self.block_end(&span);
        }
        let node = self.doc.push(Kind::Scalar, span, id, Shape::Scalar);
        self.heights.push(0);
        self.last = Some(node);
        let before = tag_start;
        if empty {
            self.doc.nodes[node].span = usize::MAX..usize::MAX;
        }
        self.attach(node, before)
    }

    /// Where a block of text ends: before the line end of its last line.
    fn block_end(&self, span: &Range<usize>) -> usize {
        let content = &self.text[span.clone()];
        // What is next may have been indented.
        let content = content.trim_end_matches([' ', '\t']);
        let content = if content.ends_with('\n') { content } else { &self.text[span.clone()] };
        // The line above it, or its own where the block is empty.
        let header_end = self.text[..span.start].trim_end_matches([' ', '\n', '\r']).len();
        let header = &self.text[crate::text::line_start(self.text, header_end)..header_end];
        let header = header.split(" #").next().unwrap_or(header).trim_end();
        let keeps =
            header.ends_with('+') || header.trim_end_matches(|digit: char| digit.is_ascii_digit()).ends_with('+');
        if keeps {
            let end = content.strip_suffix('\n').unwrap_or(content);
            return span.start + end.strip_suffix('\r').unwrap_or(end).len();
        }
        let end = content.trim_end_matches(['\n', '\r']);
        if end.is_empty() { header_end } else { span.start + end.len() }
    }

    fn begin(
        &mut self,
        is_table: bool,
        style: StructureStyle,
        tag: Option<&Tag>,
        range: Range<usize>,
        before: Option<usize>,
    ) -> Result<(), Refusal> {
        self.not_a_key(&range)?;
        if self.open.len() >= DEEPEST {
            return Err(Fault::nesting(range).into());
        }
        let tag =
            tag.filter(|tag| !matches!(tag.core_suffix().as_deref(), Some("map" | "seq"))).map(ToString::to_string);
        let shape = if style == StructureStyle::Flow { Shape::Flow } else { Shape::Block };
        // The parser tells where a list begins, but for one that is not indented, below a key.
        let parent =
            self.open.last().filter(|parent| parent.shape == Shape::Block && !is_table && shape == Shape::Block);
        let start = parent.and_then(|parent| dash(self.text, parent.key.as_ref()?.1.end)).unwrap_or(range.start);
        self.open.push(Open {
            shape,
            is_table,
            start,
            before,
            tag,
            anchor: None,
            entries: Vec::new(),
            items: Vec::new(),
            seen: BTreeSet::new(),
            key: None,
        });
        self.began = true;
        Ok(())
    }

    fn end(&mut self, range: Range<usize>) -> Result<(), Refusal> {
        self.began = false;
        self.last = None;
        let Some(open) = self.open.pop() else { return Ok(()) };
        let last = open.entries.last().map(|entry| entry.node).or(open.items.last().copied());
        let inner = last.map_or(open.start, |node| self.doc.nodes[node].span.end);
        let end = if open.shape == Shape::Flow && !range.is_empty() { range.end } else { inner };
        let mut id = if open.is_table {
            self.values.table(open.entries.iter().map(|entry| (entry.key, self.doc.id(entry.node))).collect())
        } else {
            let ids: Vec<Id> = open.items.iter().map(|item| self.doc.id(*item)).collect();
            self.values.id(Value::List(ids))
        };
        if let Some(tag) = open.tag {
            id = self.values.id(Value::Tagged(tag, id));
        }
        let below = open.entries.iter().map(|entry| entry.node).chain(open.items.iter().copied());
        let height = below.map(|node| self.heights[node] + 1).max().unwrap_or(0);
        if height > DEEPEST {
            return Err(Fault::nesting(open.start..open.start).into());
        }
        self.heights.push(height);
        let kind = if open.is_table { Kind::Table(open.entries) } else { Kind::List(open.items) };
        let start = open.before.map_or(open.start, |before| before.min(open.start));
        let node = self.doc.push(kind, start..end.max(start), id, open.shape);
        if let Some((anchor, name)) = open.anchor {
            self.anchors.insert(anchor, Some(node));
            self.doc.anchors.push((name, node));
        }
        self.attach(node, open.before)
    }

    /// Puts a node where it belongs, and finds where it begins. Nothing is there where its span has no place yet.
    fn attach(&mut self, node: usize, before: Option<usize>) -> Result<(), Refusal> {
        let Some(open) = self.open.last_mut() else {
            let span = &mut self.doc.nodes[node].span;
            if span.start == usize::MAX {
                *span = self.text.len()..self.text.len();
            }
            span.start = before.map_or(span.start, |before| before.min(span.start));
            let first = self.text.len() - self.text.trim_start().len();
            if self.text[first..].starts_with(['|', '>']) {
                span.start = first;
            }
            self.root = Some(node);
            return Ok(());
        };
        let known = self.doc.nodes[node].span.start;
        let behind = if open.is_table {
            let Some((key, key_span)) = open.key.take() else {
                return Err(unsupported(self.text, before.unwrap_or(0), "a value has no key"));
            };
            let rest = &self.text[key_span.end..];
            let blanks = rest.len() - rest.trim_start().len();
            let colon = rest[blanks..].starts_with(':').then(|| key_span.end + blanks + 1);
            let behind = colon.unwrap_or(key_span.end);
            open.entries.push(Entry { key, key_span, node });
            behind
        } else if open.shape == Shape::Block {
            let from = open.items.last().map_or(open.start, |item| self.doc.nodes[*item].span.end);
            let dash = dash(self.text, from)
                .ok_or_else(|| unsupported(self.text, from, "a list is written in a way that is not known"))?;
            tab_before(self.text, dash)?;
            self.doc.dashes.insert(node, dash);
            open.items.push(node);
            dash + 1
        } else {
            open.items.push(node);
            known
        };
        let behind = behind.min(self.text.len());
        let rest = &self.text[behind..];
        let first = behind + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let same_line = !matches!(self.text.as_bytes().get(first), None | Some(b'\n' | b'\r' | b'#'));
        let span = &mut self.doc.nodes[node].span;
        if span.start == usize::MAX {
            // Nothing but an anchor or a tag, which ends where the line does.
            *span = behind..behind;
            if let Some(before) = before {
                let rest = &self.text[before..];
                *span = before
                    ..before
                        + rest
                            .find(|end: char| end.is_whitespace() || matches!(end, ',' | '}' | ']'))
                            .unwrap_or(rest.len());
            }
        } else if same_line && first < span.start {
            span.start = first;
        } else if let Some(before) = before {
            span.start = span.start.min(before);
        }
        Ok(())
    }
}

/// Says what is not merged, and where it is.
fn unsupported(text: &str, at: usize, what: &str) -> Refusal {
    Refusal::Unsupported(format!("in line {}, {what}", crate::text::position(text.as_bytes(), at).line))
}

fn is_in_comment(doc: &Doc, end: usize) -> bool {
    doc.comments.iter().rev().any(|comment| comment.start < end && comment.end >= end)
}

/// Tabs indent nothing in YAML, though not every reader minds.
fn tab_before(text: &str, at: usize) -> Result<(), Fault> {
    let line = crate::text::line_start(text, at);
    let blanks = crate::flow::blanks(text, at);
    let before = crate::text::indent(text, at);
    let found = blanks.find('\t').map(|tab| line + tab).or(before.find('\t').map(|tab| at - before.len() + tab));
    match found {
        Some(tab) => {
            let help = Some("indent with blanks".to_owned());
            Err(Fault { help, ..Fault::syntax("a tab can't indent in YAML", tab..tab + 1) })
        }
        None => Ok(()),
    }
}

/// What a scalar is: its name, and its tag where that says more.
fn typed(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> (String, Option<String>) {
    let string = format!("s:{text}");
    let Some(tag) = tag else {
        return (if style == ScalarStyle::Plain { named(text) } else { string }, None);
    };
    match tag.core_suffix().as_deref() {
        Some("str") => (string, None),
        Some("int" | "float" | "bool" | "null") => {
            let resolved = resolve(text);
            let kind = match tag.core_suffix().as_deref() {
                Some("int") => "i:",
                Some("float") => "f:",
                Some("bool") => "b:",
                _ => "n:",
            };
            if resolved.starts_with(kind) { (named(text), None) } else { (string, Some(tag.to_string())) }
        }
        _ => (string, Some(tag.to_string())),
    }
}

/// The next dash, behind blanks, comments, a colon, an anchor and a tag.
fn dash(text: &str, mut at: usize) -> Option<usize> {
    loop {
        match text.as_bytes().get(at)? {
            b'-' => return Some(at),
            b'#' => at = crate::text::line_end(text, at),
            b'&' | b'!' => at += text[at..].find(char::is_whitespace)?,
            b':' => at += 1,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => return None,
        }
    }
}
