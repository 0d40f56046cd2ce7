//! What a query is asked with, as the options of a single call and the keys of a case say it.
//!
//! Always true here: unknown keys and values that are no terms are errors; nothing runs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::exports::query_engine::{Describe, asking};
use crate::engine::{CallFile, Export as _, Input};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Notation, Query, Setting, Term, is_name};
use crate::text::printable_line;

/// What relative IRIs are relative to where nobody says it.
const BASE: &str = "http://example.org/";
/// Rows or statements at the most, where nobody says it.
const ROWS: u32 = 10_000;

/// A graph that a query is asked about.
#[derive(Debug, Clone)]
pub struct GraphFile {
    /// Its path, as the engine sees it, and what is in it.
    pub file: CallFile,
    /// How its statements are written.
    pub notation: Notation,
    /// The graph that they go to; none: the default graph.
    pub graph: Option<String>,
}

/// What a query is asked with.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    setting: Setting,
    parameters: BTreeMap<String, Term>,
    limit: u32,
    explain: bool,
}

/// The options, as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    base: Option<String>,
    prefixes: BTreeMap<String, String>,
    seed: u64,
    now: i64,
    parameters: BTreeMap<String, Value>,
    limit: Option<u32>,
    explain: bool,
}

impl GraphFile {
    /// Takes a file whose name says how its statements are written.
    ///
    /// # Errors
    /// `Usage` where it does not.
    pub fn named(file: CallFile) -> Result<Self> {
        let Some(notation) = Notation::of_path(&file.path) else {
            let path = printable_line(&file.path);
            return Err(Error::new(ErrorKind::Usage, format!("the name of `{path}` does not say how it is written"))
                .hint("name it `.ttl`, `.trig`, `.nt`, `.nq`, `.rdf` or `.owl`"));
        };
        Ok(Self { file, notation, graph: None })
    }
}

impl Asking {
    /// Reads options: `base`, `prefixes`, `seed`, `now`, `parameters`, `limit` and `explain`.
    ///
    /// # Errors
    /// `Usage`, naming what is wrong.
    pub fn read(options: &Map<String, Value>) -> Result<Self> {
        let wrong = |why: String| {
            Error::new(ErrorKind::Usage, format!("the options of a query are wrong: {why}"))
                .hint("docs/query-engines.md lists them")
        };
        let options: Options = serde_json::from_value(Value::Object(options.clone()))
            .map_err(|error| wrong(printable_line(&error.to_string())))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in options.parameters {
            let shown = printable_line(&name);
            if !is_name(&name) {
                return Err(wrong(format!("`{shown}` is no name of a parameter")));
            }
            let term = Term::of_value(&value).or_else(|| Term::deserialize(value).ok());
            let term = term.filter(|term| !matches!(term, Term::Blank(_)));
            let term = term.ok_or_else(|| {
                wrong(format!(
                    "the parameter `{shown}` is neither a text, a number, true nor false, nor `{{ iri = \"…\" }}` or `{{ literal = {{ value = \"…\", datatype = \"…\" }} }}`"
                ))
            })?;
            parameters.insert(name, term);
        }
        let base = options.base.unwrap_or_else(|| BASE.to_owned());
        let setting = Setting { base, prefixes: options.prefixes, seed: options.seed, now: options.now };
        Ok(Self { setting, parameters, limit: options.limit.unwrap_or(ROWS), explain: options.explain })
    }

    /// The call that asks a query about graphs.
    #[must_use]
    pub fn ask(&self, query: &CallFile, graphs: Vec<GraphFile>) -> Input {
        let graphs = graphs.into_iter().map(|graph| (graph.file, graph.notation, graph.graph));
        asking(&self.setting, graphs.collect(), &self.query(query))
    }

    /// The call that reads a query without asking it.
    #[must_use]
    pub fn describe(&self, query: &CallFile) -> Input {
        let job = self.query(query);
        let queries = Cow::Borrowed(std::slice::from_ref(&job));
        Describe { setting: Cow::Borrowed(&self.setting), queries }.input(&job)
    }

    fn query<'q>(&self, query: &'q CallFile) -> Query<'q> {
        Query {
            path: &query.path,
            text: &query.contents,
            parameters: self.parameters.clone(),
            limit: self.limit,
            explain: self.explain,
            has_secret: false,
        }
    }
}

/// The call that reads the query of a call that asks it; none for other calls.
#[must_use]
pub fn described(input: &Input) -> Option<Input> {
    match input {
        Input::Ask { setting, query, options, .. } => {
            Some(Input::Describe { setting: setting.clone(), query: query.clone(), options: options.clone() })
        }
        _ => None,
    }
}

/// Compares what a query says about itself with what it gave: plain data of both calls, as records keep it.
///
/// # Errors
/// What does not fit.
pub fn fits(description: &Value, answer: &Value) -> std::result::Result<(), String> {
    let form = description["form"].as_str().unwrap_or_default();
    let given = ["table", "boolean", "graph"].into_iter().find(|kind| answer.get(kind).is_some());
    let wanted = match form {
        "select" => "table",
        "ask" => "boolean",
        _ => "graph",
    };
    match given {
        Some(given) if given != wanted => Err(format!("it calls the query `{form}`, but it gave a {given}")),
        Some(_) if wanted == "table" && description["variables"] != answer["table"]["variables"] => {
            let (said, given) = (&description["variables"], &answer["table"]["variables"]);
            Err(printable_line(&format!("it says that the table has the variables {said}, but it has {given}")))
        }
        _ => Ok(()),
    }
}
