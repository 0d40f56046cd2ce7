//! A parameter is a value, whatever it is made of.

use proptest::prelude::*;

use super::{asked_with, refusal, rows};
use crate::{Literal, Parameter, Term};

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

fn literal(name: &str, value: &str, datatype: &str) -> Parameter {
    let value = Literal { value: value.to_owned(), datatype: format!("{XSD}{datatype}"), language: None };
    Parameter { name: name.to_owned(), value: Term::Literal(value) }
}

fn iri(name: &str, iri: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: Term::Iri(iri.to_owned()) }
}

const PORTS: &str = "@prefix : <http://example.org/> . :a :port 1 . :b :port 20 . :c :port 300 .";

#[test]
fn numbers_are_compared_as_numbers() {
    let text = "PREFIX : <http://example.org/> SELECT ?s ?least { ?s :port ?port FILTER(?port >= ?least) }";
    let given = rows(asked_with(PORTS, text, vec![literal("least", "20", "integer")]));
    assert_eq!(
        given,
        ["<http://example.org/b> \"20\"^^integer", "<http://example.org/c> \"20\"^^integer"],
        "a parameter that is asked for is given"
    );
}

#[test]
fn a_parameter_reaches_into_every_part() {
    let cases = [
        ("SELECT ?s { ?s :port ?p }", vec!["<http://example.org/b>"]),
        ("SELECT ?s { { SELECT ?s { ?s :port ?p } } }", vec!["<http://example.org/b>"]),
        ("SELECT ?s { ?s :port ?any FILTER EXISTS { ?s :port ?p } }", vec!["<http://example.org/b>"]),
        ("SELECT ?s { ?s :port ?any MINUS { ?s :port ?p } }", vec!["<http://example.org/a>", "<http://example.org/c>"]),
        ("SELECT (BOUND(?p) AS ?is) {}", vec!["\"true\"^^boolean"]),
        ("SELECT (?p + 1 AS ?next) {}", vec!["\"21\"^^integer"]),
        ("SELECT ?p (COUNT(?s) AS ?n) { ?s :port ?p } GROUP BY ?p", vec!["\"20\"^^integer \"1\"^^integer"]),
        ("SELECT ?s { ?s :port ?any } ORDER BY (?any = ?p) ?any LIMIT 1", vec!["<http://example.org/a>"]),
        ("ASK { ?s :port ?p }", vec!["true"]),
        (
            "SELECT ?p ?s { ?s :port ?p { SELECT ?p ?s { ?s :port ?p } } }",
            vec!["\"20\"^^integer <http://example.org/b>"],
        ),
        ("SELECT * { ?s :port ?p }", vec!["\"20\"^^integer <http://example.org/b>"]),
        (
            "SELECT ?s { ?s :port ?any OPTIONAL { ?s :port ?p . BIND(1 AS ?is) } FILTER(BOUND(?is)) }",
            vec!["<http://example.org/b>"],
        ),
        (
            "SELECT ?s { { ?s :port ?p } UNION { ?s :port 1 } }",
            vec!["<http://example.org/a>", "<http://example.org/b>"],
        ),
        ("SELECT ?s { ?s (:port|:other)+ ?p }", vec!["<http://example.org/b>"]),
        ("SELECT (SUM(?p) AS ?all) { ?s :port ?any }", vec!["\"60\"^^integer"]),
        ("SELECT ?s { ?s :port ?any } GROUP BY ?s HAVING (MAX(?any) > ?p)", vec!["<http://example.org/c>"]),
        ("SELECT DISTINCT ?p { ?s :port ?any }", vec!["\"20\"^^integer"]),
        ("SELECT ?s { ?p :port ?s }", vec![]),
        (
            "SELECT ?s { ?s :port ?any FILTER(?p IN (20, 21) && ?any = COALESCE(?p, 1)) }",
            vec!["<http://example.org/b>"],
        ),
        (
            "CONSTRUCT { ?s :is ?p } WHERE { ?s :port ?p }",
            vec!["<http://example.org/b> <http://example.org/is> \"20\"^^integer"],
        ),
    ];
    for (text, wanted) in cases {
        let text = format!("PREFIX : <http://example.org/> {text}");
        assert_eq!(rows(asked_with(PORTS, &text, vec![literal("p", "20", "integer")])), wanted, "{text}");
    }
}

