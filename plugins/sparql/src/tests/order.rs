//! In which order rows come, and what does not change an answer.

use proptest::prelude::*;

use super::{asked, file, rows, setting, turtle};
use crate::terms::Key;
use crate::{Answer, Notation, Query, Source, Term, ask};

/// Values of all kinds, that SPARQL compares with some others only.
const MIXED: [&str; 30] = [
    "1",
    "1.0",
    "1.0e0",
    "9",
    "10",
    "-3",
    "'10'",
    "'5'",
    "'9'",
    "'a'",
    "'a'@de",
    "'a'@en",
    "'b'@de",
    "'INF'^^xsd:double",
    "'-INF'^^xsd:float",
    "'NaN'^^xsd:double",
    "'-0'^^xsd:double",
    "0",
    "'abc'^^xsd:integer",
    "true",
    "false",
    "'2024-01-01T00:00:00Z'^^xsd:dateTime",
    "'2024-01-01T00:00:00+01:00'^^xsd:dateTime",
    "'2024-01-01T00:00:00'^^xsd:dateTime",
    "'2024-01-01'^^xsd:date",
    "9007199254740993",
    "9007199254740992",
    "<a>",
    "_:b",
    "'x'^^<type>",
];

fn mixed(order: &[usize]) -> String {
    let statements = order.iter().map(|at| format!("<s{at}> <p> {} .\n", MIXED[*at]));
    format!("@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n{}", statements.collect::<String>())
}

const WANTED: [&str; 30] = [
    "_:b0",
    "<http://example.org/a>",
    "\"-INF\"^^float",
    "\"-3\"^^integer",
    "\"-0\"^^double",
    "\"0\"^^integer",
    "\"1.0e0\"^^double",
    "\"1.0\"^^decimal",
    "\"1\"^^integer",
    "\"9\"^^integer",
    "\"10\"^^integer",
    "\"9007199254740992\"^^integer",
    "\"9007199254740993\"^^integer",
    "\"INF\"^^double",
    "\"NaN\"^^double",
    "\"10\"",
    "\"5\"",
    "\"9\"",
    "\"a\"",
    "\"a\"@de",
    "\"a\"@en",
    "\"b\"@de",
    "\"false\"^^boolean",
    "\"true\"^^boolean",
    "\"2024-01-01T00:00:00+01:00\"^^dateTime",
    "\"2024-01-01T00:00:00\"^^dateTime",
    "\"2024-01-01T00:00:00Z\"^^dateTime",
    "\"x\"^^http://example.org/type",
    "\"2024-01-01\"^^date",
    "\"abc\"^^integer",
];

#[test]
fn values_of_all_kinds_have_one_order() {
    let data = mixed(&(0..MIXED.len()).collect::<Vec<_>>());
    assert_eq!(rows(asked(&data, "SELECT ?o { ?s ?p ?o }")), WANTED, "sorted by the engine");
    assert_eq!(rows(asked(&data, "SELECT ?o { ?s ?p ?o } ORDER BY ?o")), WANTED, "sorted by the query");
    let mut backwards = rows(asked(&data, "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o)"));
    backwards.reverse();
    assert_eq!(backwards, WANTED);
}

#[test]
fn what_an_order_does_not_tell_apart_is_sorted_by_values() {
    let data = "<a> <p> 1 ; <q> 'z' . <b> <p> 1 ; <q> 'y' . <c> <p> 0 ; <q> 'x' .";
    let text = "SELECT ?q ?s { ?s <p> ?p ; <q> ?q } ORDER BY DESC(?p)";
    let wanted = ["\"y\" <http://example.org/b>", "\"z\" <http://example.org/a>", "\"x\" <http://example.org/c>"];
    assert_eq!(rows(asked(data, text)), wanted);
    // In a query within another, too, and where a limit leaves some.
    let text = "SELECT ?s { { SELECT ?s { ?s <p> ?p ; <q> ?q } ORDER BY DESC(?p) LIMIT 1 } }";
    assert_eq!(rows(asked(data, text)), ["<http://example.org/a>"]);
}

