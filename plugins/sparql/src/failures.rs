//! Why there is no answer, and places in texts.

use crate::{Diagnostic, Failure, File, Position, Severity, Span};

/// A file of statements can't be read.
pub const GRAPH_SYNTAX: &str = "graph/syntax";
/// A query can't be read.
pub const SYNTAX: &str = "query/syntax";
/// A query uses a prefix that nobody declares.
pub const PREFIX: &str = "query/prefix";
/// A query asks another server.
pub const SERVICE: &str = "query/service";
/// It is no query but an update.
pub const UPDATE: &str = "query/update";
/// A parameter does not fit the query.
pub const PARAMETER: &str = "query/parameter";
/// A query gives more than it may.
pub const ROWS: &str = "query/rows";
/// A query can't be answered.
pub const EVALUATION: &str = "query/evaluation";
/// The setting is wrong: an IRI of it is none.
pub const SETTING: &str = "query/setting";

/// Where a byte of a text is.
#[must_use]
pub fn position(text: &[u8], offset: usize) -> Position {
    let before = &text[..offset.min(text.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.split(|byte| *byte == b'\n').count();
    Position { line: number(lines), column: number(before.len() - start + 1) }
}

/// Where the byte is that a line and a column mean, both counted from 1, columns in characters.
#[must_use]
pub fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = &text[start..];
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// Makes a number of what counts bytes; the largest one if it is larger.
#[must_use]
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A place in a file.
#[must_use]
pub fn span(file: &File, range: std::ops::Range<usize>) -> Span {
    let end = (range.end > range.start).then(|| position(&file.contents, range.end));
    Span { path: file.path.clone(), start: position(&file.contents, range.start), end }
}

/// An error at a place.
#[must_use]
pub fn error(rule: &str, message: impl Into<String>, help: Option<String>, span: Option<Span>) -> Diagnostic {
    let severity = Severity::Error;
    Diagnostic { rule: rule.to_owned(), severity, message: message.into(), help, span, related: Vec::new() }
}

/// Something that is probably not as intended, at a place.
#[must_use]
pub fn remark(rule: &str, message: String, help: Option<String>, span: Option<Span>) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..error(rule, message, help, span) }
}

/// A failure with one error.
#[must_use]
pub fn invalid(rule: &str, message: impl Into<String>, help: Option<String>, span: Option<Span>) -> Failure {
    Failure::Invalid(vec![error(rule, message, help, span)])
}

/// A message of another crate as a fragment of ours: with a lower-case beginning, without a full stop.
#[must_use]
pub fn fragment(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut letters = message.chars();
    let Some(first) = letters.next() else { return String::new() };
    let is_name = letters.clone().next().is_some_and(char::is_uppercase);
    if is_name { message.to_owned() } else { first.to_lowercase().chain(letters).collect() }
}
