//! Findings about a pack, and places in its texts.
//!
//! Always true here: plain data that serializes as it is shown; lines and columns count from 1, columns count characters
//! (Unicode scalar values). Nothing here prints or touches the disk.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The longest excerpt line that a span carries, in characters.
const EXCERPT_CHARACTERS: usize = 400;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The pack cannot be used like this.
    Error,
    /// The pack works, but probably not as intended.
    Warning,
    /// Something worth knowing.
    Note,
}

impl Severity {
    /// Returns the name as JSON shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Position {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

/// A range in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Span {
    /// The file as the user knows it.
    pub path: String,
    /// Where the range begins.
    pub start: Position,
    /// Where it ends, exclusive; none where only the beginning is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Position>,
    /// The text of the first line, cut to 400 characters around the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// Something to say about a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable identifier, for instance `template/undefined-variable`.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where it is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Other places that have to do with it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub related: Vec<Span>,
}

impl Diagnostic {
    /// Creates an error finding without a place.
    pub fn error(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            severity: Severity::Error,
            message: message.into(),
            help: None,
            span: None,
            related: Vec::new(),
        }
    }

    /// Says where it is wrong.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Span {
    /// Names a file without a place in it.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), start: Position { line: 1, column: 1 }, end: None, excerpt: None }
    }

    /// Finds lines, columns and the excerpt of a byte range of `text`. A range that is out of bounds or not on character
    /// boundaries is moved to the nearest that is.
    pub fn in_text(path: impl Into<String>, text: &str, range: Range<usize>) -> Self {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        Self {
            path: path.into(),
            start: position_at(text, start),
            end: (end > start).then(|| position_at(text, end)),
            excerpt: text[line_start..].lines().next().map(|line| cut_around(line, start - line_start)),
        }
    }

    /// Finds the byte offset of a line (from 1) and a column that counts bytes (from 1), as plugins report them.
    #[must_use]
    pub fn byte_offset(text: &str, line: u32, column: u32) -> usize {
        let line_start = match line {
            0 | 1 => 0,
            _ => text.match_indices('\n').nth(line as usize - 2).map_or(text.len(), |(at, _)| at + 1),
        };
        let line_length = text[line_start..].find('\n').unwrap_or(text.len() - line_start);
        floor_boundary(text, line_start + (column.max(1) as usize - 1).min(line_length))
    }
}

/// The line and column of a byte offset that is on a character boundary.
fn position_at(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) }
}

/// The nearest character boundary at or below an offset.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The line from its beginning, or nothing of it where the interesting place would not be in sight.
fn cut_around(line: &str, offset: usize) -> String {
    if line[..offset.min(line.len())].chars().count() < EXCERPT_CHARACTERS {
        line.chars().take(EXCERPT_CHARACTERS).collect()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let span = Span::in_text("a", "first\nsécond line\n", 6 + 3..6 + 7);
        assert_eq!((span.start.line, span.start.column), (2, 3));
        assert_eq!(span.end, Some(Position { line: 2, column: 7 }));
        assert_eq!(span.excerpt.as_deref(), Some("sécond line"));
    }

    #[test]
    fn ranges_out_of_bounds_are_moved() {
        let span = Span::in_text("a", "é", 1..90);
        assert_eq!(span.start, Position { line: 1, column: 1 });
        assert_eq!(Span::byte_offset("ab\ncd", 2, 90), 5);
        assert_eq!(Span::byte_offset("ab\ncd", 90, 1), 5);
    }
}