#[test]
fn an_iri_may_stand_where_only_iris_can() {
    let text = "SELECT ?s { ?s ?by 20 }";
    assert_eq!(rows(asked_with(PORTS, text, vec![iri("by", "http://example.org/port")])), ["<http://example.org/b>"]);
    assert_eq!(
        refusal(asked_with(PORTS, text, vec![literal("by", "port", "string")])),
        "query/parameter: `?by` stands where only an IRI can, and its value is a literal (give the parameter another name, or \
         bind the variable nowhere else)"
    );
}

#[test]
fn an_iri_reaches_graphs_and_what_is_described() {
    let wanted = ["<http://example.org/b> <http://example.org/port> \"20\"^^integer"];
    assert_eq!(rows(asked_with(PORTS, "DESCRIBE ?x", vec![iri("x", "http://example.org/b")])), wanted);
    assert_eq!(rows(asked_with(PORTS, "DESCRIBE ?x { ?x ?p ?o }", vec![iri("x", "http://example.org/b")])), wanted);
    let text = "CONSTRUCT { ?s ?by 1 } WHERE { ?s ?p 20 }";
    let given = rows(asked_with(PORTS, text, vec![iri("by", "http://example.org/is")]));
    assert_eq!(given, ["<http://example.org/b> <http://example.org/is> \"1\"^^integer"]);
    let text = "ASK { GRAPH ?g { ?s ?p ?o } }";
    assert_eq!(rows(asked_with(PORTS, text, vec![iri("g", "http://example.org/g")])), ["false"]);
    assert!(
        refusal(asked_with(PORTS, text, vec![literal("g", "g", "string")])).contains("stands where only an IRI can")
    );
}

#[test]
fn a_parameter_is_given_once() {
    let twice = vec![literal("o", "1", "integer"), literal("o", "2", "integer")];
    assert_eq!(
        refusal(asked_with(PORTS, "ASK { ?s ?p ?o }", twice)),
        "query/parameter: the parameter `?o` is given twice"
    );
    assert_eq!(
        refusal(asked_with(PORTS, "ASK { ?s ?p ?o }", vec![literal("o} #", "1", "integer")])),
        "query/parameter: `o} #` is no name of a variable"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |text: &str, parameter: Parameter| refusal(asked_with(PORTS, text, vec![parameter]));
    assert_eq!(
        refused("SELECT ?s { ?s ?p ?leest }", literal("least", "1", "integer")),
        "query/parameter: the query has no variable `?least`; did you mean `?leest`?"
    );
    assert!(refused("SELECT ?x { BIND(1 AS ?x) }", literal("x", "1", "integer")).contains("by `BIND`"));
    assert!(refused("SELECT ?x { VALUES ?x { 1 } }", literal("x", "1", "integer")).contains("by `VALUES`"));
    assert!(refused("SELECT ?s { ?s ?p ?x }", iri("x", "a> ?q <b")).contains("is no IRI"));
    let mut untold = literal("x", "a", "string");
    if let Term::Literal(literal) = &mut untold.value {
        literal.datatype = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString".to_owned();
    }
    assert!(refused("SELECT ?s { ?s ?p ?x }", untold).contains("and no language"));
    let blank = Parameter { name: "x".to_owned(), value: Term::Blank("b0".to_owned()) };
    assert!(refused("SELECT ?s { ?s ?p ?x }", blank).contains("a blank node"));
}

proptest! {
    /// Quotes, braces, line ends, keywords and what ends an IRI are characters of a value.
    #[test]
    fn a_value_changes_nothing_but_values(text in r#"([ -~\n\r\t]|"|'|\\|\}|\{|>|<|SELECT|UNION|#|\u{0}|é|\u{202e}){0,24}"#) {
        let query = "PREFIX : <http://example.org/> SELECT ?given (STRLEN(?given) AS ?length) { ?s :port 20 }";
        let given = rows(asked_with(PORTS, query, vec![literal("given", &text, "string")]));
        prop_assert_eq!(given, vec![format!("\"{text}\" \"{}\"^^integer", text.chars().count())]);
    }

    /// What is no IRI is refused, and what is one stands as it is.
    #[test]
    fn an_iri_is_one_or_is_refused(text in r#"http://[a-z]{1,5}/([ -~]|>|"|\\|\}){0,12}"#) {
        let query = "SELECT ?x { BIND(1 AS ?one) FILTER(ISIRI(?x)) }";
        match asked_with(PORTS, query, vec![iri("x", &text)]) {
            Ok(given) => prop_assert_eq!(rows(Ok(given)), vec![format!("<{text}>")]),
            refused => prop_assert!(refusal(refused).contains("is no IRI")),
        }
    }
}
