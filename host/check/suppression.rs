//! What inline suppressions and baselines have in common: the rules about them, and what neither may touch.

use super::report::{Finding, PackReport, RuleInfo};
use crate::diagnostic::Severity;

/// A suppression without a reason, which does not hold.
pub(super) const NO_REASON: &str = "suppression/no-reason";

/// A suppression beside nothing that it names.
pub(super) const UNUSED: &str = "suppression/unused";

/// An entry of a baseline that matches nothing.
pub(super) const STALE: &str = "suppression/stale";

/// Returns the rules about suppressions themselves, sorted by identifier.
#[must_use]
pub fn suppression_rules() -> Vec<RuleInfo> {
    let rule = |id: &str, default_level, summary: &str, help: &str| RuleInfo {
        id: id.to_owned(),
        summary: summary.to_owned(),
        default_level,
        help: help.to_owned(),
    };
    vec![
        rule(
            NO_REASON,
            Severity::Warning,
            "a suppression says why it is there",
            "A comment `packbox: allow(RULE)` without a reason is ignored. Write the reason after the parenthesis:\n\n\
             ```text\n# packbox: allow(naming/output-case) the framework wants this name\n```\n",
        ),
        rule(
            STALE,
            Severity::Note,
            "an entry of a baseline matches a finding",
            "The finding that the entry accepts was fixed, or has changed. Remove the entry from the baseline, or write the baseline again.\n",
        ),
        rule(
            UNUSED,
            Severity::Note,
            "a suppression suppresses something",
            "The comment `packbox: allow(RULE)` is not next to any finding of that rule. It applies to its own line, and also to the next one if nothing else is on its own line.\n",
        ),
    ]
}

/// Whether a comment can suppress findings of a rule: not what is said about suppressions.
pub(super) fn may_suppress(rule: &str) -> bool {
    !rule.starts_with("suppression/")
}

impl Finding {
    /// Whether the pack can suppress it: not where something failed, whatever the rule is called.
    pub(super) fn may_be_suppressed(&self) -> bool {
        !self.failed && may_suppress(&self.rule)
    }
}

impl PackReport {
    /// Whether the user can accept a finding: all but what kept the checks from their end, which would hide whatever they
    /// would have found.
    pub(super) fn accepts(&self, finding: &Finding) -> bool {
        self.checked.manifest && (!finding.failed || self.was_completed())
    }
}
