//! Findings about a pack, and places in its texts.
//!
//! Always true here: plain data that serializes as it is shown; lines and columns count from 1, columns count characters
//! (Unicode scalar values). Nothing here prints or touches the disk.

use std::fmt;
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}[{}]: {}", self.severity.name(), self.rule, self.message)?;
        if let Some(span) = &self.span {
            write!(formatter, " ({span})")?;
        }
        match &self.help {
            Some(help) => write!(formatter, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Span {
    /// Writes `PATH:LINE:COLUMN`, or the path alone where no place in the file is meant.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole_file() {
            return formatter.write_str(&self.path);
        }
        write!(formatter, "{}:{}:{}", self.path, self.start.line, self.start.column)
    }
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

    /// Bytes that it takes in memory: where it is found, in the report, and twice in the document that is printed.
    pub(crate) fn weight(&self) -> u64 {
        let texts = self.rule.len() + self.message.len() + self.help.as_ref().map_or(0, String::len);
        let spans: usize = self.span.iter().chain(&self.related).map(Span::weight).sum();
        4 * (size_of::<Self>() + texts + spans) as u64
    }
}

impl Span {
    /// Bytes that it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.path.len() + self.excerpt.as_ref().map_or(0, String::len)
    }

    /// Names a file without a place in it.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), start: Position { line: 1, column: 1 }, end: None, excerpt: None }
    }

    /// Whether it names a file and no place in it.
    #[must_use]
    pub fn is_whole_file(&self) -> bool {
        self.start == Position { line: 1, column: 1 } && self.end.is_none() && self.excerpt.is_none()
    }

    /// Finds lines, columns and the excerpt of a byte range of `text`. A range that is out of bounds or not on character
    /// boundaries is moved to the nearest that is.
    pub fn in_text(path: impl Into<String>, text: &str, range: Range<usize>) -> Self {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(start));
        let mark = Mark::FIRST.after(text, 0..start);
        Self::between(path.into(), text, mark, (end > start).then(|| mark.after(text, start..end)))
    }

    /// Makes the span from a place to another, or of a place alone.
    fn between(path: String, text: &str, start: Mark, end: Option<Mark>) -> Self {
        Self { path, start: start.position(), end: end.map(Mark::position), excerpt: excerpt(text, start) }
    }
}

/// Every so many bytes the line and the column are known.
const STEP: usize = 1024;

/// Lines and columns of a text, counted once, so that many places in it are found without reading it for each.
#[derive(Debug, Clone)]
pub(crate) struct Marks(Vec<Mark>);

/// What is known about an offset: all of it counted from 0.
#[derive(Debug, Clone, Copy)]
struct Mark {
    line: usize,
    line_start: usize,
    /// In characters.
    column: usize,
}

impl Marks {
    /// Reads a text.
    pub(crate) fn of(text: &str) -> Self {
        let (mut mark, mut at) = (Mark::FIRST, 0);
        let known = (0..=text.len()).step_by(STEP).map(|step| {
            let next = floor_boundary(text, step);
            mark = mark.after(text, at..next);
            at = next;
            mark
        });
        Self(known.collect())
    }

    /// Does what [`Span::in_text`] does, with the text that these were made of.
    pub(crate) fn span(&self, path: impl Into<String>, text: &str, range: Range<usize>) -> Span {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(start));
        Span::between(path.into(), text, self.at(text, start), (end > start).then(|| self.at(text, end)))
    }

    /// What is known about an offset that is on a character boundary.
    fn at(&self, text: &str, offset: usize) -> Mark {
        let step = offset / STEP;
        let mark = self.0.get(step).copied().unwrap_or(Mark::FIRST);
        mark.after(text, floor_boundary(text, step * STEP)..offset)
    }

    /// Finds the byte offset of a line (from 1) and a column that counts bytes (from 1), as plugins report them.
    pub(crate) fn byte_offset(&self, text: &str, line: u32, column: u32) -> usize {
        let line = line.max(1) as usize - 1;
        let start = self.line_start(text, line).unwrap_or(text.len());
        let end = self.line_start(text, line + 1).map_or(text.len(), |next| next - 1);
        floor_boundary(text, start + (column.max(1) as usize - 1).min(end - start))
    }

    /// Where a line begins, counted from 0.
    fn line_start(&self, text: &str, line: usize) -> Option<usize> {
        let after = self.0.partition_point(|mark| mark.line < line);
        if let Some(mark) = self.0.get(after).filter(|mark| mark.line == line) {
            return Some(mark.line_start);
        }
        // It begins between the marks, or behind the last.
        let before = after.checked_sub(1)?;
        let from = floor_boundary(text, before * STEP);
        let nth = line - self.0[before].line - 1;
        text[from..].match_indices('\n').nth(nth).map(|(at, _)| from + at + 1)
    }
}

