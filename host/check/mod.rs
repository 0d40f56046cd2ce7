//! Checking packs without generating anything: rules, trial renderings, and the report of it all.
//!
//! Always true here: nothing is written; whatever is interpreted is interpreted in the sandbox.

pub mod baseline;
mod ceilings;
mod changes;
mod compat;
mod config;
mod draft;
mod examined;
mod facts;
#[cfg(feature = "registry")]
mod figures;
pub mod fingerprint;
pub mod inline;
mod inspect;
mod matching;
mod once;
mod plugins;
mod proof;
mod queries;
mod query_rules;
mod report;
mod ruleset;
mod run;
#[cfg(test)]
pub(crate) mod sample;
mod score;
mod set_limits;
mod suppression;
mod together;
mod trials;
mod values;
mod weigh;

pub use ceilings::{Ceiling, Ceilings};
pub use changes::{Planned, changes};
pub use compat::compare;
pub use config::{CONFIG_NAME, CheckConfig, MAX_CONFIG_BYTES};
pub use examined::Examined;
#[cfg(feature = "registry")]
pub use figures::figures;
pub use query_rules::query_rules;
pub use report::{
    Checked, Dear, Failure, Finding, Measured, PackReport, Report, RuleInfo, Status, Summary, Suppression,
    SuppressionKind, Taken, Trials, Twin, exit_of,
};
pub use ruleset::{Validator, user_limits};
pub use run::{Checker, Depth};
pub use score::{Part, Raise, Score, score};
pub use set_limits::SetLimits;
pub use suppression::suppression_rules;
pub use together::Together;
pub use trials::trial_rules;
pub use weigh::Weights;
