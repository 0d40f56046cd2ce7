//! Findings about a schema, and the places that they are about.
//!
//! Always true here: lines and columns count from 1, and columns count bytes, as the plugin interface wants it.

use std::ops::Range;

use crate::library::Library;

/// More findings than this help nobody.
const MAX_FINDINGS: usize = 100;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// No types can be made.
    Error,
    /// The types are made, but something was probably meant differently.
    Warning,
    /// Something worth knowing.
    Note,
}

/// A range in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path of a file that was handed in.
    pub path: String,
    /// Line and column where it begins.
    pub start: (u32, u32),
    /// Line and column where it ends, exclusive.
    pub end: (u32, u32),
}

/// Something to say about a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable identifier, for instance `json-schema/unsupported`.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is wrong.
    pub place: Option<Place>,
    /// Other places that have to do with it.
    pub related: Vec<Place>,
}

impl Diagnostic {
    /// Creates an error without a place.
    pub(crate) fn error(rule: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule, severity: Severity::Error, message, help: None, place: None, related: Vec::new() }
    }

    /// Says where it is wrong.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Place {
    /// Finds the lines and columns of a byte range of a text.
    pub(crate) fn new(path: &str, text: &str, range: &Range<usize>) -> Self {
        let position = |offset: usize| {
            let before = &text.as_bytes()[..offset.min(text.len())];
            let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let line = before.split(|byte| *byte == b'\n').count();
            let column = before.len() - line_start + 1;
            (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
        };
        Self { path: path.to_owned(), start: position(range.start), end: position(range.end) }
    }
}

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
        let place = self.place(spot);
        if let Some(error) = self.errors.last_mut() {
            error.related.push(place);
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
        let help = Some(help).filter(|help| !help.is_empty());
        let diagnostic =
            Diagnostic { rule, severity, message, help, place: Some(self.place(spot)), related: Vec::new() };
        let list = if is_error { &mut self.errors } else { &mut self.notes };
        // A definition that is referred to twice is looked at twice when it is at fault.
        let is_known = list.iter().any(|known| known.place == diagnostic.place && known.message == diagnostic.message);
        if !is_known {
            list.push(diagnostic);
        }
    }

    fn place(&self, spot: &Spot) -> Place {
        let document = &self.library.documents[spot.document];
        Place::new(&document.path, &document.text, &spot.range)
    }
}
