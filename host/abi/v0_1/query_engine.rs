//! The types of the interface `query-engine`.

use wasmtime::component::{ComponentType, Lift, Lower};

use super::{FileParam, GuestDiagnostic, GuestFailure};
use crate::abi::metered::{CountedElement, Metered};

/// `query-engine.notation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum NotationParam {
    /// `turtle`
    #[component(name = "turtle")]
    Turtle,
    /// `trig`
    #[component(name = "trig")]
    Trig,
    /// `n-triples`
    #[component(name = "n-triples")]
    NTriples,
    /// `n-quads`
    #[component(name = "n-quads")]
    NQuads,
    /// `rdf-xml`
    #[component(name = "rdf-xml")]
    RdfXml,
}

/// `query-engine.source`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct SourceParam<'a> {
    /// `file`
    pub file: FileParam<'a>,
    /// `notation`
    pub notation: NotationParam,
    /// `graph`
    pub graph: Option<&'a str>,
}

/// `query-engine.prefix`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct PrefixParam<'a> {
    /// `name`
    pub name: &'a str,
    /// `iri`
    pub iri: &'a str,
}

/// `query-engine.setting`, handed in.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct SettingParam<'a> {
    /// `base`
    pub base: &'a str,
    /// `prefixes`
    pub prefixes: Vec<PrefixParam<'a>>,
    /// `seed`
    pub seed: u64,
    /// `now`
    pub now: i64,
}

/// `query-engine.literal`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct LiteralParam<'a> {
    /// `value`
    pub value: &'a str,
    /// `datatype`
    pub datatype: &'a str,
    /// `language`
    pub language: Option<&'a str>,
}

/// `query-engine.term`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(variant)]
pub enum TermParam<'a> {
    /// `iri`
    #[component(name = "iri")]
    Iri(&'a str),
    /// `blank`
    #[component(name = "blank")]
    Blank(&'a str),
    /// `literal`
    #[component(name = "literal")]
    Literal(LiteralParam<'a>),
}

/// `query-engine.parameter`, handed in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub struct ParameterParam<'a> {
    /// `name`
    pub name: &'a str,
    /// `value`
    pub value: TermParam<'a>,
}

/// `query-engine.query`, handed in.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct QueryParam<'a> {
    /// `file`
    pub file: FileParam<'a>,
    /// `parameters`
    pub parameters: Vec<ParameterParam<'a>>,
    /// `limit`
    pub limit: u32,
    /// `explain`
    pub explain: bool,
}

/// `query-engine.inspected`, handed in.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct InspectedParam<'a> {
    /// `file`
    pub file: FileParam<'a>,
    /// `parameters`
    pub parameters: Vec<&'a str>,
}

/// `query-engine.literal`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ComponentType, Lift)]
#[component(record)]
pub struct GuestLiteral {
    /// `value`
    pub value: Metered<String>,
    /// `datatype`
    pub datatype: Metered<String>,
    /// `language`
    pub language: Option<Metered<String>>,
}

/// `query-engine.term`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ComponentType, Lift)]
#[component(variant)]
pub enum GuestTerm {
    /// `iri`
    #[component(name = "iri")]
    Iri(Metered<String>),
    /// `blank`
    #[component(name = "blank")]
    Blank(Metered<String>),
    /// `literal`
    #[component(name = "literal")]
    Literal(GuestLiteral),
}

/// `query-engine.row`.
pub type GuestRow = Metered<Vec<Option<GuestTerm>>>;

/// `query-engine.table`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestTable {
    /// `variables`
    pub variables: Metered<Vec<Metered<String>>>,
    /// `rows`
    pub rows: Metered<Vec<GuestRow>>,
}

/// `query-engine.statement`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ComponentType, Lift)]
#[component(record)]
pub struct GuestStatement {
    /// `subject`
    pub subject: GuestTerm,
    /// `predicate`
    pub predicate: Metered<String>,
    /// `object`
    pub object: GuestTerm,
}

/// `query-engine.answer`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(variant)]
pub enum GuestAnswer {
    /// `boolean`
    #[component(name = "boolean")]
    Boolean(bool),
    /// `table`
    #[component(name = "table")]
    Table(GuestTable),
    /// `graph`
    #[component(name = "graph")]
    Graph(Metered<Vec<GuestStatement>>),
}

/// `query-engine.answered`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestAnswered {
    /// `answer`
    pub answer: GuestAnswer,
    /// `remarks`
    pub remarks: Metered<Vec<GuestDiagnostic>>,
    /// `steps`
    pub steps: Option<Metered<Vec<u8>>>,
}

/// `query-engine.form`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum GuestForm {
    /// `select`
    #[component(name = "select")]
    Select,
    /// `ask`
    #[component(name = "ask")]
    Ask,
    /// `construct`
    #[component(name = "construct")]
    Construct,
    /// `describe`
    #[component(name = "describe")]
    Describe,
}

/// `query-engine.description`.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct GuestDescription {
    /// `form`
    pub form: GuestForm,
    /// `variables`
    pub variables: Metered<Vec<Metered<String>>>,
    /// `mentions`
    pub mentions: Metered<Vec<Metered<String>>>,
    /// `ordered`
    pub ordered: bool,
    /// `graphs`
    pub graphs: Metered<Vec<Metered<String>>>,
    /// `any-graph`
    #[component(name = "any-graph")]
    pub any_graph: bool,
    /// `remarks`
    pub remarks: Metered<Vec<GuestDiagnostic>>,
}

impl CountedElement for Option<GuestTerm> {}
impl CountedElement for GuestStatement {}

/// Parameters of `query-engine.inspect`.
pub type DescribeParams<'a> = (SettingParam<'a>, Vec<InspectedParam<'a>>);
/// Result of `query-engine.inspect`.
pub type Described = (Metered<Vec<Result<GuestDescription, GuestFailure>>>,);
/// Parameters of `query-engine.ask`.
pub type AskParams<'a> = (SettingParam<'a>, Vec<SourceParam<'a>>, Vec<QueryParam<'a>>);
/// Result of `query-engine.ask`.
pub type Asked = (Metered<Vec<Result<GuestAnswered, GuestFailure>>>,);
