//! What is found about packs without generating anything: the data of a report, and what becomes of findings.
//!
//! Always true here: plain data; nothing prints or touches the disk.

pub mod baseline;
pub mod fingerprint;
pub mod inline;
mod report;
#[cfg(test)]
pub(crate) mod sample;
mod suppression;

pub use report::{
    Failure, Finding, Measured, PackReport, Report, RuleInfo, Status, Summary, Suppression, SuppressionKind,
};
pub use suppression::suppression_rules;
