//! The types of `packbox:plugin@0.1` as Rust types: what is handed in borrows, what comes back is owned and counted.
//!
//! Always true here: names and order of fields and cases are those of `wit/`; wasmtime checks that against each
//! component before its first call.

mod query_engine;

use wasmtime::component::{ComponentType, Lift, Lower};

use super::metered::{Counted, CountedElement, Metered};

pub use query_engine::{
    AskParams, Asked, DescribeParams, Described, GuestAnswer, GuestAnswered, GuestDescription, GuestForm, GuestLiteral,
    GuestRow, GuestStatement, GuestTable, GuestTerm, InspectedParam, LiteralParam, NotationParam, ParameterParam,
    PrefixParam, QueryParam, SettingParam, SourceParam, TermParam,
};

/// `types.file`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct FileParam<'a> {
    /// `path`
    pub path: &'a str,
    /// `contents`
    pub contents: &'a [u8],
}

/// `renderer.job`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct JobParam<'a> {
    /// `template`
    pub template: FileParam<'a>,
    /// `locals`
    pub locals: &'a [u8],
    /// `options`
    pub options: &'a [u8],
}

/// `expressions.mode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Mode {
    /// A bare expression.
    #[default]
    #[component(name = "expression")]
    Expression,
    /// A text with expressions in it.
    #[component(name = "template")]
    Template,
}

/// `expressions.source`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct ExpressionSource<'a> {
    /// `text`
    pub text: &'a str,
    /// `mode`
    pub mode: Mode,
    /// `locals`
    pub locals: &'a [u8],
}

/// `types.position`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestPosition {
    /// `line`
    pub line: u32,
    /// `column`
    pub column: u32,
}

/// `types.span`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestSpan {
    /// `path`
    pub path: Metered<String>,
    /// `start`
    pub start: GuestPosition,
    /// `end`
    pub end: Option<GuestPosition>,
}

/// `validator.subject`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct SubjectParam<'a> {
    /// `manifest`
    pub manifest: &'a [u8],
    /// `facts`
    pub facts: &'a [u8],
    /// `files`
    pub files: &'a [FileParam<'a>],
}

/// `types.severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum GuestSeverity {
    /// `error`
    #[component(name = "error")]
    Error,
    /// `warning`
    #[component(name = "warning")]
    Warning,
    /// `note`
    #[component(name = "note")]
    Note,
}

/// `types.diagnostic`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestDiagnostic {
    /// `rule`
    pub rule: Metered<String>,
    /// `severity`
    pub severity: GuestSeverity,
    /// `message`
    pub message: Metered<String>,
    /// `help`
    pub help: Option<Metered<String>>,
    /// `span`
    pub span: Option<GuestSpan>,
    /// `related`
    pub related: Metered<Vec<GuestSpan>>,
}

/// `types.failure`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(variant)]
pub enum GuestFailure {
    /// `invalid`
    #[component(name = "invalid")]
    Invalid(Metered<Vec<GuestDiagnostic>>),
    /// `unsupported`
    #[component(name = "unsupported")]
    Unsupported(Metered<String>),
    /// `internal`
    #[component(name = "internal")]
    Internal(Metered<String>),
}

/// `types.reads`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestReads {
    /// `variables`
    pub variables: Metered<Vec<Metered<String>>>,
    /// `partials`
    pub partials: Metered<Vec<Metered<String>>>,
    /// `absent`
    pub absent: Metered<Vec<Metered<String>>>,
}

/// `renderer.output`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestOutput {
    /// `path`
    pub path: Option<Metered<String>>,
    /// `contents`
    pub contents: Metered<Vec<u8>>,
    /// `executable`
    pub executable: bool,
}

/// `renderer.rendered`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestRendered {
    /// `outputs`
    pub outputs: Metered<Vec<GuestOutput>>,
    /// `reads`
    pub reads: GuestReads,
    /// `notes`
    pub notes: Metered<Vec<GuestDiagnostic>>,
}

/// `renderer.template-info`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestTemplateInfo {
    /// `variables`
    pub variables: Metered<Vec<Metered<String>>>,
    /// `partials`
    pub partials: Metered<Vec<Metered<String>>>,
    /// `blocks`
    pub blocks: Metered<Vec<Metered<String>>>,
}

/// `expressions.value`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestValue {
    /// `json`
    pub json: Metered<Vec<u8>>,
    /// `reads`
    pub reads: GuestReads,
}

/// `validator.rule`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestRule {
    /// `id`
    pub id: Metered<String>,
    /// `summary`
    pub summary: Metered<String>,
    /// `default-severity`
    #[component(name = "default-severity")]
    pub default_severity: GuestSeverity,
    /// `help`
    pub help: Metered<String>,
    /// `options`
    pub options: Metered<Vec<u8>>,
    /// `files`
    pub files: Metered<Vec<Metered<String>>>,
}

