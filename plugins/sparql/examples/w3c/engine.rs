//! The engine that is tested: this crate's own functions, or a program that asks the component.
//!
//! The program reads a JSON object from each line of its input, and writes one for each to its output:
//!
//! | request | answer |
//! | --- | --- |
//! | `{"inspect": FILE, "base": IRI}` | `{"graphs": [IRI…]}` |
//! | `{"ask": FILE, "base": IRI, "sources": [{"file": FILE, "notation": NAME, "graph": IRI or null}…]}` | `{"boolean": …}`, `{"variables": […], "rows": [[TERM or null…]…]}` or `{"statements": [[TERM, IRI, TERM]…]}` |
//!
//! FILE is `{"path": …, "hex": …}`, its bytes in hexadecimal digits. TERM is `{"iri": …}`, `{"blank": …}` or `{"value": …,
//! "datatype": …, "language": … or null}`. NAME is as in the ABI. Any answer may be `{"error": …}` instead. The limit of rows
//! is [`LIMIT`], the seed 1, and it is [`NOW`].

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use sparql::{
    Answer, Failure, File, Inspected, Literal, Notation, Query, Setting, Source, Statement, Table, Term, ask, inspect,
};

/// How many rows an answer may have.
pub const LIMIT: u32 = 1_000_000;
/// The time of all tests, in seconds since 1970.
pub const NOW: i64 = 1_700_000_000;

/// What answers.
pub enum Engine {
    /// The functions of this crate.
    Native,
    /// A program.
    Program { child: Child, input: ChildStdin, output: BufReader<ChildStdout> },
}

impl Engine {
    /// Starts a program.
    pub fn program(path: &str) -> std::io::Result<Self> {
        let mut child = Command::new(path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let (Some(input), Some(output)) = (input, output) else { unreachable!("both are piped") };
        Ok(Engine::Program { child, input, output })
    }

    /// The graphs that a query names; an error where it can't be read.
    pub fn inspect(&mut self, base: &str, query: File) -> Result<Vec<String>, String> {
        match self {
            Engine::Native => {
                let inspected = Inspected { file: query, parameters: Vec::new() };
                inspect::inspect(&setting(base), &inspected)
                    .map(|told| told.graphs)
                    .map_err(|failure| message(&failure))
            }
            Engine::Program { .. } => {
                let answer = self.exchange(&json!({ "inspect": file(&query), "base": base }))?;
                Ok(texts(&answer["graphs"]))
            }
        }
    }

    /// What a query gives.
    pub fn ask(&mut self, base: &str, sources: &[Source], query: File) -> Result<Answer, String> {
        match self {
            Engine::Native => {
                let query = Query { file: query, parameters: Vec::new(), limit: LIMIT, explain: false };
                let answered = ask::ask(&setting(base), sources, &[query]).remove(0);
                answered.map(|answered| answered.answer).map_err(|failure| message(&failure))
            }
            Engine::Program { .. } => {
                let source = |source: &Source| json!({ "file": file(&source.file), "notation": name(source.notation), "graph": source.graph });
                let sources: Vec<Value> = sources.iter().map(source).collect();
                read(&self.exchange(&json!({ "ask": file(&query), "base": base, "sources": sources }))?)
            }
        }
    }

    fn exchange(&mut self, request: &Value) -> Result<Value, String> {
        let Engine::Program { input, output, .. } = self else { unreachable!("nothing is exchanged natively") };
        let mut line = String::new();
        writeln!(input, "{request}").and_then(|()| input.flush()).expect("the program takes requests");
        output.read_line(&mut line).expect("the program answers");
        let answer: Value = serde_json::from_str(&line).expect("the program answers in JSON");
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Engine::Program { child, .. } = self {
            // It ends with its input; if it has ended before, there is nothing to do.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn setting(base: &str) -> Setting {
    Setting { base: base.to_owned(), prefixes: Vec::new(), seed: 1, now: NOW }
}

fn file(file: &File) -> Value {
    let mut hex = String::new();
    for byte in &file.contents {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    json!({ "path": file.path, "hex": hex })
}

fn name(notation: Notation) -> &'static str {
    match notation {
        Notation::Turtle => "turtle",
        Notation::Trig => "trig",
        Notation::NTriples => "n-triples",
        Notation::NQuads => "n-quads",
        Notation::RdfXml => "rdf-xml",
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read(answer: &Value) -> Result<Answer, String> {
    if let Some(holds) = answer["boolean"].as_bool() {
        return Ok(Answer::Boolean(holds));
    }
    let needed = |value: &Value| term(value).ok_or_else(|| format!("no term: {value}"));
    if let Some(rows) = answer["rows"].as_array() {
        let rows = rows.iter().map(|row| row.as_array().into_iter().flatten().map(term).collect()).collect();
        return Ok(Answer::Table(Table { variables: texts(&answer["variables"]), rows }));
    }
    let statement = |value: &Value| {
        Ok(Statement {
            subject: needed(&value[0])?,
            predicate: value[1].as_str().unwrap_or_default().to_owned(),
            object: needed(&value[2])?,
        })
    };
    answer["statements"]
        .as_array()
        .ok_or("no answer")?
        .iter()
        .map(statement)
        .collect::<Result<_, _>>()
        .map(Answer::Graph)
}

fn term(value: &Value) -> Option<Term> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let literal = || {
        Some(Term::Literal(Literal { value: text("value")?, datatype: text("datatype")?, language: text("language") }))
    };
    text("iri").map(Term::Iri).or_else(|| text("blank").map(Term::Blank)).or_else(literal)
}

/// What a failure says.
fn message(failure: &Failure) -> String {
    match failure {
        Failure::Invalid(findings) => {
            findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join("; ")
        }
        Failure::Unsupported(why) | Failure::Internal(why) => why.clone(),
    }
}
