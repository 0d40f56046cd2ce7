//! Expressions of a manifest, and who evaluates them.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::diagnostic::Span;
use crate::error::Error;
use crate::pack::{Pack, Spanned};

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A bare expression, for instance `database != 'none'`; its value is any JSON.
    Expression,
    /// A text with expressions in it, for instance `src/{{ name }}.rs`; its value is a string.
    Template,
}

/// An expression, with its place in `pack.toml`.
#[derive(Debug, Clone)]
pub struct Expression<'a> {
    /// The expression.
    pub text: &'a str,
    /// How to read it.
    pub mode: Mode,
    manifest_path: &'a str,
    manifest_text: &'a str,
    range: Range<usize>,
}

impl<'a> Expression<'a> {
    /// Takes an expression from a pack.
    #[must_use]
    pub fn new(pack: &'a Pack, text: &'a Spanned<String>, mode: Mode) -> Self {
        Self::in_text(&pack.manifest_path, &pack.manifest_text, text, mode)
    }

    /// Takes an expression from the text of a manifest that the user knows as `manifest_path`.
    #[must_use]
    pub fn in_text(manifest_path: &'a str, manifest_text: &'a str, text: &'a Spanned<String>, mode: Mode) -> Self {
        Self { text: &text.value, mode, manifest_path, manifest_text, range: text.range.clone() }
    }

    /// Finds the expression's place. This takes time in proportion to the manifest, so it is for errors.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::in_text(self.manifest_path, self.manifest_text, self.range.clone())
    }
}

/// Evaluates expressions. A call has a price of its own, so each takes many.
pub trait Evaluator {
    /// Returns, for each expression, the top-level names that it may read.
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>, Error>>;

    /// Returns the value of each expression, given the names in `context`.
    fn evaluate(&self, context: &Map<String, Value>, expressions: &[Expression<'_>]) -> Vec<Result<Value, Error>>;
}
