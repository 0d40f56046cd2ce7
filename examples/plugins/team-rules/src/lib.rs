//! A packbox validator with the rules of a team. A rule is one file: what it is about, its options, its check.
//!
//! Copy it, and write the rules that yours needs. What a rule finds depends on the pack and the options only.

mod license_header;
mod pinned_images;

use packbox_sdk::{Diagnostic, Failure, Rule, Subject, Validator};

/// The validator.
pub struct TeamRules;

packbox_sdk::export_validator!(TeamRules);

impl Validator for TeamRules {
    fn rules() -> Vec<Rule> {
        vec![license_header::rule(), pinned_images::rule()]
    }

    fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
        let mut findings = license_header::check(subject)?;
        findings.extend(pinned_images::check(subject)?);
        Ok(findings)
    }
}
