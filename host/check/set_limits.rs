//! Limits that the settings set, for what a run says that is stopped by one of them.
//!
//! Always true here: a limit is known by its name in the table, and no text of an error is matched.

use std::collections::BTreeMap;

use super::report::{Failure, Finding};
use crate::error::Error;
use crate::stop::{RULE_OF_STOPS, Stop};

/// Where the settings set which limit.
#[derive(Debug, Clone, Default)]
pub struct SetLimits(BTreeMap<String, String>);

impl SetLimits {
    /// Notes where a limit is set, for instance `packbox.toml:3`.
    pub(super) fn insert(&mut self, name: &str, place: String) {
        self.0.insert(name.to_owned(), place);
    }

    /// Forgets the limits that the command line sets as well, as `NAME=VALUE`.
    pub fn forget(&mut self, pairs: &[String]) {
        self.0.retain(|name, _| pairs.iter().all(|pair| pair.split('=').next() != Some(name)));
    }

    /// Adds to an error where the limit is set that it is about.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        let body = error.body();
        let limit = body.limit.or_else(|| body.stop.as_ref().map(|stop| stop.reason.name()));
        let mut findings = body.findings.clone();
        for finding in &mut findings {
            self.add(of_rule(&finding.rule), &mut finding.help);
        }
        let mut hint = body.hint.clone();
        // Where findings tell of the stop, they have the help.
        if findings.is_empty() {
            self.add(limit, &mut hint);
        }
        let error = error.with_findings(findings);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// The same for what is reported of a pack.
    pub(super) fn explain_report(&self, findings: &mut [Finding], failure: &mut Option<Failure>) {
        for finding in findings {
            self.add(of_rule(&finding.rule), &mut finding.help);
        }
        if let Some(Failure { stop: Some(Stop { reason, .. }), hint, .. }) = failure {
            self.add(Some(reason.name()), hint);
        }
    }

    fn add(&self, limit: Option<&str>, help: &mut Option<String>) {
        let Some((limit, place)) = limit.and_then(|limit| Some((limit, self.0.get(limit)?))) else { return };
        let set = format!("`{limit}` is set in {place}");
        *help = Some(help.take().map_or_else(|| set.clone(), |help| format!("{help}; {set}")));
    }
}

/// The limit of a rule about a plugin that was stopped.
fn of_rule(rule: &str) -> Option<&str> {
    rule.strip_prefix(RULE_OF_STOPS)
}
