//! What is to be resolved: variables and queries, and the text that declares them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Marks, Span};
use crate::pack::{Expression, ExpressionMode, Pack, Query, QueryName, Spanned, Variable, VariableName};

/// What the names of environment variables begin with; the variable's name in capitals follows.
pub const ENVIRONMENT_PREFIX: &str = "PACKBOX_VAR_";

/// Variables and queries, and the text that declares them.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The variables, in the order of declaration.
    pub variables: &'a [Variable],
    /// The queries, whose names are none of the variables'.
    pub queries: &'a BTreeMap<QueryName, Query>,
    /// The queries that are asked, with those that they need; none: those that something reads, and gates.
    pub sought: Option<&'a [String]>,
    /// The query that is asked by itself: of all others, and of variables, those that it needs.
    pub only: Option<&'a str>,
    /// The manifest as the user knows it.
    pub manifest_path: &'a str,
    /// The text of the manifest.
    pub manifest_text: &'a str,
}

impl<'a> From<&'a Pack> for Declared<'a> {
    fn from(pack: &'a Pack) -> Self {
        Self {
            variables: &pack.manifest.variables,
            queries: &pack.manifest.queries,
            sought: None,
            only: None,
            manifest_path: &pack.manifest_path,
            manifest_text: &pack.manifest_text,
        }
    }
}

impl<'a> Declared<'a> {
    /// Where each variable stands among them, by name.
    pub(super) fn positions(&self) -> BTreeMap<&'a str, usize> {
        self.names().enumerate().map(|(index, name)| (name, index)).collect()
    }

    /// Where each name stands: variables first, then queries.
    pub(super) fn nodes(&self) -> BTreeMap<&'a str, usize> {
        self.all_names().enumerate().map(|(index, name)| (name, index)).collect()
    }

    /// A query, by where it stands behind the variables.
    pub(super) fn query(&self, node: usize) -> Option<(&'a QueryName, &'a Query)> {
        self.queries.iter().nth(node.checked_sub(self.variables.len())?)
    }

    /// The names of variables, then those of queries.
    pub(super) fn all_names(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.names().chain(self.queries.keys().map(QueryName::as_str))
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
