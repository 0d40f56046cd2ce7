//! What `lint` prints of its rules.

use serde::Serialize;

use crate::check::RuleInfo;

/// A rule: `--explain`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OneRule<'a> {
    /// The rule.
    pub rule: &'a RuleInfo,
}

/// All rules: `--list-rules`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rules<'a> {
    /// The rules, sorted by identifier.
    pub rules: &'a [RuleInfo],
}
