//! Calls of `query-engine`: what queries say about themselves, and what they give when they are asked about graphs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Export, Function, Input, Portion, Results, Telling};
use crate::abi::{
    Adapter, FileParam, GuestAnswer, GuestAnswered, GuestDescription, InspectedParam, LiteralParam, NotationParam,
    ParameterParam, PrefixParam, QueryParam, SettingParam, SourceParam, TermParam,
};
use crate::digest::Digest;
use crate::engine::input::CallFile;
use crate::engine::terms;
use crate::query::{Notation, Query, Setting, Source, Term};

/// What a term of a parameter counts for beside its texts.
const TERM_BYTES: usize = 32;

/// Reads queries without asking them.
#[derive(Debug, Clone)]
pub struct Describe<'a> {
    /// What holds for all of them.
    pub setting: Cow<'a, Setting>,
    /// The queries; of their parameters only the names count.
    pub queries: Cow<'a, [Query<'a>]>,
}

/// Asks queries about graphs.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// What holds for all of them.
    pub setting: Cow<'a, Setting>,
    /// The graphs.
    pub sources: Cow<'a, [Source<'a>]>,
    /// The queries.
    pub queries: Cow<'a, [Query<'a>]>,
}

/// What a record says about a source beside its file.
#[derive(Debug, Serialize, Deserialize)]
struct SourceDocument {
    notation: Notation,
    graph: Option<String>,
}

/// What a record says about a query beside its file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct QueryDocument {
    parameters: BTreeMap<String, Term>,
    limit: u32,
    explain: bool,
}

impl<'a> Describe<'a> {
    pub(in crate::engine) fn given(setting: &'a [u8], query: &'a CallFile, options: &'a [u8]) -> Self {
        Self { setting: Cow::Owned(read(setting)), queries: vec![query_of(query, options)].into() }
    }
}

impl<'a> Ask<'a> {
    pub(in crate::engine) fn given(
        setting: &'a [u8],
        files: &'a [CallFile],
        sources: &'a [u8],
        query: &'a CallFile,
        options: &'a [u8],
    ) -> Self {
        let known: Vec<SourceDocument> = read(sources);
        let source = |(file, known): (&'a CallFile, SourceDocument)| Source {
            path: &file.path,
            contents: &file.contents,
            notation: known.notation,
            graph: known.graph,
            has_secret: false,
        };
        Self {
            setting: Cow::Owned(read(setting)),
            sources: files.iter().zip(known).map(source).collect(),
            queries: vec![query_of(query, options)].into(),
        }
    }
}

/// All that a call is given that asks one query about files of statements, each with its notation and graph.
#[must_use]
pub fn asking(setting: &Setting, sources: Vec<(CallFile, Notation, Option<String>)>, query: &Query<'_>) -> Input {
    let (mut files, mut documents) = (Vec::with_capacity(sources.len()), Vec::with_capacity(sources.len()));
    for (file, notation, graph) in sources {
        files.push(file);
        documents.push(SourceDocument { notation, graph });
    }
    let (query, options) = kept(query);
    Input::Ask { setting: written(setting), files, sources: written(&documents), query, options }
}

/// Reads what a record holds; what was written for something else says nothing, and then the call does not come to the same.
fn read<T: for<'d> Deserialize<'d> + Default>(bytes: &[u8]) -> T {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn query_of<'a>(query: &'a CallFile, options: &[u8]) -> Query<'a> {
    let QueryDocument { parameters, limit, explain } = read(options);
    Query { path: &query.path, text: &query.contents, parameters, limit, explain, has_secret: false }
}

/// A query as records keep it: its file, and what it is asked with.
fn kept(query: &Query<'_>) -> (CallFile, Vec<u8>) {
    let parameters = query.parameters.clone();
    let options = QueryDocument { parameters, limit: query.limit, explain: query.explain };
    (CallFile { path: query.path.to_owned(), contents: query.text.to_owned() }, written(&options))
}

