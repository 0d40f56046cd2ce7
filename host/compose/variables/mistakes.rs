//! Mistakes in a pack's expressions: which errors are such, and what is known of them where they do not end a resolution.
//!
//! Plain data; who tolerates them is [`tolerance`](super::tolerance).

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind};

/// Mistakes in expressions, where they do not end the resolution.
#[derive(Default)]
pub(super) struct Mistakes {
    /// Whether they don't.
    pub(super) tolerated: bool,
    /// Variables whose `compute` is wrong, and queries that can't be asked.
    pub(super) computes: BTreeSet<usize>,
    /// Variables whose `when` is wrong.
    pub(super) conditions: BTreeSet<usize>,
    /// What the first one would have been as an error.
    pub(super) first: Option<ErrorKind>,
}

/// Whether an error is about an expression, or about the values that it read.
pub(super) fn is_mistake(error: &Error) -> bool {
    error.exit_code() == 1 || matches!(error.kind(), ErrorKind::Variables | ErrorKind::Stopped)
}

/// The error of variables, or queries, that need each other; `what` is which of both.
pub(super) fn of_circles(what: &str, findings: Vec<Diagnostic>) -> Error {
    Error::new(ErrorKind::Manifest, format!("{what} of the pack need each other")).with_findings(findings)
}