impl Mark {
    const FIRST: Self = Self { line: 0, line_start: 0, column: 0 };

    /// What is known at the end of a range, at whose beginning this is.
    fn after(self, text: &str, range: Range<usize>) -> Self {
        let part = &text[range.clone()];
        match part.rfind('\n') {
            None => Self { column: self.column + part.chars().count(), ..self },
            Some(last) => Self {
                line: self.line + part.bytes().filter(|byte| *byte == b'\n').count(),
                line_start: range.start + last + 1,
                column: part[last + 1..].chars().count(),
            },
        }
    }

    fn position(self) -> Position {
        let from_one = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        Position { line: from_one(self.line), column: from_one(self.column) }
    }
}

/// The nearest character boundary at or below an offset.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The line of an offset from its beginning, or nothing of it where the interesting place would not be in sight. None
/// where the text has ended.
fn excerpt(text: &str, mark: Mark) -> Option<String> {
    // No more of the line than can be shown, with what may end it.
    let shown = floor_boundary(text, mark.line_start + 4 * EXCERPT_CHARACTERS + 4);
    let line = text[mark.line_start..shown].lines().next()?;
    // What ends the line does not count.
    let in_sight = mark.column.min(line.chars().count()) < EXCERPT_CHARACTERS;
    Some(if in_sight { line.chars().take(EXCERPT_CHARACTERS).collect() } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by reading the text.
    fn byte_offset(text: &str, line: u32, column: u32) -> usize {
        let line_start = match line {
            0 | 1 => 0,
            _ => text.match_indices('\n').nth(line as usize - 2).map_or(text.len(), |(at, _)| at + 1),
        };
        let line_length = text[line_start..].find('\n').unwrap_or(text.len() - line_start);
        floor_boundary(text, line_start + (column.max(1) as usize - 1).min(line_length))
    }

    #[test]
    fn columns_count_characters() {
        let span = Span::in_text("a", "first\nsécond line\n", 6 + 3..6 + 7);
        assert_eq!((span.start.line, span.start.column), (2, 3));
        assert_eq!(span.end, Some(Position { line: 2, column: 7 }));
        assert_eq!(span.excerpt.as_deref(), Some("sécond line"));
    }

    #[test]
    fn marks_find_what_reading_the_text_finds() {
        let text = format!(
            "a\r\n{}\n\nsécond\n{}é{}\r\n{}",
            "é".repeat(700),
            "x".repeat(398),
            "y".repeat(3000),
            "z\n".repeat(900)
        );
        let marks = Marks::of(&text);
        for start in (0..text.len() + 3).step_by(7).chain(text.len() - 3..text.len() + 3) {
            for length in [0, 1, 2000] {
                let range = start..start + length;
                assert_eq!(
                    marks.span("a", &text, range.clone()),
                    Span::in_text("a", &text, range.clone()),
                    "{range:?}"
                );
            }
        }
        for line in 0..920 {
            for column in [0, 1, 2, 300, 1500, 9000] {
                assert_eq!(marks.byte_offset(&text, line, column), byte_offset(&text, line, column), "{line}:{column}");
            }
        }
        let at = |offset: usize| Span::in_text("a", &text, offset..offset).excerpt.map(|line| line.chars().count());
        let long = text.find("xx").expect("the long line");
        assert_eq!([at(0), at(4), at(long), at(long + 398), at(long + 500)], [1, 400, 400, 400, 0].map(Some));
        assert_eq!(at(text.len()), None);
    }

    #[test]
    fn ranges_out_of_bounds_are_moved() {
        let span = Span::in_text("a", "é", 1..90);
        assert_eq!(span.start, Position { line: 1, column: 1 });
        assert_eq!(byte_offset("ab\ncd", 2, 90), 5);
        assert_eq!(byte_offset("ab\ncd", 90, 1), 5);
    }
}
