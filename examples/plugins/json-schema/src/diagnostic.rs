//! Findings about a schema, and the places that they are about.

use std::ops::Range;

use packbox_sdk::{Diagnostic, Severity, Span};

use crate::library::Library;

/// More findings than this help nobody.
const MAX_FINDINGS: usize = 100;

/// A range of one of the library's documents.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// Index of the document.
    pub(crate) document: usize,
    /// Byte offsets in its text.
    pub(crate) range: Range<usize>,
}

/// Collects findings.
pub(crate) struct Report<'a> {
    library: &'a Library,
    errors: Vec<Diagnostic>,
    notes: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(library: &'a Library) -> Self {
        Self { library, errors: Vec::new(), notes: Vec::new() }
    }

    /// Says that something is wrong. An empty help is no help.
    pub(crate) fn error(
        &mut self,
        rule: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Error, rule, spot, message.into(), help.into());
    }

    /// Says that something is ignored or probably mistaken. An empty help is no help.
    pub(crate) fn note(
        &mut self,
        severity: Severity,
        rule: &'static str,
        spot: &Spot,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(severity, rule, spot, message.into(), help.into());
    }

    /// Adds another place to the error that was reported last.
    pub(crate) fn relate(&mut self, spot: &Spot) {
        let span = self.span(spot);
        if let Some(error) = self.errors.last_mut() {
            error.related.push(span);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// How many errors there are; with [`Report::forget_since`], what was tried in vain can be taken back.
    pub(crate) fn mark(&self) -> usize {
        self.errors.len()
    }

    pub(crate) fn forget_since(&mut self, mark: usize) {
        self.errors.truncate(mark);
    }

    /// Returns the notes, or the errors where there are any.
    pub(crate) fn finish(self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        if self.errors.is_empty() { Ok(self.notes) } else { Err(self.errors) }
    }

    fn add(&mut self, severity: Severity, rule: &'static str, spot: &Spot, message: String, help: String) {
        let is_error = severity == Severity::Error;
        let count = if is_error { self.errors.len() } else { self.notes.len() };
        if count >= MAX_FINDINGS {
            return;
        }
        let mut diagnostic = Diagnostic::new(severity, rule, message).at(self.span(spot));
        diagnostic.help = Some(help).filter(|help| !help.is_empty());
        let list = if is_error { &mut self.errors } else { &mut self.notes };
        // A definition that is referred to twice is looked at twice when it is at fault.
        let is_known = list.iter().any(|known| known.span == diagnostic.span && known.message == diagnostic.message);
        if !is_known {
            list.push(diagnostic);
        }
    }

    fn span(&self, spot: &Spot) -> Span {
        self.library.documents[spot.document].source().span(spot.range.clone())
    }
}
