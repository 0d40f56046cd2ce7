//! Query engines: the hostile ones and what must come of each, many queries at once, answers that are kept, cases and records.
//!
//! Always true here: every engine is a component of `fixtures/queries`, whose files say what it does, or the one that is built in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use packbox::digest::Digest;
use packbox::engine::{
    CacheKeySource, CacheLocation, Came, Compiler, Component, Engine, EngineOptions, Limits, Profile, Why,
};
use packbox::error::ErrorKind;
use packbox::grants::Grants;
use packbox::plugins::QueryEngine;
use packbox::query::{Answer, Notation, Query, Setting, Source, Term};
use packbox::secrets::Secrets;
use packbox::stop::StopReason;
use serde_json::json;

use super::guests;
use super::process::{Ended, Run, binary};
use super::scene::Case;

/// The cases of this file.
pub const ALL: [(&str, Case); 6] = [
    ("query-engine/hostile", hostile),
    ("query-engine/many-at-once", many_at_once),
    ("query-engine/kept", kept),
    ("query-engine/one-endless", one_endless),
    ("query-engine/tested", tested),
    ("query-engine/called", called),
];

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn expect(ended: &Ended, exit: i32, mentions: &[&str]) -> Result<(), String> {
    let text = ended.text();
    match mentions.iter().find(|mention| !text.contains(**mention)) {
        Some(mention) => Err(format!("nothing says `{mention}`: {text}")),
        None if ended.exit != exit => Err(format!("wanted exit code {exit}: {text}")),
        None => Ok(()),
    }
}

fn write(path: PathBuf, contents: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, contents).expect("a file");
}

const QUERY: &str = "SELECT ?name WHERE { ?s <http://e.example/name> ?name }\n";
const PEOPLE: &str = "<http://e.example/ada> <http://e.example/name> \"Ada\" .\n";
const CALL: [&str; 5] = ["plugin", "run", "engine.wasm", "--query", "who.rq"];

/// Writes an engine, a query and a graph.
fn with_query(folder: &Path, name: &str) {
    write(folder.join("engine.wasm"), guests::query_engine(name));
    write(folder.join("who.rq"), QUERY);
    write(folder.join("people.ttl"), PEOPLE);
}

/// Each engine comes to what its file says, with time and with fuel.
fn hostile() -> Result<(), String> {
    let mut reasons = BTreeSet::new();
    for engine in guests::query_engines() {
        let scratch = scratch();
        let folder = scratch.path();
        with_query(folder, &engine.name);
        let says = &engine.says;
        let limits: Vec<String> = says.limits.iter().map(|(name, value)| format!("--limit={name}={value}")).collect();
        let mut call = CALL.to_vec();
        call.extend(says.arguments.iter().map(String::as_str));
        if !call.contains(&"--describe") {
            call.extend(["--graph", "people.ttl"]);
        }
        // What never ends takes as much fuel as there is.
        for measure in [&[][..], &["--measure", "--limit", "fuel=200000000"]] {
            let mut arguments = call.clone();
            arguments.extend(limits.iter().map(String::as_str).chain(measure.iter().copied()));
            arguments.extend(["--format", "json"]);
            let ended = run(folder, &arguments);
            let reason = match (says.reason.as_deref(), measure) {
                // Where fuel is counted, time is not what ends it.
                (Some("time"), [_, ..]) => Some("fuel"),
                (reason, _) => reason,
            };
            let wanted: Vec<&str> = says.mentions.iter().map(String::as_str).collect();
            expect(&ended, says.exit.into(), &wanted).map_err(|why| format!("{}: {why}", engine.name))?;
            let quoted = reason.map(|reason| format!("\"{reason}\""));
            if let Some(reason) = quoted.filter(|reason| !ended.text().contains(reason.as_str())) {
                return Err(format!("{}: {reason} is not the reason: {}", engine.name, ended.text()));
            }
        }
        reasons.extend(says.reason.clone());
    }
    for wanted in ["time", "memory", "trap", "log", "result", "invalid-result"] {
        if !reasons.contains(wanted) {
            return Err(format!("no query engine shows {wanted}"));
        }
    }
    Ok(())
}

fn engine(profile: Profile, kept: Option<&Path>) -> Engine {
    let mut options = EngineOptions::new(Compiler::Child(binary().to_owned()));
    options.profile = profile;
    options.threads = NonZeroUsize::new(2).expect("not zero");
    options.cache = kept
        .map(|folder| CacheLocation { folder: folder.join("compiled"), key: CacheKeySource::File(folder.join("key")) });
    Engine::new(options).expect("an engine")
}

