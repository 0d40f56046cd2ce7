//! The statements of a TOML text: which lines set what.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Doc, Key, Kind, Shape};
use crate::text;

/// A step down into a TOML document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seg {
    /// To a key.
    Key(Key),
    /// To an item of a list.
    Item(usize),
}

/// Steps down into a document.
pub type Path = Vec<Seg>;

/// A header, or a line with a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it sets.
    pub path: Path,
    /// Whether it is a header.
    pub header: bool,
    /// Where its comments begin.
    pub lead: usize,
    /// Where its line begins.
    pub start: usize,
    /// Where its key ends.
    pub key_end: usize,
    /// Where the line behind it begins.
    pub end: usize,
    /// Where the line behind the comments begins that stand directly below it, and belong to nothing below them. They are
    /// its table's if it is the last of that.
    pub tail: usize,
}

/// The place at the end of a table's own lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Where it is.
    pub at: usize,
    /// How many steps of a path the header above it has.
    pub context: usize,
    /// Whether a header follows directly.
    pub before_header: bool,
}

/// All statements of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// As they are written.
    pub statements: Vec<Statement>,
    index: BTreeMap<Path, usize>,
    /// The header that each stands below.
    headers: Vec<Option<usize>>,
    /// The last statement below each header.
    bodies: Vec<usize>,
    /// The last statement above all headers.
    above: Option<usize>,
    length: usize,
}

impl Layout {
    /// Finds the statements of a document.
    #[must_use]
    pub fn new(text: &str, doc: &Doc) -> Self {
        let mut statements = Vec::new();
        collect(text, doc, doc.root, &mut Vec::new(), &mut statements);
        statements.sort_by_key(|statement| statement.start);
        let leads: Vec<usize> = statements.iter().skip(1).map(|next| next.lead).chain([text.len()]).collect();
        for (statement, next) in statements.iter_mut().zip(leads) {
            statement.tail = tail(text, &doc.comments, statement.end, next);
        }
        let mut headers = Vec::new();
        let mut bodies = vec![0; statements.len()];
        let (mut header, mut above) = (None, None);
        for (at, statement) in statements.iter().enumerate() {
            if statement.header {
                header = Some(at);
            }
            headers.push(header);
            match header {
                Some(header) => bodies[header] = at,
                None => above = Some(at),
            }
        }
        let index = statements.iter().enumerate().map(|(at, statement)| (statement.path.clone(), at)).collect();
        Self { statements, index, headers, bodies, above, length: text.len() }
    }

    /// The statements for something and all that is in it, as they are written.
    #[must_use]
    pub fn below(&self, path: &Path) -> Vec<usize> {
        let found = self.index.range(path.clone()..).take_while(|(other, _)| other.starts_with(path));
        let mut found: Vec<usize> = found.map(|(_, statement)| *statement).collect();
        found.sort_unstable();
        found
    }

    /// How many steps the header above a statement has; for a header, its own.
    #[must_use]
    pub fn context(&self, statement: usize) -> usize {
        self.headers[statement].map_or(0, |header| self.statements[header].path.len())
    }

    /// Where a statement ends if these go or come together, ascending: a table has the comments below its last line.
    #[must_use]
    pub fn reach(&self, statement: usize, together: &[usize]) -> usize {
        let closes = self.headers[statement]
            .is_some_and(|header| self.bodies[header] == statement && together.binary_search(&header).is_ok());
        if closes { self.statements[statement].tail } else { self.statements[statement].end }
    }

    /// Where lines for a table's keys go.
    #[must_use]
    pub fn body(&self, path: &Path, shape: Shape) -> Option<Place> {
        match shape {
            Shape::Block => {
                let first = self.statements.first();
                let above = self.above.map(|last| self.statements[last].end);
                let at = above.or(first.map(|first| first.lead)).unwrap_or(self.length);
                Some(Place { at, context: 0, before_header: self.above.is_none() && first.is_some() })
            }
            Shape::Header => {
                let header = *self.index.get(path)?;
                let last = &self.statements[self.bodies[header]];
                // What stands below a header with nothing in it stays above what it gets.
                let at = if last.header { last.tail } else { last.end };
                Some(Place { at, context: path.len(), before_header: false })
            }
            Shape::Dotted => {
                let lines = self.below(path).into_iter().filter(|at| self.context(*at) < path.len());
                let last = lines.max()?;
                Some(Place { at: self.statements[last].end, context: self.context(last), before_header: false })
            }
            Shape::Implicit => {
                let first = *self.below(path).first()?;
                Some(Place { at: self.statements[first].lead, context: path.len(), before_header: true })
            }
            Shape::Scalar | Shape::Flow | Shape::Headers => None,
        }
    }

    /// Where the last section ends that has to do with something.
    #[must_use]
    pub fn end_of(&self, path: &Path) -> usize {
        match self.below(path).last() {
            Some(last) => match self.headers[*last] {
                Some(header) => self.statements[self.bodies[header]].tail,
                None => self.above.map_or(self.length, |last| self.statements[last].tail),
            },
            None => self.length,
        }
    }
}

/// Where comments end that stand directly below a place, each on a line of its own, before another place.
fn tail(text: &str, comments: &[Range<usize>], mut end: usize, before: usize) -> usize {
    let next = comments.partition_point(|comment| comment.start < end);
    for comment in comments[next..].iter().take_while(|comment| comment.start < before) {
        if text::line_start(text, comment.start) != end || !text::is_first(text, comment.start) {
            break;
        }
        end = text::next_line(text, comment.end);
    }
    end
}

fn collect(text: &str, doc: &Doc, node: usize, path: &mut Path, statements: &mut Vec<Statement>) {
    let statement = |path: &Path, header: bool, from: usize, key_end: usize, until: usize| {
        let start = text::line_start(text, from);
        let lead = text::lead(text, &doc.comments, from);
        let end = text::next_line(text, until);
        Statement { path: path.clone(), header, lead, start, key_end, end, tail: end }
    };
    match &doc.nodes[node].kind {
        Kind::Table(entries) => {
            if doc.nodes[node].shape == Shape::Header {
                let span = &doc.nodes[node].span;
                statements.push(statement(path, true, span.start, span.start, span.end));
            }
            for entry in entries {
                path.push(Seg::Key(entry.key));
                let below = &doc.nodes[entry.node];
                if matches!(below.shape, Shape::Scalar | Shape::Flow) {
                    let start = text::line_start(text, entry.key_span.start);
                    let key = start + (text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len());
                    statements.push(statement(path, false, key, entry.key_span.end, below.span.end));
                } else {
                    collect(text, doc, entry.node, path, statements);
                }
                path.pop();
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Seg::Item(index));
                collect(text, doc, *item, path, statements);
                path.pop();
            }
        }
        Kind::Scalar | Kind::Alias(_) => {}
    }
}

/// Splits a dotted key as it is written.
#[must_use]
pub fn split_key(written: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut start, mut quote, mut escaped) = (0, None, false);
    for (at, byte) in written.bytes().enumerate() {
        match (quote, byte) {
            (Some(b'"'), _) if escaped => escaped = false,
            (Some(b'"'), b'\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'.') => {
                names.push(written[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    names.push(written[start..].trim());
    names
}

/// Writes a key, without quotes if it can be.
#[must_use]
pub fn canonical(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { serde_json::Value::from(name).to_string().replace('\u{7f}', "\\u007f") }
}
