//! Diagnostics: a rule, a place, and what to do next. All engines say the same things in the same words.

use std::ops::Range;
use std::str::Utf8Error;

use crate::balance::Fault;
use crate::bindings::packbox::plugin::types::{Diagnostic, Failure, Position, Severity, Span};
use crate::hints;

/// The text is no template.
pub const SYNTAX: &str = "template/syntax";
/// A name or a field does not exist.
pub const UNDEFINED: &str = "template/undefined-variable";
/// A partial is not in the pack.
pub const MISSING_PARTIAL: &str = "template/missing-partial";
/// A filter or a helper does not exist.
pub const UNKNOWN_FILTER: &str = "template/unknown-filter";
/// A test does not exist.
pub const UNKNOWN_TEST: &str = "template/unknown-test";
/// A function, component or tag does not exist.
pub const UNKNOWN_FUNCTION: &str = "template/unknown-function";
/// An operation on a value of the wrong type.
pub const TYPE: &str = "template/type";
/// A wrong option.
pub const OPTION: &str = "template/option";
/// Anything else.
pub const ERROR: &str = "template/error";

/// What goes wrong, before it is known where.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// One of the rules above.
    pub rule: &'static str,
    /// A lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Creates a problem without help.
    #[must_use]
    pub fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Makes it a failure at a place.
    #[must_use]
    pub fn at(self, span: Option<Span>, related: Vec<Span>) -> Failure {
        Failure::Invalid(vec![Diagnostic {
            rule: self.rule.to_owned(),
            severity: Severity::Error,
            message: self.message,
            help: self.help,
            span,
            related,
        }])
    }
}

/// The problem of a tag that is never closed or closes nothing, with its place.
#[must_use]
pub fn unbalanced(fault: Fault) -> (Problem, Range<usize>) {
    (Problem::new(SYNTAX, fault.message).with_help(Some(fault.help)), fault.range)
}

/// Creates the failure for input that is wrong as a whole, outside of any template.
#[must_use]
pub fn invalid_input(message: String) -> Failure {
    Problem::new(ERROR, message).at(None, Vec::new())
}

/// Creates the failure for a wrong option.
#[must_use]
pub fn invalid_option(message: String, help: Option<String>) -> Failure {
    Problem::new(OPTION, message).with_help(help).at(None, Vec::new())
}

/// Creates the failure for a template that is not UTF-8; points at the first wrong byte.
#[must_use]
pub fn not_utf8(path: &str, contents: &[u8], error: Utf8Error) -> Failure {
    let at = error.valid_up_to();
    Problem::new(SYNTAX, format!("the template is not UTF-8: {error}"))
        .with_help(Some("save the template as UTF-8; a file that is not text needs no template".to_owned()))
        .at(Some(span(path, contents, at..at)), Vec::new())
}

/// The problem of an undefined variable, with the names that there are.
pub fn undefined<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Problem {
    let names: Vec<&str> = names.into_iter().collect();
    let declared = if names.is_empty() {
        "the pack declares no variables".to_owned()
    } else {
        format!("the pack declares: {}", hints::list(names.iter().copied()))
    };
    let help = match hints::nearest(name, names) {
        Some(near) => format!("did you mean `{near}`? {declared}"),
        None => declared,
    };
    Problem::new(UNDEFINED, format!("`{name}` is undefined")).with_help(Some(help))
}

/// What a value is that something was looked up in.
#[derive(Debug, Clone, PartialEq)]
pub enum Whole<'a> {
    /// A table with these keys.
    Keys(Vec<&'a str>),
    /// A list with so many items.
    Items(usize),
    /// Something that has no parts: `text`, `a number` and so on.
    Plain(&'static str),
    /// It is not known.
    Unknown,
}

impl<'a> Whole<'a> {
    /// Says what a value is.
    #[must_use]
    pub fn of_json(value: Option<&'a serde_json::Value>) -> Self {
        match value {
            None => Self::Unknown,
            Some(serde_json::Value::Object(map)) => Self::Keys(map.keys().map(String::as_str).collect()),
            Some(serde_json::Value::Array(items)) => Self::Items(items.len()),
            Some(serde_json::Value::String(_)) => Self::Plain("text"),
            Some(serde_json::Value::Number(_)) => Self::Plain("a number"),
            Some(serde_json::Value::Bool(_)) => Self::Plain("a boolean"),
            Some(serde_json::Value::Null) => Self::Plain("none"),
        }
    }
}

/// Splits a path into its parts: `a.b`, `a[0]`, `a["b"]`, `a?.b`.
pub fn parts(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split(['.', '[', ']']).map(|part| part.trim().trim_end_matches('?').trim_matches(['"', '\'']));
    parts.filter(|part| !part.is_empty())
}

/// The problem of a missing part of a value, with what the value has.
#[must_use]
pub fn missing_part(expression: &str, part: &str, whole: &Whole<'_>) -> Problem {
    let help = match whole {
        Whole::Unknown => None,
        Whole::Keys(keys) if keys.is_empty() => Some("it has no keys".to_owned()),
        Whole::Keys(keys) => {
            let has = format!("it has: {}", hints::list(keys.iter().copied()));
            Some(match hints::nearest(part, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? {has}"),
                None => has,
            })
        }
        Whole::Items(0) => Some("the list is empty".to_owned()),
        Whole::Items(_) if !part.starts_with(|first: char| first.is_ascii_digit()) => {
            Some("it is a list, which has no keys".to_owned())
        }
        Whole::Items(1) => Some("the list has 1 item, at index 0".to_owned()),
        Whole::Items(length) => Some(format!("the list has {length} items, and indexes start at 0")),
        Whole::Plain(kind) => Some(format!("it is {kind}, which has no keys")),
    };
    Problem::new(UNDEFINED, format!("`{expression}` is undefined")).with_help(help)
}

/// The problem of a partial that is not there.
pub fn missing_partial<'a>(name: &str, paths: impl IntoIterator<Item = &'a str>) -> Problem {
    let near = hints::nearest_path(name, paths).map(|near| format!("did you mean `{near}`?"));
    let near = near.or_else(|| Some("partials are named by their path in the pack".to_owned()));
    Problem::new(MISSING_PARTIAL, format!("the pack has no file `{name}`")).with_help(near)
}

/// The problem of an unknown word of the language: `what` is a filter, helper, test, function, tag and so on.
pub fn unknown<'a>(rule: &'static str, what: &str, name: &str, names: impl IntoIterator<Item = &'a str>) -> Problem {
    let near = hints::nearest(name, names).map(|near| format!("did you mean `{near}`?"));
    Problem::new(rule, format!("unknown {what} `{name}`")).with_help(near)
}

/// Returns the span of a range of bytes.
#[must_use]
pub fn span(path: &str, text: &[u8], range: Range<usize>) -> Span {
    let end = (range.end > range.start).then(|| position(text, range.end));
    Span { path: path.to_owned(), start: position(text, range.start), end }
}

/// Returns the place of a byte.
#[must_use]
pub fn position(text: &[u8], offset: usize) -> Position {
    let before = &text[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.split(|byte| *byte == b'\n').count();
    Position { line: number(lines), column: number(before.len() - line_start + 1) }
}

/// Returns the offset, in bytes, of a line and a column that counts characters; both count from 1. What lies outside of
/// the text becomes the nearest place in it.
#[must_use]
pub fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(nth) => text.match_indices('\n').nth(nth).map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = &text[start..];
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let within = rest[..line_end].char_indices().nth(column.saturating_sub(1)).map_or(line_end, |(at, _)| at);
    start + within
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