/// `merger.side`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct SideParam<'a> {
    /// `owner`
    pub owner: &'a str,
    /// `contents`
    pub contents: &'a [u8],
}

/// `merger.job`, handed in.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct MergeJobParam<'a> {
    /// `path`
    pub path: &'a str,
    /// `policy`
    pub policy: &'a str,
    /// `options`
    pub options: &'a [u8],
    /// `base`
    pub base: Option<&'a [u8]>,
    /// `sides`
    pub sides: Vec<SideParam<'a>>,
}

/// `merger.policy`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestPolicy {
    /// `name`
    pub name: Metered<String>,
    /// `summary`
    pub summary: Metered<String>,
    /// `help`
    pub help: Metered<String>,
    /// `options`
    pub options: Metered<Vec<u8>>,
}

/// `merger.part`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestPart {
    /// `start`
    pub start: u32,
    /// `end`
    pub end: u32,
    /// `owners`
    pub owners: Metered<Vec<u32>>,
}

/// `merger.place`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestPlace {
    /// `side`
    pub side: u32,
    /// `start`
    pub start: GuestPosition,
    /// `end`
    pub end: Option<GuestPosition>,
}

/// `merger.conflict`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestConflict {
    /// `subject`
    pub subject: Metered<String>,
    /// `message`
    pub message: Metered<String>,
    /// `help`
    pub help: Option<Metered<String>>,
    /// `places`
    pub places: Metered<Vec<GuestPlace>>,
}

/// `merger.merged`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestMerged {
    /// `contents`
    pub contents: Metered<Vec<u8>>,
    /// `parts`
    pub parts: Metered<Vec<GuestPart>>,
    /// `notes`
    pub notes: Metered<Vec<GuestDiagnostic>>,
}

/// `merger.outcome`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(variant)]
pub enum GuestOutcome {
    /// `merged`
    #[component(name = "merged")]
    Merged(GuestMerged),
    /// `conflicts`
    #[component(name = "conflicts")]
    Conflicts(Metered<Vec<GuestConflict>>),
}

/// `log.level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum GuestLevel {
    /// `debug`
    #[component(name = "debug")]
    Debug,
    /// `info`
    #[component(name = "info")]
    Info,
    /// `warn`
    #[component(name = "warn")]
    Warn,
}

impl CountedElement for GuestSpan {}
impl CountedElement for GuestRule {}
impl CountedElement for GuestPolicy {}
impl CountedElement for GuestPart {}
impl CountedElement for GuestPlace {}
impl CountedElement for GuestConflict {}
impl CountedElement for GuestDiagnostic {}
impl CountedElement for GuestOutput {
    const COUNTED: Counted = Counted::Outputs;
}

/// Parameters of `renderer.render`.
pub type RenderParams<'a> = (&'a [u8], &'a [FileParam<'a>], &'a [JobParam<'a>]);
/// Result of `renderer.render`.
pub type Rendered = (Metered<Vec<Result<GuestRendered, GuestFailure>>>,);
/// Parameters of `renderer.inspect`.
pub type InspectParams<'a> = (FileParam<'a>,);
/// Result of `renderer.inspect`.
pub type InspectedTemplate = (Result<GuestTemplateInfo, GuestFailure>,);
/// Parameters of `expressions.evaluate`.
pub type EvaluateParams<'a> = (&'a [u8], &'a [ExpressionSource<'a>]);
/// Result of `expressions.evaluate`.
pub type Evaluated = (Metered<Vec<Result<GuestValue, GuestFailure>>>,);
/// Parameters of `expressions.inspect`.
pub type InspectExpressionsParams<'a> = (&'a [ExpressionSource<'a>],);
/// Result of `expressions.inspect`.
pub type ExpressionInspected = (Metered<Vec<Result<Metered<Vec<Metered<String>>>, GuestFailure>>>,);
/// Result of `validator.rules`.
pub type Rules = (Metered<Vec<GuestRule>>,);
/// Parameters of `validator.check`.
pub type CheckParams<'a> = (SubjectParam<'a>, &'a [u8]);
/// Result of `validator.check`.
pub type Checked = (Result<Metered<Vec<GuestDiagnostic>>, GuestFailure>,);
/// Result of `merger.policies`.
pub type Policies = (Metered<Vec<GuestPolicy>>,);
/// Parameters of `merger.merge`.
pub type MergeParams<'a> = (&'a [MergeJobParam<'a>],);
/// Result of `merger.merge`.
pub type Merged = (Metered<Vec<Result<GuestOutcome, GuestFailure>>>,);