fn prepared(name: &str) -> QueryEngine {
    let bytes = guests::query_engine(name);
    let component = Component { name, bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted: false };
    QueryEngine::prepare(&component, &Limits::DEFAULT, Grants::NONE)
}

fn query(path: &str) -> Query<'_> {
    let parameters = BTreeMap::new();
    Query { path, text: QUERY.as_bytes(), parameters, limit: 10, explain: false, has_secret: false }
}

fn source(contents: &str) -> Source<'_> {
    let contents = contents.as_bytes();
    Source { path: "people.ttl", contents, notation: Notation::Turtle, graph: None, has_secret: false }
}

/// All queries are asked in one call, and what is not true of one answer is that query's failure only.
fn many_at_once() -> Result<(), String> {
    for (profile, most) in [(Profile::Run, 12), (Profile::Measure, 40)] {
        let engine = engine(profile, None);
        let asked = prepared("fine");
        let paths: Vec<String> = (0..40).map(|number| format!("{number:02}.rq")).collect();
        // Of ten queries one wants no row at all, and gets one.
        let wants = |number: usize| if number % 10 == 3 { 0 } else { 10 };
        let queries: Vec<Query<'_>> =
            paths.iter().enumerate().map(|(number, path)| Query { limit: wants(number), ..query(path) }).collect();
        let run = engine.run();
        let sources = [source(PEOPLE)];
        let come = asked
            .ask(&run, &Setting::default(), (&sources, &queries), &Secrets::default())
            .map_err(|error| format!("{error:?}"))?;
        if come.len() != queries.len() || run.budget().calls() > most {
            return Err(format!("{} answers in {} calls", come.len(), run.budget().calls()));
        }
        for (number, (result, _)) in come.iter().enumerate() {
            match result {
                Ok(answered) if number % 10 != 3 => {
                    let Answer::Table(table) = &answered.answer else { return Err(format!("{answered:?}")) };
                    if table.variables != ["name"] || table.rows != [vec![Some(Term::text("Ada"))]] {
                        return Err(format!("{table:?}"));
                    }
                }
                Err(failure) if number % 10 == 3 => {
                    let stop = failure.stop.as_ref().ok_or("no stop")?;
                    if (failure.kind, stop.reason) != (ErrorKind::Stopped, StopReason::InvalidResult) {
                        return Err(format!("{failure:?}"));
                    }
                }
                other => return Err(format!("{number}: {other:?}")),
            }
        }
        let told = asked
            .inspect(&run, &Setting::default(), &queries, &Secrets::default())
            .map_err(|error| format!("{error:?}"))?;
        if told.len() != 40 || told.iter().any(|(told, _)| told.as_ref().is_ok_and(|told| !told.ordered)) {
            return Err(format!("{told:?}"));
        }
    }
    Ok(())
}

/// An answer is kept by all that it depends on, and what may have a secret in it is not; it is told why something is asked again.
fn kept() -> Result<(), String> {
    let scratch = scratch();
    let setting = Setting { base: "http://e.example/".to_owned(), ..Setting::default() };
    let with_parameter = |value: &str| {
        let parameters = [("least".to_owned(), Term::text(value))].into();
        Query { parameters, ..query("who.rq") }
    };
    let ask = |setting: &Setting, source: Source<'_>, query: Query<'_>| -> Result<(Came, u64), String> {
        // Each time as if by a new process.
        let engine = engine(Profile::Run, Some(scratch.path()));
        let book = engine.book("a pack");
        let asked = prepared("fine").keeping(book.as_ref());
        let run = engine.run();
        let come = asked.ask(&run, setting, (&[source], &[query]), &Secrets::default());
        let (result, came) = come.map_err(|error| format!("{error:?}"))?.pop().ok_or("no answer")?;
        let answered = result.map_err(|failure| format!("{failure:?}"))?;
        if answered.answer.count() != Some(1) {
            return Err(format!("{answered:?}"));
        }
        drop((asked, book));
        Ok((came, run.budget().calls()))
    };
    let other = Setting { prefixes: [("e".to_owned(), "http://e.example/".to_owned())].into(), ..setting.clone() };
    let more = format!("{PEOPLE}# more\n");
    let named = Source { graph: Some("urn:g".to_owned()), ..source(&more) };
    let changed = Query { text: b"ASK {}", ..query("who.rq") };
    for (setting, source, query, why) in [
        (&setting, source(PEOPLE), query("who.rq"), Some(Why::First)),
        (&setting, source(PEOPLE), query("who.rq"), None),
        (&setting, source(&more), query("who.rq"), Some(Why::Graphs(vec!["people.ttl".to_owned()]))),
        (&setting, source(&more), query("who.rq"), None),
        (&setting, named.clone(), query("who.rq"), Some(Why::Setting)),
        (&other, source(&more), query("who.rq"), Some(Why::Setting)),
        (&other, source(&more), changed.clone(), Some(Why::Query)),
        (&other, source(&more), changed, None),
        (&setting, source(PEOPLE), with_parameter("1"), Some(Why::First)),
        (&setting, source(PEOPLE), with_parameter("1"), None),
        (&setting, source(PEOPLE), with_parameter("2"), Some(Why::Parameters)),
        (&setting, source(PEOPLE), Query { has_secret: true, ..with_parameter("2") }, Some(Why::Secret)),
        (&setting, Source { has_secret: true, ..source(PEOPLE) }, with_parameter("2"), Some(Why::Secret)),
        (&setting, source(PEOPLE), Query { limit: 11, ..with_parameter("2") }, Some(Why::Parameters)),
        (&setting, source(PEOPLE), with_parameter("2"), None),
    ] {
        let told = format!("{source:?} {query:?}");
        let (came, calls) = ask(setting, source, query)?;
        let (wanted, called) = match why {
            Some(why) => (Came::Called(vec![why]), 1),
            None => (Came::Recalled, 0),
        };
        if (&came, calls) != (&wanted, called) {
            return Err(format!("{came:?} in {calls} calls, not {wanted:?}: {told}"));
        }
    }
    Ok(())
}

