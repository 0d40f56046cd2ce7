//! The library's error type: what happened, where, what to do next, and which exit code that is.
//!
//! Always true here: the cause lives in `source` only, the hint is a field of its own, and every [`ErrorKind`] has an
//! exit code. A finding about a pack is a [`Diagnostic`], not an error; an error carries the findings that made it one.

use std::fmt;

use serde::Serialize;

use crate::advice;
use crate::diagnostic::{Diagnostic, Span};
use crate::stop::{Stop, StopReason};

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// `pack.toml` or the pack's structure is at fault.
    Manifest,
    /// A template, an expression or a document that the pack hands to a plugin is at fault.
    Template,
    /// A plugin says that it failed.
    Plugin,
    /// A gate of the pack refuses: what is asked about is not as the pack wants it.
    Gate,
    /// The command line, a settings value or an answers file is at fault.
    Usage,
    /// Variables are missing or invalid.
    Variables,
    /// A pack or a path that the user named does not exist.
    NotFound,
    /// Files are in the way.
    Conflict,
    /// A plugin was stopped by a limit or a trap.
    Stopped,
    /// Something that is not offered: an import, an ABI version, a grant.
    Refused,
    /// An output path leads outside of the output folder, or through a link.
    OutsidePath,
    /// Dependencies or host requirements have no solution.
    Resolution,
    /// A digest, a signature, a cache entry or an archive is not what it says it is.
    Integrity,
    /// Reading or writing failed.
    Io,
    /// The user interrupted the command; nothing is half-written.
    Interrupted,
}

impl ErrorKind {
    /// Returns the name as JSON shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Template => "template",
            Self::Plugin => "plugin",
            Self::Gate => "gate",
            Self::Usage => "usage",
            Self::Variables => "variables",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Stopped => "stopped",
            Self::Refused => "refused",
            Self::OutsidePath => "outside-path",
            Self::Resolution => "resolution",
            Self::Integrity => "integrity",
            Self::Io => "io",
            Self::Interrupted => "interrupted",
        }
    }

    /// Returns the process exit code for this kind.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Manifest | Self::Template | Self::Plugin | Self::Gate => 1,
            Self::Usage | Self::Variables | Self::NotFound => 2,
            Self::Conflict => 3,
            Self::Stopped | Self::Refused | Self::OutsidePath => 4,
            Self::Resolution => 5,
            Self::Integrity => 6,
            Self::Io => 7,
            Self::Interrupted => 130,
        }
    }
}

/// An error: what happened, where, and what to do next. `{}` shows what happened, `{:?}` all of it, on several lines, so that a
/// `main` that returns it tells a person what to do.
pub struct Error(Box<Body>);

