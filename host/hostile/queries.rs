//! Queries and graphs that mean harm, for the engine that is built in: products, paths, expressions, sizes, depths, entities.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::case::{Case, write};
use crate::engine::{Profile, Role};
use crate::plugins::built_in;

/// An attack: a query about a graph.
#[derive(Clone, Copy)]
struct Attack {
    name: &'static str,
    about: &'static str,
    stopped_by: &'static str,
    query: fn() -> String,
    /// The graph's name, and what is in it.
    graph: (&'static str, fn() -> String),
    /// More arguments.
    arguments: &'static [&'static str],
    exits: &'static [u8],
    reasons: &'static [&'static str],
}

/// What endless ones are allowed.
const A_SECOND: &[&str] = &["--limit", "time=1s"];

/// The cases, each of one call of the built-in engine.
pub(super) fn cases() -> Vec<Case> {
    attacks().into_iter().map(case).collect()
}

fn case(attack: Attack) -> Case {
    let Attack { name, about, stopped_by, query, graph: (path, contents), arguments, exits, reasons } = attack;
    let call = ["plugin", "run", "sparql.wasm", "--query", "query.rq", "--graph", path];
    let arguments: Vec<&str> = call.iter().chain(arguments).copied().collect();
    let make = move |folder: &Path| {
        write(folder, "sparql.wasm", built_in::sparql().component(Profile::Run).bytes)?;
        write(folder, "query.rq", query())?;
        write(folder, path, contents())
    };
    let mut made = Case::validate(format!("query/{name}"), about, make).arguments(arguments.iter().copied());
    made = made.ends(stopped_by, exits, reasons);
    // What is no matter of time has as much as a call has.
    let time = if arguments.contains(&"time=1s") { Duration::from_secs(1) } else { Duration::from_secs(30) };
    made.expected.deadline = Some(time);
    made.expected.guest_memory = Role::QueryEngine.limits().memory.unwrap_or(0);
    made
}

fn attacks() -> Vec<Attack> {
    let mut attacks = products();
    attacks.extend(sizes());
    attacks.extend(depths());
    attacks
}

fn products() -> Vec<Attack> {
    vec![
        Attack {
            name: "cross-product",
            about: "each of 10,000 statements with each of 10,000 others, counted",
            stopped_by: "time",
            query: || "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y }".to_owned(),
            graph: ("data.nt", || statements(10_000)),
            arguments: A_SECOND,
            exits: &[4],
            reasons: &["time"],
        },
        Attack {
            name: "cross-product-sorted",
            about: "each of 10,000 statements with each of 10,000 others, sorted",
            stopped_by: "time, memory or rows",
            query: || "SELECT * { ?a ?p ?x . ?b ?q ?y } ORDER BY ?x ?y".to_owned(),
            graph: ("data.nt", || statements(10_000)),
            arguments: &[],
            exits: &[1, 4],
            reasons: &["time", "memory", "query/rows"],
        },
        Attack {
            name: "path-over-a-clique",
            about: "paths of paths over 300 nodes, each of which has a statement about each",
            stopped_by: "time",
            query: || {
                "SELECT (COUNT(*) AS ?n) { ?a (<urn:p>+/<urn:p>*)+ ?b . ?b <urn:p>+ ?c . ?c <urn:p>+ ?d }".to_owned()
            },
            graph: ("data.nt", || clique(300)),
            arguments: A_SECOND,
            exits: &[4],
            reasons: &["time"],
        },
        Attack {
            name: "million-rows",
            about: "a million rows, all of them wanted",
            stopped_by: "size of the result",
            query: || "SELECT * { ?a ?p ?x . ?b ?q ?y }".to_owned(),
            graph: ("data.nt", || statements(1_000)),
            arguments: &["--options", "{\"limit\": 4000000000}"],
            exits: &[4],
            reasons: &["result", "memory"],
        },
        Attack {
            name: "too-many-rows",
            about: "a million rows, 10,000 of them wanted",
            stopped_by: "rows that are wanted",
            query: || "SELECT * { ?a ?p ?x . ?b ?q ?y }".to_owned(),
            graph: ("data.nt", || statements(1_000)),
            arguments: &[],
            exits: &[1],
            reasons: &["query/rows"],
        },
        Attack {
            name: "growing-text",
            about: "a text that is doubled thirty times",
            stopped_by: "memory",
            query: || {
                let mut query = "SELECT ?t30 { BIND(\"0123456789abcdef\" AS ?t0)\n".to_owned();
                for number in 0..30 {
                    let _ = writeln!(query, "BIND(CONCAT(?t{number}, ?t{number}) AS ?t{})", number + 1);
                }
                query + "}"
            },
            graph: ("data.nt", || statements(1)),
            arguments: &[],
            exits: &[4],
            reasons: &["memory", "result", "trap"],
        },
    ]
}