#[test]
fn what_has_no_value_comes_first() {
    let data = "<a> <p> 1 ; <q> 2 . <b> <p> 0 .";
    let text = "SELECT ?q ?s { ?s <p> ?p OPTIONAL { ?s <q> ?q } }";
    let wanted = ["- <http://example.org/b>", "\"2\"^^integer <http://example.org/a>"];
    assert_eq!(rows(asked(data, text)), wanted);
    assert_eq!(rows(asked(data, &format!("{text} ORDER BY ?q"))), wanted);
}

#[test]
fn keys_that_are_written_have_the_same_order() {
    use oxrdf::{Literal, NamedNode};
    let xsd = |name: &str| NamedNode::new_unchecked(format!("http://www.w3.org/2001/XMLSchema#{name}"));
    let mut nodes: Vec<oxrdf::Term> = vec![
        Literal::new_simple_literal("a\0b").into(),
        Literal::new_simple_literal("a").into(),
        Literal::new_simple_literal("a\u{1}").into(),
        Literal::new_simple_literal("").into(),
        Literal::new_language_tagged_literal_unchecked("a", "b").into(),
        Literal::new_typed_literal("-1e300", xsd("double")).into(),
        Literal::new_typed_literal("-1", xsd("double")).into(),
        Literal::new_typed_literal("0.1", xsd("float")).into(),
        Literal::new_typed_literal("0.1", xsd("double")).into(),
        Literal::new_typed_literal("0.1", xsd("decimal")).into(),
        Literal::new_typed_literal("-170000000000000000000", xsd("integer")).into(),
        Literal::new_typed_literal("1971-01-01T00:00:00Z", xsd("dateTime")).into(),
        Literal::new_typed_literal("1969-01-01T00:00:00Z", xsd("dateTime")).into(),
        NamedNode::new_unchecked("http://a/").into(),
    ];
    let mut others = nodes.clone();
    nodes.sort_by(|left, right| Key::of(left).cmp(&Key::of(right)));
    others.sort_by_key(|node| Key::of(node).written());
    assert_eq!(nodes, others);
    let unequal = nodes.windows(2).all(|pair| Key::of(&pair[0]) != Key::of(&pair[1]));
    assert!(unequal, "nodes that differ are not equal in their order");
}

/// Queries whose answers could depend on the order in which statements are found.
const ASKED: [&str; 9] = [
    "SELECT ?s ?o { ?s <p> ?o }",
    "SELECT ?s ?o { ?s <p> ?o } LIMIT 4",
    "SELECT ?o (COUNT(*) AS ?n) (SAMPLE(?s) AS ?one) { ?s <p> ?o } GROUP BY ?o",
    "SELECT (GROUP_CONCAT(STR(?o); SEPARATOR=',') AS ?all) { ?s <p> ?o }",
    "SELECT ?o { ?s <p> ?o } ORDER BY STRLEN(STR(?o)) LIMIT 5",
    "SELECT DISTINCT ?t { ?s <p>/^<p> ?t }",
    "CONSTRUCT { ?s <of> [ <value> ?o ] } WHERE { ?s <p> ?o }",
    "DESCRIBE ?s { ?s <p> ?o FILTER(ISBLANK(?o)) }",
    "ASK { ?s <p> true }",
];

