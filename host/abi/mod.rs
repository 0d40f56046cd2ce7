//! The plugin ABI as the host sees it: one file per version of `wit/`.
//!
//! Always true here: what a guest gives back is counted before it is copied.

mod metered;
mod v0_1;

pub use metered::{Budget, LogText, Metered, with_budget};
pub use v0_1::{
    CheckParams, Checked, EvaluateParams, Evaluated, ExpressionInspected, ExpressionSource, FileParam, GuestDiagnostic,
    GuestFailure, GuestLevel, GuestOutput, GuestPosition, GuestReads, GuestRendered, GuestRule, GuestSeverity,
    GuestSpan, GuestTemplateInfo, GuestValue, InspectParams, InspectedTemplate, JobParam, Mode, RenderParams, Rendered,
    Rules, RulesParams, SubjectParam,
};
