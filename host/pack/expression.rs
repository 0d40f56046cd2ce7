//! Expressions of a manifest, with their places. Nothing is evaluated here.

use std::ops::Range;

use super::load::Pack;
use super::spanned::Spanned;
use super::templates::Template;
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
    manifest: Manifest<'a>,
    range: Range<usize>,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
enum Manifest<'a> {
    Of(&'a Pack),
    Text { path: &'a str, text: &'a str },
    Output { pack: &'a Pack, template: &'a Template },
}

impl<'a> Expression<'a> {
    /// Takes an expression from a pack.
    #[must_use]
    pub fn new(pack: &'a Pack, text: &'a Spanned<String>, mode: ExpressionMode) -> Self {
        Self { text: &text.value, mode, manifest: Manifest::Of(pack), range: text.range.clone() }
    }

    /// Takes a template's output path, which the manifest says, or the template's own name.
    #[must_use]
    pub fn of_output(pack: &'a Pack, template: &'a Template) -> Self {
        let manifest = Manifest::Output { pack, template };
        let range = template.output.range.clone();
        Self { text: &template.output.value, mode: ExpressionMode::Template, manifest, range }
    }

    /// Takes an expression from the text of a manifest that the user knows as `manifest_path`.
    #[must_use]
    pub fn in_text(
        manifest_path: &'a str,
        manifest_text: &'a str,
        text: &'a Spanned<String>,
        mode: ExpressionMode,
    ) -> Self {
        let manifest = Manifest::Text { path: manifest_path, text: manifest_text };
        Self { text: &text.value, mode, manifest, range: text.range.clone() }
    }

    /// The key that the expression is the value of, as the manifest has it: `when`, for instance.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        let text = match self.manifest {
            Manifest::Of(pack) | Manifest::Output { pack, .. } => &*pack.manifest_text,
            Manifest::Text { text, .. } => text,
        };
        let before = text.get(..self.range.start)?.trim_end().strip_suffix('=')?.trim_end();
        let start = before.trim_end_matches(|next: char| next == '_' || next.is_ascii_lowercase()).len();
        Some(&before[start..]).filter(|key| !key.is_empty())
    }

    /// Finds the expression's place. Without a pack this takes time in proportion to the manifest, so it is for errors.
    #[must_use]
    pub fn span(&self) -> Span {
        match self.manifest {
            Manifest::Of(pack) => pack.span(&self.range),
            Manifest::Output { pack, template } => pack.output_span(template),
            Manifest::Text { path, text } => Span::in_text(path, text, self.range.clone()),
        }
    }
}