fn batch() -> Vec<Query> {
    ASKED.iter().map(|text| super::query(text)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Neither the order of statements in a file nor that of the files counts.
    #[test]
    fn the_order_of_sources_does_not_matter(
        order in Just((0..MIXED.len()).collect::<Vec<_>>()).prop_shuffle(),
        cut in 0..MIXED.len(),
        swapped in any::<bool>(),
    ) {
        // Blank nodes are told apart by the place that they have in their file.
        let sources = |order: &[usize], swapped: bool| {
            let mut sources = vec![
                Source { file: file("one.ttl", &mixed(&order[..cut])), notation: Notation::Turtle, graph: None },
                Source { file: file("two.ttl", &mixed(&order[cut..])), notation: Notation::Turtle, graph: None },
            ];
            if swapped {
                sources.reverse();
            }
            sources
        };
        let mut sorted = order.clone();
        sorted[..cut].sort_unstable();
        sorted[cut..].sort_unstable();
        let wanted = ask::ask(&setting(), &sources(&sorted, false), &batch());
        prop_assert_eq!(ask::ask(&setting(), &sources(&order, swapped), &batch()), wanted);
    }

    /// What a query gives does not depend on those before it.
    #[test]
    fn a_batch_is_single_calls(order in Just((0..ASKED.len()).collect::<Vec<_>>()).prop_shuffle()) {
        let sources = [turtle(&mixed(&(0..MIXED.len()).collect::<Vec<_>>()))];
        let queries = batch();
        let together: Vec<Query> = order.iter().map(|at| queries[*at].clone()).collect();
        let given = ask::ask(&setting(), &sources, &together);
        for (at, given) in order.iter().zip(given) {
            let alone = ask::ask(&setting(), &sources, std::slice::from_ref(&queries[*at])).remove(0);
            prop_assert_eq!(given, alone, "{}", ASKED[*at]);
        }
    }
}

#[test]
fn blank_nodes_are_named_in_the_order_in_which_they_are_met() {
    let data = "<a> <p> [ <q> 1 ] . <b> <p> [ <q> 0 ] . <c> <p> [ <q> 2 ] .";
    let given = rows(asked(data, "SELECT ?s ?o ?q { ?s <p> ?o . ?o <q> ?q } ORDER BY ?q"));
    let wanted = [
        "<http://example.org/b> _:b0 \"0\"^^integer",
        "<http://example.org/a> _:b1 \"1\"^^integer",
        "<http://example.org/c> _:b2 \"2\"^^integer",
    ];
    assert_eq!(given, wanted);
    let made = rows(asked(data, "CONSTRUCT { [] <is> ?q } WHERE { ?o <q> ?q }"));
    let labels: Vec<&str> = made.iter().map(|row| row.split(' ').next().unwrap()).collect();
    assert_eq!(labels, ["_:b0", "_:b1", "_:b2"]);
}

#[test]
fn the_same_statement_counts_once_against_the_limit() {
    let data = (0..3000).map(|at| format!("<s{at}> <p> {} .\n", at % 7)).collect::<Vec<_>>().concat();
    let asked = |limit: u32| {
        let query = Query { limit, ..super::query("CONSTRUCT { <all> <have> ?o } WHERE { ?s <p> ?o }") };
        ask::ask(&setting(), &[turtle(&data)], &[query]).remove(0)
    };
    let Ok(answered) = asked(7) else { panic!("seven statements are within the limit") };
    let Answer::Graph(statements) = answered.answer else { panic!("no graph") };
    assert_eq!(statements.len(), 7);
    assert!(matches!(&statements[0].object, Term::Literal(literal) if literal.value == "0"));
    assert!(super::refusal(asked(6)).starts_with("query/rows: the query gives more than 6 statements"));
}

#[test]
fn a_labelled_blank_node_is_the_same_within_a_row_only() {
    let data = "<a> <p> 1 . <b> <p> 2 .";
    let text = "SELECT ?s (BNODE('x') AS ?one) (BNODE('x') AS ?same) (BNODE('y') AS ?other) { ?s <p> ?o } ORDER BY ?s";
    let wanted = ["<http://example.org/a> _:b0 _:b0 _:b1", "<http://example.org/b> _:b2 _:b2 _:b3"];
    assert_eq!(rows(asked(data, text)), wanted);
}
