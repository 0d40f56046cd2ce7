//! Finds Jinja tags in a text. What is between `raw` and `endraw` holds none. A tag that is not closed ends the search:
//! the engine reports it.

use std::ops::Range;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
}

/// A tag, as ranges of bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// What it is.
    pub kind: Kind,
    /// All of it.
    pub whole: Range<usize>,
    /// What is between the delimiters.
    pub inner: Range<usize>,
}

impl Tag {
    /// Returns what is between the delimiters.
    #[must_use]
    pub fn inside<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.inner.clone()).unwrap_or_default()
    }
}

/// Finds all tags, in order.
#[must_use]
pub fn find(text: &str) -> Vec<Tag> {
    let bytes = text.as_bytes();
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = position(bytes, at, b'{') {
        let kind = match bytes.get(start + 1) {
            Some(b'{') => Kind::Expression,
            Some(b'%') => Kind::Statement,
            Some(b'#') => Kind::Comment,
            _ => {
                at = start + 1;
                continue;
            }
        };
        let Some(end) = closing(bytes, start + 2, kind) else { break };
        let tag = Tag { kind, whole: start..end + 2, inner: start + 2..end };
        at = end + 2;
        if kind == Kind::Statement && first_word(tag.inside(text)) == "raw" {
            at = end_of_raw(text, at);
        }
        tags.push(tag);
    }
    tags
}

/// Returns the first word of a statement: `call` of `call(x) f()`.
#[must_use]
pub fn first_word(inside: &str) -> &str {
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    let end = inside.find(|next: char| next != '_' && !next.is_alphanumeric()).unwrap_or(inside.len());
    inside.get(..end).unwrap_or_default()
}

fn position(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| *byte == wanted).map(|at| from + at)
}

/// Finds where a tag's closing delimiter begins. Delimiters in string literals do not count.
fn closing(bytes: &[u8], from: usize, kind: Kind) -> Option<usize> {
    let first = match kind {
        Kind::Expression => b'}',
        Kind::Statement => b'%',
        Kind::Comment => b'#',
    };
    let mut at = from;
    // A `}` that closes a table is not the first half of a delimiter.
    let mut tables = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' if kind != Kind::Comment => {
                at = end_of_literal(bytes, at)?;
                continue;
            }
            b'{' if kind == Kind::Expression => tables += 1,
            b'}' if kind == Kind::Expression && tables > 0 => tables -= 1,
            _ if byte == first && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Finds the end of a string literal that begins at `start`, exclusive.
fn end_of_literal(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = bytes.get(start)?;
    let mut at = start + 1;
    loop {
        let byte = bytes.get(at)?;
        at += 1;
        match byte {
            b'\\' => at += 1,
            _ if byte == quote => return Some(at),
            _ => {}
        }
    }
}

fn end_of_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("{%")) {
        let start = at + found;
        let inside = text.get(start + 2..).unwrap_or_default();
        if first_word(inside) == "endraw" {
            return start;
        }
        at = start + 2;
    }
    text.len()
}