fn written<T: Serialize>(value: &T) -> Vec<u8> {
    // Plain data with texts as keys always serializes.
    serde_json::to_vec(value).unwrap_or_default()
}

fn setting_param(setting: &Setting) -> SettingParam<'_> {
    let prefixes = setting.prefixes.iter().map(|(name, iri)| PrefixParam { name, iri });
    SettingParam { base: &setting.base, prefixes: prefixes.collect(), seed: setting.seed, now: setting.now }
}

fn setting_bytes(setting: &Setting) -> u64 {
    let prefixes: usize = setting.prefixes.iter().map(|(name, iri)| name.len() + iri.len()).sum();
    (setting.base.len() + prefixes) as u64
}

fn source_param<'p>(source: &'p Source<'_>) -> SourceParam<'p> {
    SourceParam {
        file: FileParam { path: source.path, contents: source.contents },
        notation: match source.notation {
            Notation::Turtle => NotationParam::Turtle,
            Notation::Trig => NotationParam::Trig,
            Notation::NTriples => NotationParam::NTriples,
            Notation::NQuads => NotationParam::NQuads,
            Notation::RdfXml => NotationParam::RdfXml,
        },
        graph: source.graph.as_deref(),
    }
}

fn inspected_param<'p>(query: &'p Query<'_>) -> InspectedParam<'p> {
    let parameters = query.parameters.keys().map(String::as_str).collect();
    InspectedParam { file: FileParam { path: query.path, contents: query.text }, parameters }
}

fn query_bytes(query: &Query<'_>) -> u64 {
    let parameters: usize = query.parameters.iter().map(|(name, value)| name.len() + term_bytes(value)).sum();
    (query.path.len() + query.text.len() + parameters) as u64
}

fn query_param<'p>(query: &'p Query<'_>) -> QueryParam<'p> {
    let parameter = |(name, value): (&'p String, &'p Term)| ParameterParam { name, value: term_param(value) };
    QueryParam {
        file: FileParam { path: query.path, contents: query.text },
        parameters: query.parameters.iter().map(parameter).collect(),
        limit: query.limit,
        explain: query.explain,
    }
}

fn term_param(term: &Term) -> TermParam<'_> {
    match term {
        Term::Iri(iri) => TermParam::Iri(iri),
        Term::Blank(label) => TermParam::Blank(label),
        Term::Literal(literal) => TermParam::Literal(LiteralParam {
            value: &literal.value,
            datatype: &literal.datatype,
            language: literal.language.as_deref(),
        }),
    }
}

fn term_bytes(term: &Term) -> usize {
    TERM_BYTES
        + match term {
            Term::Iri(text) | Term::Blank(text) => text.len(),
            Term::Literal(literal) => {
                literal.value.len() + literal.datatype.len() + literal.language.as_ref().map_or(0, String::len)
            }
        }
}

impl<'a> Export for Describe<'a> {
    const FUNCTION: Function = Function::Describe;
    const MEASURED: bool = false;
    type Job = Query<'a>;
    type Output = GuestDescription;
    type Parameters<'p, A: Adapter>
        = A::DescribeParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Described;

    fn jobs(&self) -> &[Query<'a>] {
        &self.queries
    }

    fn shared_bytes(&self) -> u64 {
        setting_bytes(&self.setting)
    }

