//! What is found about a pack while it is being checked, and how that becomes its report.
//!
//! Always true here: an error of the pack becomes findings; whatever else keeps the checks from going on is the failure,
//! and the first of these stays.

use std::collections::BTreeMap;

use super::report::{Checked, Failure, Finding, Measured, PackReport, Status, Trials};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::{Error, ErrorKind};
use crate::limits::{Budget, Used};
use crate::pack::LintLevel;
use crate::plugins::JobFailure;
use crate::show::count;

/// A report that is being made.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The name in the manifest.
    pub name: Option<String>,
    /// The version in the manifest.
    pub version: Option<String>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// What failed; it counts whatever anybody says about it.
    pub faults: Vec<Diagnostic>,
    /// What kept the checks from being completed.
    pub failure: Option<Failure>,
    /// Which of the checks came to their end.
    pub checked: Checked,
    /// What templates cost.
    pub measured: Vec<Measured>,
    /// Which values the pack was tried with, where it was rendered.
    pub trials: Option<Trials>,
    /// What the checks used of what they may use, where guests ran.
    pub used: Option<Used>,
}

impl Draft {
    /// Takes an error: as findings where the pack is at fault, as the failure otherwise.
    pub fn absorb(&mut self, error: &Error) {
        let body = error.body();
        self.faults.extend(body.findings.iter().cloned());
        if error.exit_code() == 1 {
            if !body.findings.iter().any(|finding| finding.severity == Severity::Error) {
                let rule = error.rule().unwrap_or(match error.kind() {
                    ErrorKind::Manifest => "manifest/value",
                    ErrorKind::Plugin => "plugin/failed",
                    _ => "template/failed",
                });
                let mut finding = Diagnostic::error(rule, body.detail.clone());
                finding.span.clone_from(&body.location);
                finding.help.clone_from(&body.hint);
                self.faults.push(finding);
            }
            return;
        }
        self.fail(Failure {
            kind: error.kind(),
            detail: body.detail.clone(),
            location: body.location.clone(),
            hint: body.hint.clone(),
            stop: body.stop.clone(),
        });
    }

    /// Takes what guests failed at.
    pub fn absorb_jobs(&mut self, failures: Vec<JobFailure>, what: &str) {
        if let Some(error) = JobFailure::into_error(failures, what) {
            self.absorb(&error);
        }
    }

    /// Takes what the checks used. Where something was used up, or was not looked at, the pack is not clean, whatever else
    /// was found.
    pub fn charge(&mut self, budget: &Budget) {
        let used = budget.used();
        if let Some(stop) = budget.spent() {
            self.absorb(&stop.into());
        } else if used.untried > 0 {
            let (calls, were) = (count(used.untried, "call"), if used.untried == 1 { "was" } else { "were" });
            let detail = format!("{calls} {were} skipped because others were stopped");
            self.absorb(&Error::new(ErrorKind::Stopped, detail));
        }
        self.used = Some(used);
    }

    fn fail(&mut self, failure: Failure) {
        if self.failure.is_none() {
            self.failure = Some(failure);
        }
    }

    /// Weighs what was found and takes it out. `levels` are those of rules that can be weighed, the strongest already
    /// chosen; what failed has its level from nobody.
    #[must_use]
    pub fn weigh(&mut self, levels: &BTreeMap<&str, LintLevel>) -> Vec<Finding> {
        let weighed = std::mem::take(&mut self.findings).into_iter().filter_map(|finding| {
            let level = match levels.get(finding.rule.as_str()) {
                None => finding.severity,
                Some(LintLevel::Off) => return None,
                Some(LintLevel::Note) => Severity::Note,
                Some(LintLevel::Warn) => Severity::Warning,
                Some(LintLevel::Error) => Severity::Error,
            };
            Some(Finding { level, ..Finding::from(finding) })
        });
        let faults = std::mem::take(&mut self.faults).into_iter();
        let faults = faults.map(|finding| Finding { failed: true, ..Finding::from(finding) });
        let mut weighed: Vec<Finding> = weighed.chain(faults).collect();
        let place =
            |span: &Option<Span>| span.as_ref().map(|span| (span.path.clone(), span.start.line, span.start.column));
        weighed.sort_by_cached_key(|finding| (place(&finding.span), finding.rule.clone(), finding.message.clone()));
        weighed.dedup();
        weighed
    }

    /// Makes the report of a pack that the user named `path`. `fail_on` is the least level that counts.
    #[must_use]
    pub fn into_report(self, path: String, findings: Vec<Finding>, fail_on: Severity) -> PackReport {
        let mut report = PackReport {
            path,
            name: self.name,
            version: self.version,
            status: Status::Clean,
            exit: 0,
            error: self.failure,
            checked: self.checked,
            findings,
            measured: self.measured,
            trials: self.trials,
            budget: self.used,
        };
        report.settle(fail_on);
        report
    }
}
