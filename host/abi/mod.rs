//! The plugin ABI as the host sees it: one file per version of `wit/`.
//!
//! Always true here: what a guest gives back is counted before it is copied.

mod adapter;
mod metered;
mod newest;
#[cfg(test)]
mod v0_0;
pub mod v0_1;
mod version;

pub use adapter::Adapter;

pub use metered::{CallBudget, LogBytes, LogText, Metered, count_log, count_result, texts, with_budget};
pub use newest::Newest;
#[cfg(test)]
pub(crate) use v0_0::Older;
pub use v0_1::{
    AskParams, Asked, CheckParams, Checked, DescribeParams, Described, EvaluateParams, Evaluated, ExpressionInspected,
    ExpressionSource, FileParam, GuestAnswer, GuestAnswered, GuestConflict, GuestDescription, GuestDiagnostic,
    GuestFailure, GuestForm, GuestLevel, GuestLiteral, GuestMerged, GuestOutcome, GuestOutput, GuestPart, GuestPlace,
    GuestPolicy, GuestPosition, GuestReads, GuestRendered, GuestRow, GuestRule, GuestSeverity, GuestSpan,
    GuestStatement, GuestTable, GuestTemplateInfo, GuestTerm, GuestValue, InspectExpressionsParams, InspectParams,
    InspectedParam, InspectedTemplate, JobParam, LiteralParam, MergeJobParam, MergeParams, Merged, Mode, NotationParam,
    ParameterParam, Policies, PrefixParam, QueryParam, RenderParams, Rendered, Rules, SettingParam, SideParam,
    SourceParam, SubjectParam, TermParam,
};
pub use version::Abi;
pub(crate) use version::with_adapter;
