//! Who asks a pack's queries: the sandbox, which also reads what they are asked about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{Expression, PackPath, Query, QueryName};
use crate::query::{Answer, Answered, Description, Notation, Term};
use crate::values::Problem;

/// Asks the queries of a pack. A call has a price of its own, so each takes many.
pub trait Querier {
    /// Says what each query says about itself, in their order.
    ///
    /// # Errors
    /// For all that can't be read, at once.
    fn inspect(&self) -> Result<Vec<Description>>;

    /// Returns those of the names that files of the pack and its entries may read: templates, partials, paths, conditions.
    ///
    /// # Errors
    /// Those of reading the pack.
    fn read_by_files(&self, names: &[&str]) -> Result<BTreeSet<String>>;

    /// Reads a file of statements: the user's, or for a sample one of the pack.
    ///
    /// # Errors
    /// Why it can't be used; [`Error`](crate::error::Error) where the run is at its end.
    fn graph(&self, path: &str, is_sample: bool) -> Result<std::result::Result<Graph, Problem>>;

    /// Asks queries about the pack's statements and these graphs. There is room for the answers as values.
    ///
    /// # Errors
    /// For all that can't be answered, at once.
    fn ask(&self, graphs: &[&Graph], queries: &[Asking<'_>]) -> Result<Vec<Answer>>;

    /// Asks one query as [`Querier::ask`] does, with how its answer came about where that is wanted, and what is to be said of it.
    ///
    /// # Errors
    /// As there.
    fn ask_one(&self, graphs: &[&Graph], query: &Asking<'_>, explain: bool) -> Result<Asked>;

    /// Renders texts of the manifest, each with its locals; says which names each looked up.
    ///
    /// # Errors
    /// For all that can't be rendered, at once.
    fn render(
        &self,
        context: &Map<String, Value>,
        secrets: &BTreeSet<&str>,
        texts: &[(Expression<'_>, Vec<u8>)],
    ) -> Result<Vec<(String, Vec<String>)>>;

    /// Returns the digests of what answers depend on beside values and the user's graphs: the component, and the files of the pack.
    ///
    /// # Errors
    /// Those of reading the pack.
    fn inputs(&self) -> Result<(Digest, BTreeMap<PackPath, Digest>)>;
}

/// What came of a query that was asked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The answer, with what is to be said about it.
    pub answered: Answered,
    /// Units of fuel that it took, where they are counted.
    pub fuel: u64,
}

/// A query with its parameters.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Its name.
    pub name: &'a QueryName,
    /// The query.
    pub query: &'a Query,
    /// The values of its parameters that have one.
    pub parameters: BTreeMap<String, Term>,
    /// Whether a secret may be in them, or in the graphs.
    pub has_secret: bool,
}

/// Statements beside those of the pack: a user's file, or what a query made.
pub struct Graph {
    /// What places in it are told by.
    pub path: String,
    /// The statements.
    pub contents: Vec<u8>,
    /// How they are written.
    pub notation: Notation,
    /// The named graph that they are; none: they are merged with those of the pack.
    pub name: Option<String>,
    /// Whether a secret may be in them.
    pub has_secret: bool,
    /// Whether they are a file of the pack.
    pub is_of_pack: bool,
}

impl fmt::Debug for Graph {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Graph").field("path", &self.path).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the answers of queries depend on beside values: digests, for a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consulted {
    /// The component that answers.
    pub engine: Digest,
    /// The files of the pack: its statements and its queries.
    pub files: BTreeMap<PackPath, Digest>,
    /// The files of the user's, by their paths.
    pub graphs: BTreeMap<String, Digest>,
}