    fn job_bytes(job: &Query<'a>) -> u64 {
        query_bytes(job)
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [Query<'a>]) -> A::DescribeParams<'p> {
        A::describe(setting_param(&self.setting), jobs.iter().map(inspected_param).collect())
    }

    fn results<A: Adapter>(given: A::Described) -> Results<GuestDescription> {
        A::described(given)
    }

    fn check(_job: &Query<'a>, description: &GuestDescription) -> Result<(), String> {
        terms::check_description(description)
    }

    fn order<'j>(job: &'j Query<'a>) -> (&'j str, &'j [u8]) {
        (job.path, b"")
    }

    fn input(&self, job: &Query<'a>) -> Input {
        let (query, options) = kept(job);
        Input::Describe { setting: written(&self.setting), query, options }
    }

    fn tell(description: &GuestDescription, telling: &mut dyn Telling) -> Value {
        json!({
            "form": terms::form(description.form).name(),
            "variables": crate::abi::texts(&description.variables),
            "mentions": crate::abi::texts(&description.mentions),
            "ordered": description.ordered,
            "graphs": crate::abi::texts(&description.graphs),
            "any-graph": description.any_graph,
            "remarks": telling.found(&description.remarks.0),
        })
    }
}

impl Portion for Describe<'_> {
    fn portion(&self, jobs: Vec<Self::Job>) -> Self {
        Self { setting: self.setting.clone(), queries: jobs.into() }
    }
}

impl<'a> Export for Ask<'a> {
    const FUNCTION: Function = Function::Ask;
    // Graphs are read once for all queries, which takes ten times as long for each byte as templates do.
    const SLOWNESS: u32 = 10;
    type Job = Query<'a>;
    type Output = GuestAnswered;
    type Parameters<'p, A: Adapter>
        = A::AskParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Asked;

    fn jobs(&self) -> &[Query<'a>] {
        &self.queries
    }

    fn shared_bytes(&self) -> u64 {
        let bytes = |source: &Source<'_>| {
            source.path.len() + source.contents.len() + source.graph.as_ref().map_or(0, String::len)
        };
        setting_bytes(&self.setting) + self.sources.iter().map(bytes).sum::<usize>() as u64
    }

    fn job_bytes(job: &Query<'a>) -> u64 {
        query_bytes(job)
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [Query<'a>]) -> A::AskParams<'p> {
        let sources = self.sources.iter().map(source_param).collect();
        A::ask(setting_param(&self.setting), sources, jobs.iter().map(query_param).collect())
    }

    fn results<A: Adapter>(given: A::Asked) -> Results<GuestAnswered> {
        A::asked(given)
    }

    fn check(job: &Query<'a>, answered: &GuestAnswered) -> Result<(), String> {
        terms::check(job, answered)
    }

    fn order<'j>(job: &'j Query<'a>) -> (&'j str, &'j [u8]) {
        (job.path, b"")
    }

    fn input(&self, job: &Query<'a>) -> Input {
        let source = |source: &Source<'_>| {
            let file = CallFile { path: source.path.to_owned(), contents: source.contents.to_owned() };
            (file, source.notation, source.graph.clone())
        };
        asking(&self.setting, self.sources.iter().map(source).collect(), job)
    }

    fn tell(answered: &GuestAnswered, telling: &mut dyn Telling) -> Value {
        let contents = terms::answer(answered.answer.clone()).to_string().into_bytes();
        telling.file(None, &contents, false);
        let (bytes, sha256) = (contents.len(), Digest::of(&contents));
        let mut told = match &answered.answer {
            GuestAnswer::Boolean(holds) => json!({ "boolean": holds }),
            GuestAnswer::Table(table) => json!({ "table": {
                "variables": crate::abi::texts(&table.variables),
                "rows": table.rows.0.len(),
                "bytes": bytes,
                "sha256": sha256,
            }}),
            GuestAnswer::Graph(statements) => {
                json!({ "graph": { "statements": statements.0.len(), "bytes": bytes, "sha256": sha256 } })
            }
        };
        told["remarks"] = telling.found(&answered.remarks.0);
        if let Some(steps) = &answered.steps {
            told["steps"] = serde_json::from_slice(&steps.0).unwrap_or_default();
        }
        told
    }
}

impl Portion for Ask<'_> {
    fn portion(&self, jobs: Vec<Self::Job>) -> Self {
        Self { setting: self.setting.clone(), sources: self.sources.clone(), queries: jobs.into() }
    }
}
