//! The pages of rules, for people: one, or a line of each.

use crate::check::RuleInfo;
use crate::text::printable;

/// The page of a rule.
#[must_use]
pub fn rule_page(rule: &RuleInfo) -> String {
    let level = rule.default_level.name();
    printable(&format!("{}: {} ({level})\n\n{}\n", rule.id, rule.summary, rule.help.trim()))
}

/// A line for each rule.
#[must_use]
pub fn rule_list(rules: &[RuleInfo]) -> String {
    let width = rules.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0);
    let line = |rule: &RuleInfo| format!("{:width$}  {:8}  {}\n", rule.id, rule.default_level.name(), rule.summary);
    printable(&rules.iter().map(line).collect::<String>())
}
