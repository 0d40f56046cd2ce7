//! Standard output and standard error.
//!
//! Always true here: a closed pipe is a quiet end; colors only on a terminal, and never with `NO_COLOR`; nothing is folded
//! but for a terminal.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

use super::args::Format;
use super::documents::{self, ErrorBody, Failed};
use super::environment::Environment;
use super::report::{Detail, Look};
use super::{fold, markdown, page, progress, report};
use crate::check::Report;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Result};

/// Where and how results are printed.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
    color: bool,
    detail: Detail,
    /// Whether the user named the format.
    is_asked_for: bool,
}

impl Output {
    /// Decides how to print.
    #[must_use]
    pub fn new(format: Format, environment: &Environment) -> Self {
        let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
        Self {
            format,
            color: environment.get("NO_COLOR").is_none() && !dumb,
            detail: Detail::Usual,
            is_asked_for: false,
        }
    }

    /// Prints so much of reports.
    #[must_use]
    pub const fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Prints in a format that the user named.
    #[must_use]
    pub const fn asked_for(self) -> Self {
        Self { is_asked_for: true, ..self }
    }

    /// Prints without colors.
    #[must_use]
    pub const fn plain(format: Format) -> Self {
        Self { format, color: false, detail: Detail::Usual, is_asked_for: false }
    }

    /// Whether results are printed as JSON.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Whether results are printed for people.
    #[must_use]
    pub fn is_human(self) -> bool {
        self.format == Format::Human
    }

    /// Whether the user named the format: then nobody guesses who reads it.
    #[must_use]
    pub fn is_asked_for(self) -> bool {
        self.is_asked_for
    }

    /// The format of results.
    #[must_use]
    pub fn format(self) -> Format {
        self.format
    }

    /// Whether the user wants to see more.
    #[must_use]
    pub fn is_verbose(self) -> bool {
        self.detail == Detail::Full
    }

    /// How a report looks on standard output.
    #[must_use]
    pub fn look(self) -> Look {
        Look { color: self.colors_stdout(), detail: self.detail }
    }

    /// Whether standard output shows colors.
    #[must_use]
    pub fn colors_stdout(self) -> bool {
        self.color && std::io::stdout().is_terminal()
    }

    /// Whether standard error shows colors.
    #[must_use]
    pub fn colors_stderr(self) -> bool {
        self.color && std::io::stderr().is_terminal()
    }

    /// Prints a result to standard output.
    ///
    /// # Errors
    /// `Io` where it can't be written; a closed pipe is no error.
    #[expect(clippy::unused_self, reason = "whoever prints says through which output")]
    pub fn result(self, text: &str) -> Result<()> {
        let _aside = progress::hide();
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::io("cannot write to standard output", error))
            }
            _ => Ok(()),
        }
    }

    /// Prints a result that a person reads: a terminal that is narrower folds it.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn page(self, text: &str) -> Result<()> {
        self.result(&fold::page(text, fold::columns(&std::io::stdout())))
    }

    /// Prints a Markdown document, laid out where standard output is a terminal.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn markdown(self, text: &str) -> Result<()> {
        match fold::columns(&std::io::stdout()) {
            None => self.result(text),
            columns => self.result(&markdown::render(text, self.colors_stdout(), columns)),
        }
    }

    /// Prints a result as one JSON document: the command's name and packbox's version beside its own fields.
    ///
    /// # Errors
    /// As [`Output::result`] and [`documents::text`].
    pub fn document<D: Serialize>(self, command: &str, document: &D) -> Result<()> {
        self.result(&documents::text(command, document)?)
    }

    /// Prints what a command found about packs, in the format that the user wants.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn report(self, command: &str, report: &Report) -> Result<()> {
        let text = report::render(report, command, self.format, self.look())?;
        if self.is_human() { self.page(&text) } else { self.result(&text) }
    }

    /// Says something on standard error, folded where it is a terminal that is narrower.
    pub fn say(self, text: &str) {
        self.say_as_it_is(&fold::page(text, fold::columns(&std::io::stderr())));
    }

    /// Says something on standard error whose lines are not folded.
    #[expect(clippy::unused_self, reason = "whoever prints says through which output")]
    pub fn say_as_it_is(self, text: &str) {
        let _aside = progress::hide();
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Shows findings on standard error.
    pub fn findings(self, findings: &[Diagnostic]) {
        if !findings.is_empty() && !self.is_json() {
            self.say(&page::findings(findings, page::SHOWN, self.colors_stderr()));
        }
    }

    /// Reports an error and returns the exit code.
    #[must_use]
    pub fn error(self, command: &str, error: &Error) -> u8 {
        if self.is_json() {
            let _ = self.document(command, &Failed { error: ErrorBody::of(error) });
        } else {
            if self.format == Format::Github {
                let _ = self.result(&report::github_error(error));
            }
            self.say(&page::human(error, self.colors_stderr()));
        }
        error.exit_code()
    }
}
