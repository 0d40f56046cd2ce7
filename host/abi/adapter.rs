//! What a version of the ABI has to say so that the host can speak it: parameters from those of the newest version, and
//! results of the newest version from its own.
//!
//! Always true here: types and functions only; no version looks into another, and a host that works with the newest
//! version's types need not know which one it is.

use wasmtime::component::{ComponentNamedList, Lift, Lower};

use super::v0_1::{
    FileParam, GuestAnswered, GuestDescription, GuestDiagnostic, GuestFailure, GuestOutcome, GuestPolicy,
    GuestRendered, GuestRule, GuestTemplateInfo, InspectedParam, JobParam, MergeJobParam, QueryParam, SettingParam,
    SourceParam, SubjectParam,
};

/// One version of the ABI, as seen from the newest.
///
/// The interface `expressions` is not here: only the built-in engine has it, which is always of the newest version.
pub trait Adapter {
    /// Whether one call can take several jobs; else each job has a call of its own.
    const BATCHES: bool;

    /// Parameters of `renderer.render`.
    type RenderParams<'a>: ComponentNamedList + Lower;
    /// Result of `renderer.render`.
    type Rendered: ComponentNamedList + Lift + 'static;
    /// Parameters of `renderer.inspect`.
    type InspectParams<'a>: ComponentNamedList + Lower;
    /// Result of `renderer.inspect`.
    type Inspected: ComponentNamedList + Lift + 'static;
    /// Result of `validator.rules`, which has no parameters.
    type Rules: ComponentNamedList + Lift + 'static;
    /// Parameters of `validator.check`.
    type CheckParams<'a>: ComponentNamedList + Lower;
    /// Result of `validator.check`.
    type Checked: ComponentNamedList + Lift + 'static;
    /// Result of `merger.policies`, which has no parameters.
    type Policies: ComponentNamedList + Lift + 'static;
    /// Parameters of `merger.merge`.
    type MergeParams<'a>: ComponentNamedList + Lower;
    /// Result of `merger.merge`.
    type Merged: ComponentNamedList + Lift + 'static;
    /// Parameters of `query-engine.inspect`.
    type DescribeParams<'a>: ComponentNamedList + Lower;
    /// Result of `query-engine.inspect`.
    type Described: ComponentNamedList + Lift + 'static;
    /// Parameters of `query-engine.ask`.
    type AskParams<'a>: ComponentNamedList + Lower;
    /// Result of `query-engine.ask`.
    type Asked: ComponentNamedList + Lift + 'static;

    /// What a job asks for that the version can't say, for instance `options`; such a job is not handed over.
    fn lacks(job: &JobParam<'_>) -> Option<&'static str>;

    /// Parameters of `renderer.render`. There is one job at least, and exactly one where the version has no batches.
    fn render<'a>(context: &'a [u8], partials: &'a [FileParam<'a>], jobs: &'a [JobParam<'a>])
    -> Self::RenderParams<'a>;

    /// What came of each job.
    fn rendered(result: Self::Rendered) -> Vec<Result<GuestRendered, GuestFailure>>;

    /// Parameters of `renderer.inspect`.
    fn inspect(template: FileParam<'_>) -> Self::InspectParams<'_>;

    /// What is known about a template.
    ///
    /// # Errors
    /// The guest's own.
    fn inspected(result: Self::Inspected) -> Result<GuestTemplateInfo, GuestFailure>;

    /// The rules.
    fn rules(result: Self::Rules) -> Vec<GuestRule>;

    /// Parameters of `validator.check`.
    fn check<'a>(subject: SubjectParam<'a>, options: &'a [u8]) -> Self::CheckParams<'a>;

    /// What was found.
    ///
    /// # Errors
    /// The guest's own.
    fn checked(result: Self::Checked) -> Result<Vec<GuestDiagnostic>, GuestFailure>;

    /// The policies.
    fn policies(result: Self::Policies) -> Vec<GuestPolicy>;

    /// Parameters of `merger.merge`. There is one job at least, and exactly one where the version has no batches.
    fn merge<'a>(jobs: &'a [MergeJobParam<'a>]) -> Self::MergeParams<'a>;

    /// What came of each job.
    fn merged(result: Self::Merged) -> Vec<Result<GuestOutcome, GuestFailure>>;

    /// Parameters of `query-engine.inspect`. There is one query at least, and exactly one where the version has no batches.
    fn describe<'a>(setting: SettingParam<'a>, queries: Vec<InspectedParam<'a>>) -> Self::DescribeParams<'a>;

    /// What each query says about itself.
    fn described(result: Self::Described) -> Vec<Result<GuestDescription, GuestFailure>>;

    /// Parameters of `query-engine.ask`. There is one query at least, and exactly one where the version has no batches.
    fn ask<'a>(
        setting: SettingParam<'a>,
        sources: Vec<SourceParam<'a>>,
        queries: Vec<QueryParam<'a>>,
    ) -> Self::AskParams<'a>;

    /// What came of each query.
    fn asked(result: Self::Asked) -> Vec<Result<GuestAnswered, GuestFailure>>;
}
