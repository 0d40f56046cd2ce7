//! Asks the built-in query engine, in its sandbox, as another program says: the other side of `plugins/sparql/examples/w3c`,
//! whose `engine.rs` says what is exchanged. A JSON object on each line of the input, and one on each line of the output.
#![allow(clippy::disallowed_macros, reason = "an example prints")]

use std::collections::BTreeMap;
use std::io::BufRead;

use packbox::digest::Digest;
use packbox::engine::{Compiler, Component, Engine, EngineOptions, Limits};
use packbox::grants::Grants;
use packbox::plugins::QueryEngine;
use packbox::query::{Answer, Notation, Query, Setting, Source, Term};
use packbox::secrets::Secrets;
use packbox::{Diagnostic, Error, ErrorKind, Result};
use serde_json::{Value, json};

/// How many rows an answer may have.
const LIMIT: u32 = 1_000_000;
/// The time of all queries, in seconds since 1970.
const NOW: i64 = 1_700_000_000;

fn main() -> Result<()> {
    // The component is this repository's own.
    let engine = Engine::new(EngineOptions::new(Compiler::InProcess))?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/plugins/prebuilt/sparql.wasm");
    let bytes = std::fs::read(path).map_err(|error| Error::new(ErrorKind::Io, format!("{path}: {error}")))?;
    let component =
        Component { name: "sparql", bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted: false };
    let asked = QueryEngine::prepare(&component, &Limits::DEFAULT, Grants::NONE);
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
        let request: Value =
            serde_json::from_str(&line).map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))?;
        println!("{}", answered(&engine, &asked, &request)?);
    }
    Ok(())
}

fn answered(engine: &Engine, asked: &QueryEngine, request: &Value) -> Result<Value> {
    let setting = Setting { base: text(&request["base"]), seed: 1, now: NOW, ..Setting::default() };
    let (secrets, run) = (Secrets::default(), engine.run());
    let (path, contents) = file(if request["ask"].is_null() { &request["inspect"] } else { &request["ask"] });
    let parameters = BTreeMap::new();
    let query = Query { path: &path, text: &contents, parameters, limit: LIMIT, explain: false, has_secret: false };
    if request["ask"].is_null() {
        let told = asked.inspect(&run, &setting, &[query], &secrets)?.pop();
        return Ok(match told {
            Some((Ok(told), _)) => json!({ "graphs": told.graphs }),
            Some((Err(failure), _)) => refused(&failure.findings),
            None => Value::Null,
        });
    }
    let sources = request["sources"].as_array().cloned().unwrap_or_default();
    let files: Vec<(String, Vec<u8>)> = sources.iter().map(|source| file(&source["file"])).collect();
    let sources: Vec<Source<'_>> = sources
        .iter()
        .zip(&files)
        .map(|(source, (path, contents))| Source {
            path,
            contents,
            notation: serde_json::from_value(source["notation"].clone()).unwrap_or(Notation::Turtle),
            graph: source["graph"].as_str().map(str::to_owned),
            has_secret: false,
        })
        .collect();
    Ok(match asked.ask(&run, &setting, (&sources, &[query]), &secrets)?.pop() {
        Some((Ok(answered), _)) => written(&answered.answer),
        Some((Err(failure), _)) => refused(&failure.findings),
        None => Value::Null,
    })
}

fn written(answer: &Answer) -> Value {
    match answer {
        Answer::Boolean(holds) => json!({ "boolean": holds }),
        Answer::Table(table) => {
            let row = |row: &Vec<Option<Term>>| row.iter().map(|cell| cell.as_ref().map(term)).collect();
            let rows: Vec<Vec<Option<Value>>> = table.rows.iter().map(row).collect();
            json!({ "variables": table.variables, "rows": rows })
        }
        Answer::Graph(statements) => {
            let statement =
                |one: &packbox::query::Statement| json!([term(&one.subject), one.predicate, term(&one.object)]);
            json!({ "statements": statements.iter().map(statement).collect::<Vec<_>>() })
        }
    }
}

fn term(term: &Term) -> Value {
    match term {
        Term::Iri(iri) => json!({ "iri": iri }),
        Term::Blank(label) => json!({ "blank": label }),
        Term::Literal(literal) => {
            json!({ "value": literal.value, "datatype": literal.datatype, "language": literal.language })
        }
    }
}

fn refused(findings: &[Diagnostic]) -> Value {
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    json!({ "error": messages.join("; ") })
}

/// A file's path and bytes.
fn file(value: &Value) -> (String, Vec<u8>) {
    let digits = value["hex"].as_str().unwrap_or_default().as_bytes();
    let digit =
        |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
    (
        text(&value["path"]),
        digits.chunks(2).map(|pair| (digit(pair[0]) << 4) | pair.get(1).copied().map_or(0, digit)).collect(),
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
