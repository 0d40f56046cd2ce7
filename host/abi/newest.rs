//! The adapter of the newest version, which converts nothing.

use super::adapter::Adapter;
use super::v0_1::{
    AskParams, Asked, CheckParams, Checked, DescribeParams, Described, FileParam, GuestAnswered, GuestDescription,
    GuestDiagnostic, GuestFailure, GuestOutcome, GuestPolicy, GuestRendered, GuestRule, GuestTemplateInfo,
    InspectParams, InspectedParam, InspectedTemplate, JobParam, MergeJobParam, MergeParams, Merged, Policies,
    QueryParam, RenderParams, Rendered, Rules, SettingParam, SourceParam, SubjectParam,
};

/// The newest version: nothing is converted.
#[derive(Debug)]
pub struct Newest;

impl Adapter for Newest {
    const BATCHES: bool = true;
    type RenderParams<'a> = RenderParams<'a>;
    type Rendered = Rendered;
    type InspectParams<'a> = InspectParams<'a>;
    type Inspected = InspectedTemplate;
    type Rules = Rules;
    type CheckParams<'a> = CheckParams<'a>;
    type Checked = Checked;
    type Policies = Policies;
    type MergeParams<'a> = MergeParams<'a>;
    type Merged = Merged;
    type DescribeParams<'a> = DescribeParams<'a>;
    type Described = Described;
    type AskParams<'a> = AskParams<'a>;
    type Asked = Asked;

    fn lacks(_job: &JobParam<'_>) -> Option<&'static str> {
        None
    }

    fn render<'a>(context: &'a [u8], partials: &'a [FileParam<'a>], jobs: &'a [JobParam<'a>]) -> RenderParams<'a> {
        (context, partials, jobs)
    }

    fn rendered((results,): Rendered) -> Vec<Result<GuestRendered, GuestFailure>> {
        results.0
    }

    fn inspect(template: FileParam<'_>) -> InspectParams<'_> {
        (template,)
    }

    fn inspected((info,): InspectedTemplate) -> Result<GuestTemplateInfo, GuestFailure> {
        info
    }

    fn rules((rules,): Rules) -> Vec<GuestRule> {
        rules.0
    }

    fn check<'a>(subject: SubjectParam<'a>, options: &'a [u8]) -> CheckParams<'a> {
        (subject, options)
    }

    fn checked((found,): Checked) -> Result<Vec<GuestDiagnostic>, GuestFailure> {
        found.map(|found| found.0)
    }

    fn policies((policies,): Policies) -> Vec<GuestPolicy> {
        policies.0
    }

    fn merge<'a>(jobs: &'a [MergeJobParam<'a>]) -> MergeParams<'a> {
        (jobs,)
    }

    fn merged((outcomes,): Merged) -> Vec<Result<GuestOutcome, GuestFailure>> {
        outcomes.0
    }

    fn describe<'a>(setting: SettingParam<'a>, queries: Vec<InspectedParam<'a>>) -> DescribeParams<'a> {
        (setting, queries)
    }

    fn described((described,): Described) -> Vec<Result<GuestDescription, GuestFailure>> {
        described.0
    }

    fn ask<'a>(
        setting: SettingParam<'a>,
        sources: Vec<SourceParam<'a>>,
        queries: Vec<QueryParam<'a>>,
    ) -> AskParams<'a> {
        (setting, sources, queries)
    }

    fn asked((answers,): Asked) -> Vec<Result<GuestAnswered, GuestFailure>> {
        answers.0
    }
}
