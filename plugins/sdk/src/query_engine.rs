//! Query engines: graphs and queries in, answers out.

use crate::abi::query_engine::exports::packbox::plugin::query_engine::Setting;
use crate::{
    Answer, Answered, Description, Diagnostic, Failure, Form, Literal, Notation, Parameter, Source, Table, Term,
};

/// The beginning of XML Schema's datatypes.
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
/// The datatype of literals that have a language.
const LANGUAGE_TEXT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// Answers queries about graphs.
///
/// What a query gives depends on the setting, the sources and itself only: graphs are read once for all queries of a call, and
/// must not remember what they were asked.
pub trait QueryEngine {
    /// The statements of all sources, made ready to be asked.
    type Graphs;

    /// Reads a query without asking it.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where it can't be read: a diagnostic with a place in it.
    fn inspect(query: &QueryText<'_>) -> Result<Description, Failure>;

    /// Reads all sources, once for all queries of a call.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where one can't be read; then every query of the call has it.
    fn load(setting: &Setting, sources: &[GraphSource<'_>]) -> Result<Self::Graphs, Failure>;

    /// Asks a query. [`Answer`] and [`Table`] become [`Answered`] with `.into()`.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where it can't be read, where a parameter is no variable of it, or where it gives more than
    /// [`QueryJob::limit`].
    fn ask(graphs: &Self::Graphs, query: &QueryJob<'_>) -> Result<Answered, Failure>;
}

/// A file of statements.
#[derive(Debug)]
pub struct GraphSource<'a> {
    /// The file.
    pub file: Source<'a>,
    /// How its statements are written.
    pub notation: Notation,
    /// The graph that they go to where the file names none; none: the default graph.
    pub graph: Option<&'a str>,
}

/// A query to be read.
#[derive(Debug)]
pub struct QueryText<'a> {
    /// What holds for all files and queries of the call.
    pub setting: &'a Setting,
    /// The query.
    pub file: Source<'a>,
    /// The names of variables that parameters will give values, without `?`.
    pub parameters: &'a [String],
}

/// A query to be asked.
#[derive(Debug)]
pub struct QueryJob<'a> {
    /// What holds for all files and queries of the call.
    pub setting: &'a Setting,
    /// The query.
    pub file: Source<'a>,
    /// Variables that have values.
    pub parameters: &'a [Parameter],
    /// How many rows or statements are given at the most; more are a failure.
    pub limit: u32,
    /// Whether it is wanted how the answer came about.
    pub explain: bool,
}

impl QueryJob<'_> {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Term> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value)
    }

    /// Checks that so many rows or statements are no more than are wanted.
    ///
    /// # Errors
    ///
    /// An `invalid` diagnostic of the rule `query/rows`, where they are more.
    pub fn within_limit(&self, count: usize) -> Result<(), Failure> {
        if count as u64 <= u64::from(self.limit) {
            return Ok(());
        }
        Err(Diagnostic::error("query/rows", format!("the query gives more than {}", self.limit))
            .at(self.file.point(0))
            .help("ask for less")
            .into())
    }
}

impl Term {
    /// An IRI.
    #[must_use]
    pub fn iri(iri: impl Into<String>) -> Self {
        Self::Iri(iri.into())
    }

    /// A text.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self::typed(value, format!("{XSD}string"))
    }

    /// A literal with a datatype, which is an IRI.
    #[must_use]
    pub fn typed(value: impl Into<String>, datatype: impl Into<String>) -> Self {
        Self::Literal(Literal { value: value.into(), datatype: datatype.into(), language: None })
    }

    /// A text in a language.
    #[must_use]
    pub fn in_language(value: impl Into<String>, language: impl Into<String>) -> Self {
        let language = Some(language.into());
        Self::Literal(Literal { value: value.into(), datatype: LANGUAGE_TEXT.to_owned(), language })
    }
}

impl Description {
    /// Describes a query that gives a table of these variables, in whatever order its rows come.
    #[must_use]
    pub fn select<S: Into<String>>(variables: impl IntoIterator<Item = S>) -> Self {
        let variables: Vec<String> = variables.into_iter().map(Into::into).collect();
        Self { variables: variables.clone(), ..Self::new(Form::Select) }.mentioning(variables)
    }

    /// Describes a query of a kind that mentions nothing.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            variables: Vec::new(),
            mentions: Vec::new(),
            ordered: false,
            graphs: Vec::new(),
            any_graph: false,
            remarks: Vec::new(),
        }
    }

    /// Adds variables that occur in the query: those that parameters may bind.
    #[must_use]
    pub fn mentioning<S: Into<String>>(mut self, variables: impl IntoIterator<Item = S>) -> Self {
        self.mentions.extend(variables.into_iter().map(Into::into));
        self.mentions.sort_unstable();
        self.mentions.dedup();
        self
    }
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, remarks: Vec::new(), steps: None }
    }
}

impl From<Table> for Answered {
    fn from(table: Table) -> Self {
        Answer::Table(table).into()
    }
}
