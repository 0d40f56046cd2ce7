//! Why a file is not merged at all: a side or an option is at fault, or a policy does not do what was asked.

use std::ops::Range;

use crate::text;
use crate::{Diagnostic, Failure, Severity, Span};

/// A side can't be read.
pub const SYNTAX: &str = "merge/syntax";
/// A side says something twice.
pub const DUPLICATE: &str = "merge/duplicate-key";
/// A side nests deeper than is read.
pub const NESTING: &str = "merge/nesting";
/// An option is unknown or has a wrong value.
pub const OPTION: &str = "merge/option";
/// A comment has no place in the result; a note.
pub const COMMENT: &str = "merge/comment";

/// A fault of a text, before it is known whose text it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// One of the rules above.
    pub rule: &'static str,
    /// A lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is, in bytes.
    pub range: Range<usize>,
}

impl Fault {
    /// A fault of the syntax.
    #[must_use]
    pub fn syntax(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { rule: SYNTAX, message: message.into(), help: None, range }
    }

    /// A key that is there twice.
    #[must_use]
    pub fn duplicate(key: &str, range: Range<usize>) -> Self {
        let help = Some("keep one of them".to_owned());
        Self { rule: DUPLICATE, message: format!("the key `{key}` is there twice"), help, range }
    }

    /// Too many levels.
    #[must_use]
    pub fn nesting(range: Range<usize>) -> Self {
        let message = format!("there are more than {} levels", crate::model::DEEPEST);
        Self { rule: NESTING, message, help: None, range }
    }

    /// Makes it a failure of an owner's text.
    #[must_use]
    pub fn of(self, owner: &str, contents: &[u8]) -> Failure {
        let end = (self.range.end > self.range.start).then(|| text::position(contents, self.range.end));
        let span = Span { path: owner.to_owned(), start: text::position(contents, self.range.start), end };
        Failure::Invalid(vec![Diagnostic {
            rule: self.rule.to_owned(),
            severity: Severity::Error,
            message: self.message,
            help: self.help,
            span: Some(span),
            related: Vec::new(),
        }])
    }
}

/// Creates the failure for a wrong option.
#[must_use]
pub fn option(message: String, help: Option<String>) -> Failure {
    Failure::Invalid(vec![Diagnostic {
        rule: OPTION.to_owned(),
        severity: Severity::Error,
        message,
        help,
        span: None,
        related: Vec::new(),
    }])
}