fn sizes() -> Vec<Attack> {
    vec![
        Attack {
            name: "regex-bomb",
            about: "a regular expression of repetitions of repetitions, over a long text",
            stopped_by: "size of expressions; else time",
            query: || {
                format!(
                    "SELECT * {{ ?s ?p ?o FILTER(REGEX(\"{}\", \"((((a{{1,100}}){{1,100}}){{1,100}}){{1,100}})*b\")) }}",
                    "a".repeat(50_000)
                )
            },
            graph: ("data.nt", || statements(100)),
            arguments: A_SECOND,
            exits: &[0, 1, 4],
            reasons: &[],
        },
        Attack {
            name: "large-turtle",
            about: "100 MB of Turtle",
            stopped_by: "input",
            query: || "ASK {}".to_owned(),
            graph: ("data.ttl", || {
                let line = "<urn:s> <urn:p> \"the same again and again\" .\n";
                line.repeat(100_000_000 / line.len())
            }),
            arguments: &[],
            exits: &[4],
            reasons: &["input"],
        },
        Attack {
            name: "million-blank-nodes",
            about: "a million blank nodes, each of its own",
            stopped_by: "memory",
            query: || "SELECT (COUNT(*) AS ?n) { ?a ?p ?b }".to_owned(),
            graph: ("data.nt", || {
                (0..1_000_000).fold(String::new(), |mut text, number| {
                    let _ = writeln!(text, "_:b{number} <urn:p> _:c{number} .");
                    text
                })
            }),
            arguments: &[],
            exits: &[0, 4],
            reasons: &[],
        },
        Attack {
            name: "billion-laughs",
            about: "RDF/XML whose entities are made of entities, ten times",
            stopped_by: "entities that are not expanded; else memory",
            query: || "SELECT * { ?s ?p ?o }".to_owned(),
            graph: ("data.rdf", billion_laughs),
            arguments: &[],
            exits: &[1, 4],
            reasons: &[],
        },
        Attack {
            name: "endless-line",
            about: "a literal of 20 MB that does not end",
            stopped_by: "a mistake with its place",
            query: || "ASK {}".to_owned(),
            graph: ("data.ttl", || format!("<urn:s> <urn:p> \"{}", "a".repeat(20_000_000))),
            arguments: &[],
            exits: &[1, 4],
            reasons: &[],
        },
    ]
}

fn depths() -> Vec<Attack> {
    let deep = |name, about, query, graph| Attack {
        name,
        about,
        stopped_by: "depth, or the stack",
        query,
        graph,
        arguments: &[],
        exits: &[0, 1, 4],
        reasons: &[],
    };
    vec![
        deep(
            "deep-groups",
            "a query of 200,000 groups within each other",
            || format!("SELECT * {}?s ?p ?o{}", "{".repeat(200_000), "}".repeat(200_000)),
            ("data.nt", || statements(1)),
        ),
        deep(
            "deep-expression",
            "a query with an expression of 200,000 parentheses",
            || format!("SELECT * {{ ?s ?p ?o FILTER({}1{}) }}", "(".repeat(200_000), ")".repeat(200_000)),
            ("data.nt", || statements(1)),
        ),
        deep(
            "deep-negation",
            "a query with an expression of 200,000 negations",
            || format!("SELECT * {{ ?s ?p ?o FILTER({}?o) }}", "!".repeat(200_000)),
            ("data.nt", || statements(1)),
        ),
        deep(
            "deep-path",
            "a query with a path of 200,000 steps within each other",
            || format!("SELECT * {{ ?s {}<urn:p>{} ?o }}", "(".repeat(200_000), ")*".repeat(200_000)),
            ("data.nt", || statements(1)),
        ),
        deep(
            "long-union",
            "a query of 50,000 alternatives",
            || format!("SELECT * {{ {{ ?s ?p ?o }} {} }}", "UNION { ?s ?p ?o } ".repeat(50_000)),
            ("data.nt", || statements(1)),
        ),
        deep(
            "deep-nodes",
            "Turtle of 200,000 blank nodes within each other",
            || "ASK {}".to_owned(),
            ("data.ttl", || format!("<urn:s> <urn:p> {}{} .", "[ <urn:p> ".repeat(200_000), "]".repeat(200_000))),
        ),
        deep(
            "deep-lists",
            "Turtle of 200,000 lists within each other",
            || "ASK {}".to_owned(),
            ("data.ttl", || format!("<urn:s> <urn:p> {}{} .", "(".repeat(200_000), ")".repeat(200_000))),
        ),
        deep(
            "deep-elements",
            "RDF/XML of 100,000 elements within each other",
            || "ASK {}".to_owned(),
            ("data.rdf", || {
                let open = "<r:Description><e:p>".repeat(50_000);
                let close = "</e:p></r:Description>".repeat(50_000);
                format!(
                    "<r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"urn:e:\">{open}{close}</r:RDF>"
                )
            }),
        ),
    ]
}

/// So many statements, each with a subject and an object of its own.
fn statements(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "<urn:s{number}> <urn:p> \"{number}\" .");
        text
    })
}

/// A statement from each of so many nodes to each.
fn clique(nodes: usize) -> String {
    let pairs = (0..nodes).flat_map(|one| (0..nodes).map(move |other| (one, other)));
    pairs.fold(String::new(), |mut text, (one, other)| {
        let _ = writeln!(text, "<urn:n{one}> <urn:p> <urn:n{other}> .");
        text
    })
}

fn billion_laughs() -> String {
    let mut text = "<?xml version=\"1.0\"?>\n<!DOCTYPE r:RDF [\n<!ENTITY l0 \"lol\">\n".to_owned();
    for number in 1..=10 {
        let _ = writeln!(text, "<!ENTITY l{number} \"{}\">", format!("&l{};", number - 1).repeat(10));
    }
    text + "]>\n<r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"urn:e:\">\
            <r:Description r:about=\"urn:s\"><e:p>&l10;</e:p></r:Description></r:RDF>\n"
}
