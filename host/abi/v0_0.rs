//! A synthetic older version, `packbox:plugin@0.0.1`, for tests: what `v0_1.rs` will look like once there is a newer one.
//!
//! It differs where a real one might: a call takes one job, which has no options; there are no partials; a failure is a
//! text; an output is never executable; nothing is said about what was read; a rule has neither help nor options nor
//! files, and a subject no files. Its package has no `merger` and no `query-engine`, so that what is said of these here is never used:
//! no component exports them.
//!
//! Always true here: whatever it can't say has the newest version's neutral value, and what it can't be told is refused.

use wasmtime::component::{ComponentType, Lift, Lower};

use super::adapter::Adapter;
use super::metered::{Counted, CountedElement, Metered};
use super::v0_1::{
    FileParam, GuestAnswered, GuestDescription, GuestDiagnostic, GuestFailure, GuestOutcome, GuestOutput, GuestPolicy,
    GuestReads, GuestRendered, GuestRule, GuestSeverity, GuestTemplateInfo, InspectedParam, JobParam, MergeJobParam,
    QueryParam, SettingParam, SourceParam, SubjectParam,
};

/// `renderer.job`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct OldJob<'a> {
    template: FileParam<'a>,
    locals: &'a [u8],
}

/// `renderer.output`.
#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub struct OldOutput {
    path: Option<Metered<String>>,
    contents: Metered<Vec<u8>>,
}

/// `validator.rule`.
#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub struct OldRule {
    id: Metered<String>,
    summary: Metered<String>,
}

impl CountedElement for OldRule {}
impl CountedElement for OldOutput {
    const COUNTED: Counted = Counted::Outputs;
}

/// The older version.
#[derive(Debug)]
pub struct Older;

fn nothing<T>() -> Metered<Vec<T>> {
    Metered(Vec::new())
}

fn json(text: &str) -> Metered<Vec<u8>> {
    Metered(text.as_bytes().to_vec())
}

impl Adapter for Older {
    const BATCHES: bool = false;
    type RenderParams<'a> = (&'a [u8], OldJob<'a>);
    type Rendered = (Result<Metered<Vec<OldOutput>>, Metered<String>>,);
    type InspectParams<'a> = (FileParam<'a>,);
    type Inspected = (Result<Metered<Vec<Metered<String>>>, Metered<String>>,);
    type Rules = (Metered<Vec<OldRule>>,);
    type CheckParams<'a> = (&'a [u8],);
    type Checked = (Result<Metered<Vec<Metered<String>>>, Metered<String>>,);
    type Policies = ();
    type MergeParams<'a> = ();
    type Merged = ();
    type DescribeParams<'a> = ();
    type Described = ();
    type AskParams<'a> = ();
    type Asked = ();

    fn lacks(job: &JobParam<'_>) -> Option<&'static str> {
        (job.options != b"{}").then_some("options")
    }

    fn render<'a>(
        context: &'a [u8],
        _partials: &'a [FileParam<'a>],
        jobs: &'a [JobParam<'a>],
    ) -> Self::RenderParams<'a> {
        let none = JobParam { template: FileParam { path: "", contents: b"" }, locals: b"{}", options: b"{}" };
        let job = jobs.first().copied().unwrap_or(none);
        (context, OldJob { template: job.template, locals: job.locals })
    }

    fn rendered((result,): Self::Rendered) -> Vec<Result<GuestRendered, GuestFailure>> {
        let output = |old: OldOutput| GuestOutput { path: old.path, contents: old.contents, executable: false };
        let reads = GuestReads { variables: nothing(), partials: nothing(), absent: nothing() };
        vec![match result {
            Ok(outputs) => Ok(GuestRendered {
                outputs: Metered(outputs.0.into_iter().map(output).collect()),
                reads,
                notes: nothing(),
            }),
            Err(text) => Err(GuestFailure::Internal(text)),
        }]
    }

    fn inspect(template: FileParam<'_>) -> Self::InspectParams<'_> {
        (template,)
    }

    fn inspected((result,): Self::Inspected) -> Result<GuestTemplateInfo, GuestFailure> {
        let info = |variables| GuestTemplateInfo { variables, partials: nothing(), blocks: nothing() };
        result.map(info).map_err(GuestFailure::Internal)
    }

    fn rules((rules,): Self::Rules) -> Vec<GuestRule> {
        let rule = |old: OldRule| GuestRule {
            id: old.id,
            summary: old.summary,
            default_severity: GuestSeverity::Warning,
            help: Metered(String::new()),
            options: json("{}"),
            files: nothing(),
        };
        rules.0.into_iter().map(rule).collect()
    }

    fn check<'a>(subject: SubjectParam<'a>, _options: &'a [u8]) -> Self::CheckParams<'a> {
        (subject.manifest,)
    }

    fn checked((found,): Self::Checked) -> Result<Vec<GuestDiagnostic>, GuestFailure> {
        let diagnostic = |rule| GuestDiagnostic {
            rule,
            severity: GuestSeverity::Warning,
            message: Metered("found".to_owned()),
            help: None,
            span: None,
            related: nothing(),
        };
        found.map(|found| found.0.into_iter().map(diagnostic).collect()).map_err(GuestFailure::Internal)
    }

    fn policies((): ()) -> Vec<GuestPolicy> {
        Vec::new()
    }

    fn merge<'a>(_jobs: &'a [MergeJobParam<'a>]) -> Self::MergeParams<'a> {}

    fn merged((): ()) -> Vec<Result<GuestOutcome, GuestFailure>> {
        Vec::new()
    }

    fn describe<'a>(_setting: SettingParam<'a>, _queries: Vec<InspectedParam<'a>>) -> Self::DescribeParams<'a> {}

    fn described((): ()) -> Vec<Result<GuestDescription, GuestFailure>> {
        Vec::new()
    }

    fn ask<'a>(
        _setting: SettingParam<'a>,
        _sources: Vec<SourceParam<'a>>,
        _queries: Vec<QueryParam<'a>>,
    ) -> Self::AskParams<'a> {
    }

    fn asked((): ()) -> Vec<Result<GuestAnswered, GuestFailure>> {
        Vec::new()
    }
}
