//! What is found about packs without generating anything: the data of a report.
//!
//! Always true here: plain data; nothing prints or touches the disk.

mod report;

pub use report::{
    Failure, Finding, Measured, PackReport, Report, RuleInfo, Status, Summary, Suppression, SuppressionKind,
};
