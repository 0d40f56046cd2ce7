//! The plugin ABI as the host sees it: one file per version of `wit/`.
//!
//! Always true here: what a guest gives back is counted before it is copied.

mod adapter;
mod metered;
#[cfg(test)]
mod v0_0;
mod v0_1;
mod version;

pub use adapter::Adapter;

pub use metered::{Budget, LogBytes, LogText, Metered, count_log, count_result, with_budget};
#[cfg(test)]
pub(crate) use v0_0::Older;
pub use v0_1::{
    CheckParams, Checked, EvaluateParams, Evaluated, ExpressionInspected, ExpressionSource, FileParam, GuestDiagnostic,
    GuestFailure, GuestLevel, GuestOutput, GuestPosition, GuestReads, GuestRendered, GuestRule, GuestSeverity,
    GuestSpan, GuestTemplateInfo, GuestValue, InspectParams, InspectedTemplate, JobParam, Mode, Newest, RenderParams,
    Rendered, Rules, RulesParams, SubjectParam,
};
pub use version::Abi;
pub(crate) use version::with_adapter;
