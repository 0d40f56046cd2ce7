//! Expressions of a manifest, with their places. Nothing is evaluated here.

use std::ops::Range;

use super::load::Pack;
use super::spanned::Spanned;
use crate::diagnostic::Span;

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpressionMode {
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
    pub mode: ExpressionMode,
    manifest_path: &'a str,
    manifest_text: &'a str,
    range: Range<usize>,
}

impl<'a> Expression<'a> {
    /// Takes an expression from a pack.
    #[must_use]
    pub fn new(pack: &'a Pack, text: &'a Spanned<String>, mode: ExpressionMode) -> Self {
        Self::in_text(&pack.manifest_path, &pack.manifest_text, text, mode)
    }

    /// Takes an expression from the text of a manifest that the user knows as `manifest_path`.
    #[must_use]
    pub fn in_text(
        manifest_path: &'a str,
        manifest_text: &'a str,
        text: &'a Spanned<String>,
        mode: ExpressionMode,
    ) -> Self {
        Self { text: &text.value, mode, manifest_path, manifest_text, range: text.range.clone() }
    }

    /// Finds the expression's place. This takes time in proportion to the manifest, so it is for errors.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::in_text(self.manifest_path, self.manifest_text, self.range.clone())
    }
}
