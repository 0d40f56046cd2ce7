//! Diagnostics and failures, made in one expression. The types are those of the plugin ABI.

use crate::{Diagnostic, Failure, Severity, Span};

impl Diagnostic {
    /// Creates an error: there is no result. `rule` is a stable identifier of the form `group/name`, the message a
    /// lower-case fragment without a full stop.
    #[must_use]
    pub fn error(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, message)
    }

    /// Creates a warning: there is a result, but probably something else was meant.
    #[must_use]
    pub fn warning(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, message)
    }

    /// Creates a note: something worth knowing.
    #[must_use]
    pub fn note(rule: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, rule, message)
    }

    /// Creates a diagnostic without a place.
    #[must_use]
    pub fn new(severity: Severity, rule: impl Into<String>, message: impl Into<String>) -> Self {
        let (rule, message) = (rule.into(), message.into());
        Self { rule, severity, message, help: None, span: None, related: Vec::new() }
    }

    /// Says where it is wrong: see [`Source::span`](crate::Source::span).
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.maybe_at(Some(span))
    }

    /// Says where it is wrong, if that is known.
    #[must_use]
    pub fn maybe_at(mut self, span: Option<Span>) -> Self {
        self.span = span;
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names another place that has to do with it.
    #[must_use]
    pub fn related(mut self, span: Span) -> Self {
        self.related.push(span);
        self
    }
}

impl Failure {
    /// Says that the plugin does not do what was asked; the text says what it misses.
    #[must_use]
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    /// Says that the plugin, or its host, is at fault, and not its input.
    #[must_use]
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into())
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Invalid(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Invalid(diagnostics)
    }
}