/// A query that never ends costs the others of its call nothing but time, whoever comes first and on however many threads.
fn one_endless() -> Result<(), String> {
    let graph: String = (0..10_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "<urn:s{number}> <urn:p> {number} .");
        text
    });
    let endless = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y }";
    let setting = Setting { base: "http://e.example/".to_owned(), ..Setting::default() };
    let quick = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x }";
    for (threads, at) in [(1, 0), (2, 2), (2, 4)] {
        let mut options = EngineOptions::new(Compiler::Child(binary().to_owned()));
        options.threads = NonZeroUsize::new(threads).expect("not zero");
        options.limits.set("time", "2s").map_err(|error| error.to_string())?;
        let engine = Engine::new(options).map_err(|error| error.to_string())?;
        let run = engine.run();
        let asked = QueryEngine::built_in(&run, None);
        asked.plugin(&run).map_err(|error| error.to_string())?;
        let paths: Vec<String> = (0..5).map(|number| format!("{number}.rq")).collect();
        let text = |number: usize| if number == at { endless } else { quick };
        let queries: Vec<Query<'_>> = paths
            .iter()
            .enumerate()
            .map(|(number, path)| Query { text: text(number).as_bytes(), ..query(path) })
            .collect();
        let come = asked
            .ask(&run, &setting, (&[source(&graph)], &queries), &Secrets::default())
            .map_err(|error| format!("{error:?}"))?;
        for (number, (result, _)) in come.iter().enumerate() {
            match result {
                Ok(answered) if number != at => {
                    let Answer::Table(table) = &answered.answer else { return Err(format!("{answered:?}")) };
                    if table.rows != [vec![Some(Term::typed("10000", "integer"))]] {
                        return Err(format!("{table:?}"));
                    }
                }
                Err(failure) if number == at => {
                    let reason = failure.stop.as_ref().map(|stop| stop.reason);
                    if reason != Some(StopReason::Time) {
                        return Err(format!("{failure:?}"));
                    }
                }
                other => return Err(format!("{number} of {threads} threads: {other:?}")),
            }
        }
    }
    Ok(())
}

