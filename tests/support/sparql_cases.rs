//! The built-in query engine in its sandbox: chance and time are arguments, a batch is single calls, and the order of sources
//! does not matter.

use std::collections::BTreeMap;

use packbox::engine::{Compiler, Engine, EngineOptions};
use packbox::plugins::QueryEngine;
use packbox::query::{Answer, Notation, Query, Setting, Source};
use packbox::secrets::Secrets;

use super::process::binary;
use super::scene::Case;

/// The cases of this file.
pub const ALL: [(&str, Case); 2] = [("sparql/chance", chance), ("sparql/sources", sources)];

/// Queries that draw, and one that does not.
const DRAWN: [&str; 6] = [
    "SELECT (RAND() AS ?one) (RAND() AS ?other) {}",
    "SELECT (UUID() AS ?a) (STRUUID() AS ?b) {}",
    "SELECT (BNODE() AS ?a) (BNODE('x') AS ?b) ?s { ?s <p> ?o }",
    "CONSTRUCT { [] <of> ?o ; <drawn> ?r } WHERE { ?s <p> ?o BIND(RAND() AS ?r) }",
    "SELECT (NOW() AS ?now) {}",
    "SELECT ?s ?o { ?s <p> ?o } LIMIT 3",
];
const DATA: &str = "<a> <p> 1 , [] . <b> <p> 2 . [] <p> [ <p> 3 ] .";

fn engine() -> Engine {
    Engine::new(EngineOptions::new(Compiler::Child(binary().to_owned()))).expect("an engine")
}

fn setting(seed: u64, now: i64) -> Setting {
    Setting { base: "http://example.org/".to_owned(), seed, now, ..Setting::default() }
}

fn source<'a>(path: &'a str, contents: &'a str) -> Source<'a> {
    Source { path, contents: contents.as_bytes(), notation: Notation::Turtle, graph: None, has_secret: false }
}

/// What queries give, all in one call.
fn asked(engine: &Engine, setting: &Setting, sources: &[Source<'_>], queries: &[&str]) -> Result<Vec<Answer>, String> {
    let run = engine.run();
    let paths: Vec<String> = (0..queries.len()).map(|number| format!("{number}.rq")).collect();
    let queries: Vec<Query<'_>> = paths
        .iter()
        .zip(queries)
        .map(|(path, text)| Query {
            path,
            text: text.as_bytes(),
            parameters: BTreeMap::new(),
            limit: 100,
            explain: false,
            has_secret: false,
        })
        .collect();
    let come = QueryEngine::built_in(&run, None).ask(&run, setting, (sources, &queries), &Secrets::default());
    let come = come.map_err(|error| format!("{error:?}"))?;
    come.into_iter()
        .map(|(result, _)| result.map(|answered| answered.answer).map_err(|why| format!("{why:?}")))
        .collect()
}

/// What is drawn follows from the seed, for each query from its beginning.
fn chance() -> Result<(), String> {
    let engine = engine();
    let graphs = [source("data.ttl", DATA)];
    // Each twice, the second time behind others.
    let twice: Vec<&str> = DRAWN.iter().chain(DRAWN.iter().rev()).copied().collect();
    let together = asked(&engine, &setting(7, 0), &graphs, &twice)?;
    for (text, given) in twice.iter().zip(&together) {
        let alone = asked(&engine, &setting(7, 0), &graphs, &[text])?;
        if alone[0] != *given {
            return Err(format!("{text}: {given:?} in a batch, {:?} alone", alone[0]));
        }
    }
    let other = asked(&engine, &setting(8, 1), &graphs, &DRAWN)?;
    for (number, is_other) in [true, true, false, true, true, false].into_iter().enumerate() {
        if (together[number] != other[number]) != is_other {
            return Err(format!("{}: {:?} and {:?}", DRAWN[number], together[number], other[number]));
        }
    }
    let Answer::Table(drawn) = &together[0] else { return Err("no table".to_owned()) };
    if drawn.rows[0][0] == drawn.rows[0][1] {
        return Err("the second number is the first one".to_owned());
    }
    Ok(())
}

/// The same statements give the same answers, whatever order their files come in.
fn sources() -> Result<(), String> {
    let engine = engine();
    let queries = ["SELECT ?s ?p ?o { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o } LIMIT 2", "DESCRIBE ?s { ?s <p> ?o }"];
    let files = [source("a.ttl", DATA), source("b.ttl", "<c> <p> [] , 'x'@en ."), source("c.ttl", "<b> <p> 4 .")];
    let wanted = asked(&engine, &setting(7, 0), &files, &queries)?;
    for order in [[1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        let given = asked(&engine, &setting(7, 0), &order.map(|at| files[at].clone()), &queries)?;
        if given != wanted {
            return Err(format!("{order:?}: {given:?}, not {wanted:?}"));
        }
    }
    Ok(())
}