/// The parts of an [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Body {
    /// What kind of error this is.
    pub kind: ErrorKind,
    /// What happened: a lower-case fragment without a full stop.
    pub detail: String,
    /// Where it happened.
    pub location: Option<Span>,
    /// What to do next.
    pub hint: Option<String>,
    /// Findings about the pack that made this an error; shown one by one below it.
    pub findings: Vec<Diagnostic>,
    /// The rule that it has as a finding itself, where it is one.
    pub rule: Option<&'static str>,
    /// Why a plugin was stopped, where one was.
    pub stop: Option<Stop>,
    /// The name of the limit that was exceeded, where it was one of packs.
    pub limit: Option<&'static str>,
    /// What the run had used of what it may use, as JSON shows it; none where no run had begun.
    pub budget: Option<serde_json::Value>,
    /// What caused it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Creates an error of a kind; `detail` is a lower-case fragment without a full stop.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Body {
            kind,
            detail: detail.into(),
            location: None,
            hint: None,
            findings: Vec::new(),
            rule: None,
            stop: None,
            limit: None,
            budget: None,
            source: None,
        }))
    }

    /// Creates an I/O error; `action` says what was tried, for instance ``cannot read `pack.toml` ``.
    pub fn io(action: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, action).caused_by(source)
    }

    /// Says where it happened.
    #[must_use]
    pub fn at(mut self, location: Span) -> Self {
        self.0.location = Some(location);
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Makes it of any error: one of packbox as it is, another as one of the system, with its causes.
    #[cfg(feature = "cli")]
    pub(crate) fn from_any(error: anyhow::Error) -> Self {
        let said = error.to_string();
        let within = |mut error: Self| {
            if said != error.to_string() {
                error.0.detail = format!("{said}: {}", error.0.detail);
            }
            error
        };
        let unknown = |error: anyhow::Error| {
            let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
            let unknown = Self::new(ErrorKind::Io, error.to_string());
            if causes.is_empty() { unknown } else { unknown.caused_by(causes.join(": ")) }
        };
        error.downcast().map_or_else(unknown, within)
    }

    /// Says of what it is true.
    #[must_use]
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.0.detail = format!("{what}: {}", self.0.detail);
        self
    }

    /// Adds the findings that made this an error.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Diagnostic>) -> Self {
        self.0.findings = findings;
        self
    }

    /// Says which rule it has as a finding: it is about the pack, and tells all that there is.
    #[doc(hidden)]
    #[must_use]
    pub fn ruled(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// Adds what the run had used.
    #[doc(hidden)]
    #[must_use]
    pub fn with_budget(mut self, used: serde_json::Value) -> Self {
        self.0.budget = Some(used);
        self
    }

    /// Says that nothing was written: the command is one that writes, and ended before it did.
    #[doc(hidden)]
    #[must_use]
    pub fn before_writing(mut self) -> Self {
        self.0.detail.push_str("; nothing was written");
        self
    }

    /// Names the limit that was exceeded.
    #[doc(hidden)]
    #[must_use]
    pub fn of_limit(mut self, name: &'static str) -> Self {
        self.0.limit = Some(name);
        self
    }

    /// Says that nothing was published.
    #[doc(hidden)]
    #[must_use]
    pub fn before_publishing(mut self) -> Self {
        self.0.detail.push_str("; nothing was published");
        self
    }

    /// Adds why a plugin was stopped.
    #[must_use]
    pub fn with_stop(mut self, stop: Stop) -> Self {
        self.0.stop = Some(stop);
        self
    }

    /// Returns what is wrong with the pack or with what it was given, each with its place. An error about a single mistake is that
    /// finding itself; none where it is about something else.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let body = self.body();
        let (true, Some(rule)) = (body.findings.is_empty(), self.rule()) else { return body.findings.clone() };
        let mut finding = Diagnostic::error(rule, body.detail.clone());
        finding.span.clone_from(&body.location);
        finding.help.clone_from(&body.hint);
        vec![finding]
    }

    /// Returns the rule that it has as a finding itself; none where it is about something else, or has findings.
    #[doc(hidden)]
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        let body = self.body();
        let of_kind = || (body.kind == ErrorKind::Manifest).then_some("manifest/value");
        body.findings.is_empty().then(|| body.rule.or_else(of_kind)).flatten()
    }

    /// Returns what kind of error this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the process exit code for this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.0.kind.exit_code()
    }

    /// Returns what to do next, where something is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns why a plugin was stopped, where one was.
    #[must_use]
    pub fn stop(&self) -> Option<&Stop> {
        self.0.stop.as_ref()
    }

    /// Returns where it happened, where that is one place; [`Error::findings`] have places of their own.
    #[must_use]
    pub fn location(&self) -> Option<&Span> {
        self.0.location.as_ref()
    }

    /// Returns the parts, for rendering.
    #[doc(hidden)]
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.0
    }
}

impl From<&Stop> for ErrorKind {
    fn from(stop: &Stop) -> Self {
        if stop.reason == StopReason::Interrupted { Self::Interrupted } else { Self::Stopped }
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        let error = Self::new(ErrorKind::from(&stop), stop.detail.clone());
        let error = match stop.raised() {
            Some(raised) => {
                error.hint(format!("if you trust the pack that far, run again with {}", advice::limit(&raised)))
            }
            None => error,
        };
        error.with_stop(stop)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.detail)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Body { detail, location, hint, findings, source, .. } = &*self.0;
        formatter.write_str(detail)?;
        if let Some(place) = location {
            write!(formatter, "\n  at {place}")?;
        }
        for finding in findings {
            write!(formatter, "\n  {finding}")?;
        }
        if let Some(source) = source {
            write!(formatter, "\n  cause: {source}")?;
        }
        match hint {
            Some(hint) => write!(formatter, "\n  help: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_one_mistake_is_that_finding() {
        let span = Span::file("pack.toml");
        let error = || Error::new(ErrorKind::Manifest, "two files have one path").at(span.clone()).hint("rename one");
        let expected =
            |rule| vec![Diagnostic::error(rule, "two files have one path").at(span.clone()).help("rename one")];
        assert_eq!(error().ruled("output/clash").findings(), expected("output/clash"));
        assert_eq!(error().findings(), expected("manifest/value"));
        let several = vec![Diagnostic::error("a", "one"), Diagnostic::error("b", "two")];
        assert_eq!(error().with_findings(several.clone()).findings(), several);
        assert!(Error::new(ErrorKind::Io, "cannot read").findings().is_empty());
    }
}
