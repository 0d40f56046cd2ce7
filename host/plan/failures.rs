//! What is wrong with the expressions of a plan, gathered and told at once.
//!
//! Always true here: of very many only the first are kept; the gravest decides the kind of the error.

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::plugins::{JobFailure, TOLD};
use crate::show;

/// What is wrong with expressions and their values; of very many, the first.
#[derive(Default)]
pub(super) struct Failures {
    told: Vec<Error>,
    count: usize,
    untried: Vec<JobFailure>,
}

impl Failures {
    /// Notes one that a value has.
    pub(super) fn add(&mut self, error: impl FnOnce() -> Error) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(error());
        }
    }

    /// Notes one that an expression has.
    pub(super) fn add_job(&mut self, failure: JobFailure, explain: impl FnOnce(Error) -> Error) {
        if failure.untried {
            self.untried.push(failure);
        } else {
            self.add(|| explain(failure.into_one("expression")));
        }
    }

    /// Puts them together; the gravest decides the kind.
    pub(super) fn into_error(self, what: &str) -> Option<Error> {
        let Self { mut told, count, untried } = self;
        if untried.is_empty() && told.len() <= 1 {
            return told.pop();
        }
        // What is wrong with an entry is so for each item of its list.
        let mut findings: Vec<Diagnostic> = Vec::new();
        for finding in told.iter().flat_map(self::findings) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        if let Some(error) = JobFailure::into_error(untried, what) {
            let first = told.iter().find_map(|error| error.body().stop.clone());
            let error = match (error.body().stop.is_some(), first) {
                (false, Some(stop)) => error.with_stop(stop),
                _ => error,
            };
            return Some(error.with_findings(findings));
        }
        let kind = told.iter().map(Error::kind).max_by_key(|kind| kind.exit_code())?;
        let stop = told.iter().find_map(|error| error.body().stop.clone());
        let error = Error::new(kind, format!("{} failed", show::count(count, what))).with_findings(findings);
        Some(match stop {
            Some(stop) => error.with_stop(stop),
            None => error,
        })
    }
}

/// The findings of an error; one that has none is one.
fn findings(error: &Error) -> Vec<Diagnostic> {
    let body = error.body();
    if !body.findings.is_empty() {
        return body.findings.clone();
    }
    let mut finding = Diagnostic::error(body.rule.unwrap_or("manifest/expression"), body.detail.clone());
    finding.span.clone_from(&body.location);
    finding.help.clone_from(&body.hint);
    vec![finding]
}
