//! Errors, as every command prints them.

use serde::Serialize;
use serde_json::Value;

use super::super::page::causes;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind};
#[cfg(test)]
use crate::limits::Used;
use crate::stop::Stop;

/// What a command prints that could not do what it was asked to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failed<'a> {
    /// The error.
    pub error: ErrorBody<'a>,
}

/// An error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Error"))]
pub struct ErrorBody<'a> {
    /// What kind of error it is.
    kind: ErrorKind,
    /// The exit code.
    exit: u8,
    /// What happened.
    detail: &'a str,
    /// Where it happened.
    location: Option<&'a Span>,
    /// What to do next.
    hint: Option<&'a str>,
    /// Why a plugin was stopped, where one was.
    stop: Option<&'a Stop>,
    /// The causes, nearest first.
    causes: Vec<String>,
    /// What is wrong, one by one.
    findings: Vec<Diagnostic>,
    /// What the run had used of what it may use, once it had begun; `generate` and `apply` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<Used>"))]
    budget: Option<&'a Value>,
}

impl<'a> ErrorBody<'a> {
    /// Tells of an error.
    #[must_use]
    pub fn of(error: &'a Error) -> Self {
        let body = error.body();
        Self {
            kind: body.kind,
            exit: error.exit_code(),
            detail: &body.detail,
            location: body.location.as_ref(),
            hint: body.hint.as_deref(),
            stop: body.stop.as_ref(),
            causes: causes(error),
            findings: error.findings(),
            budget: body.budget.as_ref(),
        }
    }
}