/// An engine's cases have a query and graphs; what must come out is the answer as text.
fn tested() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    let case = "query = \"who.rq\"\n\n[[graphs]]\nfile = \"people.ttl\"\n";
    let test = |name: &str, more: &[&str]| {
        with_query(folder, name);
        with_query(&folder.join("cases/a"), name);
        run(folder, &[&["plugin", "test", "engine.wasm"], more].concat())
    };
    write(folder.join("cases/a/case.toml"), case);
    expect(&test("fine", &["--bless"]), 0, &["1 blessed"])?;
    expect(&test("fine", &[]), 0, &["1 passed"])?;
    let expected = |name: &str| std::fs::read_to_string(folder.join("cases/a/expected").join(name)).unwrap_or_default();
    if expected("output") != "?name\n\"Ada\"\n" {
        return Err(expected("output"));
    }
    expect(&test("yes", &[]), 1, &["`output` is not as expected", "+true"])?;
    expect(&test("iri-relative", &["--bless"]), 1, &["stopped invalid-result", "is no IRI"])?;
    // What it says of a query has to be so.
    expect(
        &test("loop-in-inspect", &["--bless", "--limit", "fuel=200000000"]),
        1,
        &["`inspect` ended as `stopped fuel`"],
    )?;
    expect(&test("graph-no-iri", &["--bless"]), 1, &["`inspect` ended as `stopped invalid-result`"])?;
    expect(&test("form-of-another", &["--bless"]), 1, &["it calls the query `ask`, but it gave a table"])?;
    let with = |options: &str| format!("{case}\n[options]\n{options}\n");
    for (text, mentions) in [
        ("about = \"nothing\"\n".to_owned(), "must have one of"),
        (case.replace("query = \"who.rq\"\n", ""), "has `graphs`, which is for query engines"),
        (case.replace("query = \"who.rq\"", "template = \"who.rq\""), "which is for query engines"),
        ("template = \"who.rq\"\n".to_owned(), "but the component is not a renderer"),
        (case.replace("people.ttl", "../people.ttl"), "has an invalid path as `file`"),
        (case.replace("people.ttl", "who.rq"), "does not say how it is written"),
        (case.replace("\"people.ttl\"", "\"people.ttl\"\nnotation = \"n3\""), "unknown variant `n3`"),
        (with("limits = 1"), "unknown field `limits`"),
        (with("parameters = { \"a b\" = 1 }"), "`a b` is no name of a parameter"),
        (with("parameters = { a = { blank = \"b\" } }"), "the parameter `a` is neither"),
    ] {
        write(folder.join("cases/a/case.toml"), &text);
        expect(&test("fine", &[]), 2, &[mentions])?;
    }
    let options =
        with("base = \"urn:a:\"\nparameters = { a = 1, b = { iri = \"urn:b\" } }\nprefixes = { e = \"urn:e:\" }");
    write(folder.join("cases/a/case.toml"), options.replace("\"people.ttl\"", "\"people.ttl\"\ngraph = \"urn:g\""));
    expect(&test("fine", &["--bless"]), 0, &[])
}

/// `plugin run` asks a query that it is given, records the call, and makes it again; figures and profiles know engines, too.
fn called() -> Result<(), String> {
    let scratch = scratch();
    let folder = scratch.path();
    with_query(folder, "fine");
    let with = |more: &[&str]| run(folder, &[CALL.as_slice(), more].concat());
    expect(&with(&["--graph", "people.ttl"]), 0, &["?name\n\"Ada\"\n"])?;
    expect(&with(&["--describe"]), 0, &["\"form\": \"select\"", "\"ordered\": true"])?;
    expect(&with(&["--describe", "--graph", "people.ttl"]), 2, &["--describe"])?;
    expect(&with(&["--graph", "who.rq"]), 2, &["does not say how it is written"])?;
    expect(&run(folder, &CALL[..3]), 2, &["--query FILE"])?;
    expect(&with(&["--options", "{\"parameters\": {\"least\": [1]}}"]), 2, &["the parameter `least` is neither"])?;
    let document = with(&["--format", "json"]).json()?;
    let table = &document["outcome"]["result"]["ok"]["table"];
    if (&table["variables"], &table["rows"]) != (&json!(["name"]), &json!(1)) {
        return Err(document.to_string());
    }
    for (name, exit, ends) in [("fine", 0, "ok"), ("iri-relative", 4, "stopped invalid-result")] {
        with_query(folder, name);
        let options = "{\"parameters\": {\"least\": 5, \"of\": {\"iri\": \"urn:a\"}}, \"now\": -1, \"seed\": 7}";
        with(&["--graph", "people.ttl", "--options", options, "--record", "call.record"]);
        let ended = run(folder, &["plugin", "run", "--replay", "call.record", "--format", "json"]);
        let document = ended.json()?;
        let told = (&document["reproduced"], &document["function"], ended.exit);
        if told != (&json!(true), &json!("query-engine.ask"), exit)
            || !ended.text().contains(ends.trim_start_matches("stopped "))
        {
            return Err(ended.text());
        }
    }
    with_query(folder, "fine");
    with(&["--describe", "--record", "describe.record"]);
    expect(
        &run(folder, &["plugin", "run", "--replay", "describe.record"]),
        0,
        &["query-engine.inspect", "ends as `ok`"],
    )?;
    with_query(&folder.join("cases/a"), "fine");
    write(folder.join("cases/a/case.toml"), "query = \"who.rq\"\ngraphs = [{ file = \"people.ttl\" }]\n");
    expect(&run(folder, &["plugin", "bench", "engine.wasm", "--samples", "5"]), 0, &["a"])?;
    expect(
        &run(folder, &["plugin", "profile", "engine.wasm", "--samples", "1", "--time", "200ms", "-o", "p.svg"]),
        0,
        &[],
    )?;
    expect(
        &run(folder, &["plugin", "inspect", "engine.wasm"]),
        0,
        &["packbox:plugin/query-engine@0.1.0", "runs here   yes"],
    )
}
