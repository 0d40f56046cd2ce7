//! The rules of a report, with those that findings name and nobody announced.

use std::collections::BTreeMap;

use crate::check::{Finding, Report, RuleInfo};

/// All rules by identifier; none for those that only findings name.
pub(super) fn all(report: &Report) -> BTreeMap<&str, Option<&RuleInfo>> {
    let named = findings(report).map(|finding| (finding.rule.as_str(), None));
    let announced = report.rules.iter().map(|rule| (rule.id.as_str(), Some(rule)));
    named.chain(announced).collect()
}

/// All findings, in the order in which they are shown.
pub(super) fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.packs.iter().flat_map(|pack| &pack.findings).chain(&report.notes)
}
