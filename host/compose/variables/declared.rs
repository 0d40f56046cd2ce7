//! What is to be resolved: variables, and the text that declares them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Marks, Span};
use crate::pack::{Expression, ExpressionMode, Pack, Spanned, Variable, VariableName};

/// What the names of environment variables begin with; the variable's name in capitals follows.
pub const ENVIRONMENT_PREFIX: &str = "PACKBOX_VAR_";

/// Variables, and the text that declares them.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The variables, in the order of declaration.
    pub variables: &'a [Variable],
    /// The manifest as the user knows it.
    pub manifest_path: &'a str,
    /// The text of the manifest.
    pub manifest_text: &'a str,
}

impl<'a> From<&'a Pack> for Declared<'a> {
    fn from(pack: &'a Pack) -> Self {
        Self {
            variables: &pack.manifest.variables,
            manifest_path: &pack.manifest_path,
            manifest_text: &pack.manifest_text,
        }
    }
}

impl<'a> Declared<'a> {
    /// Where each variable stands among them, by name.
    pub(super) fn positions(&self) -> BTreeMap<&'a str, usize> {
        self.variables.iter().enumerate().map(|(index, variable)| (variable.name.as_str(), index)).collect()
    }

    /// The variables' names.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.variables.iter().map(|variable| variable.name.as_str())
    }

    /// Finds places in the manifest, whose text is gone through once.
    pub(super) fn places(self) -> impl Fn(&Range<usize>) -> Span {
        let marks = Marks::of(self.manifest_text);
        move |range| marks.span(self.manifest_path, self.manifest_text, range.clone())
    }

    pub(super) fn expression(&self, text: &'a Spanned<String>) -> Expression<'a> {
        Expression::in_text(self.manifest_path, self.manifest_text, text, ExpressionMode::Expression)
    }
}

/// The environment variable that gives a variable.
pub(super) fn environment_name(name: &VariableName) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", name.as_str().to_ascii_uppercase())
}
