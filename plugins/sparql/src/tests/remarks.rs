//! What is probably not as intended.

use super::{asked, inspected, setting};
use crate::{Inspected, Severity, inspect};

/// The rules of remarks that are not about the order of rows.
fn remarks(text: &str, parameters: &[&str]) -> Vec<String> {
    let parameters = parameters.iter().map(|name| (*name).to_owned()).collect();
    let described = inspect::inspect(&setting(), &Inspected { parameters, ..inspected(text) }).unwrap();
    described.remarks.into_iter().map(|remark| remark.rule).filter(|rule| rule != "query/unordered").collect()
}

#[test]
fn what_is_probably_not_intended_is_remarked() {
    let remarks = |text: &str| remarks(text, &[]);
    assert_eq!(remarks("SELECT * { ?s ?p ?o }"), ["query/select-star"]);
    assert_eq!(remarks("SELECT DISTINCT * { ?s ?p ?o }"), ["query/select-star"]);
    assert!(remarks("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").is_empty());
    assert_eq!(remarks("PREFIX a: <http://a/> PREFIX b: <http://b/> SELECT ?s { ?s b:p 1 }"), ["query/unused-prefix"]);
    assert_eq!(
        remarks("PREFIX a: <http://a/> PREFIX a: <http://b/> SELECT ?s { ?s a:p 1 }"),
        ["query/duplicate-prefix"]
    );
    assert_eq!(remarks("SELECT ?s { ?s <http://p>+ ?o }"), ["query/unbounded-path"]);
    assert!(remarks("SELECT ?s { ?s <http://p>+ ?o } LIMIT 9").is_empty());
    assert!(remarks("ASK { ?s <http://p>* ?o }").is_empty());
    assert_eq!(remarks("SELECT ?s ?nme { ?s <http://p> ?name }"), ["query/unbound-variable"]);
    assert_eq!(remarks("SELECT ?s { ?s <http://p> ?o FILTER(?o > ?least) }"), ["query/unbound-variable"]);
}

#[test]
fn a_remark_has_the_place_that_it_is_about() {
    let described =
        inspect::inspect(&setting(), &inspected("SELECT ?s {\n ?s <http://p>* ?o FILTER(?o > ?least)\n}")).unwrap();
    let place = |rule: &str| {
        let remark = described.remarks.iter().find(|remark| remark.rule == rule).unwrap();
        remark.span.as_ref().map(|span| (span.start.line, span.start.column))
    };
    assert_eq!(place("query/unordered"), Some((1, 1)));
    assert_eq!(place("query/unbounded-path"), Some((2, 15)));
    assert_eq!(place("query/unbound-variable"), Some((2, 32)));
}

#[test]
fn a_parameter_has_a_value_and_joins_nothing() {
    assert!(remarks("SELECT ?s { ?s <http://p> ?o FILTER(?o > ?least) }", &["least"]).is_empty());
    let text = "SELECT ?s ?t { ?s <http://p> ?o . ?t <http://q> ?o }";
    assert!(remarks(text, &[]).is_empty());
    assert_eq!(remarks(text, &["o"]), ["query/cartesian-product"]);
}

#[test]
fn patterns_that_nothing_joins_are_remarked() {
    let is_product = |patterns: &str| {
        let found = remarks(&format!("SELECT ?s {{ {patterns} }}"), &[]);
        assert!(
            found.iter().all(|rule| rule == "query/cartesian-product" || rule == "query/unbounded-path"),
            "{patterns}: {found:?}"
        );
        found.iter().any(|rule| rule == "query/cartesian-product")
    };
    for product in [
        "?s <p:a> ?o . ?t <p:b> ?u",
        "?s <p:a> ?o { SELECT ?t { ?t <p:b> ?u } }",
        "?s <p:a> ?o OPTIONAL { ?t <p:b> ?u }",
        "?s <p:a> ?o . ?t <p:b>+ ?u",
        "?s <p:a> ?o { ?t <p:b> ?u } UNION { ?t <p:c> ?u }",
        "{ ?s <p:c> 1 } UNION { ?s <p:a> ?o . ?t <p:b> ?u }",
        "GRAPH <g:1> { ?s <p:a> ?o } ?t <p:b> ?u",
        "?s <p:a> ?o VALUES ?u { 1 2 }",
    ] {
        assert!(is_product(product), "{product}");
    }
    for joined in [
        "?s <p:a> ?o . ?o <p:b> ?u . ?u ?v ?s",
        "?s <p:a> ?o . ?t <p:b> ?u . ?o <p:c>+ ?t",
        "?s <p:a> ?o . ?t <p:b> ?u FILTER(?o = ?u)",
        "?s <p:a> ?o . ?t <p:b> ?u BIND(?o + ?u AS ?v)",
        "?s <p:a> [ <p:b> ?u ]",
        "?s <p:a> ?o . <s:1> <p:b> 5",
        "GRAPH ?g { ?s <p:a> ?o } GRAPH ?g { ?t <p:b> ?u }",
        "{ ?s <p:a> ?o } UNION { ?s <p:b> ?u }",
        "?s <p:a> ?o MINUS { ?s <p:b> ?u }",
        "?s <p:a> ?o VALUES ?u { 1 }",
    ] {
        assert!(!is_product(joined), "{joined}");
    }
}

#[test]
fn a_query_without_an_order_is_remarked_where_that_matters() {
    let told = |text: &str| -> Vec<(Severity, String)> {
        let described = inspect::inspect(&setting(), &inspected(text)).unwrap();
        let about = described.remarks.into_iter().filter(|remark| remark.rule == "query/unordered");
        about.map(|remark| (remark.severity, remark.message)).collect()
    };
    let sorted = "the query does not order its rows, so they are sorted by their values";
    assert_eq!(told("SELECT ?s { ?s ?p ?o }"), [(Severity::Note, sorted.to_owned())]);
    let left = "which rows are left is up to the engine, as the query does not order them";
    assert_eq!(told("SELECT ?s { ?s ?p ?o } LIMIT 3"), [(Severity::Warning, left.to_owned())]);
    for ordered in [
        "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3",
        "SELECT DISTINCT ?s { ?s ?p ?o } ORDER BY ?s",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 1",
        "ASK { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
    ] {
        assert!(told(ordered).is_empty(), "{ordered}");
    }
}

#[test]
fn an_iri_that_no_graph_has_is_remarked() {
    let data = "@prefix : <http://example.org/> . @prefix s: <https://schema.org/> . \
                :shop a :Service ; :port 1 ; s:name 'x' .";
    let told = |text: &str| -> Vec<String> {
        let answered = asked(data, &format!("PREFIX : <http://example.org/> {text}")).unwrap();
        let place = |remark: &crate::Diagnostic| remark.span.as_ref().map_or(0, |span| span.start.column);
        let shown = |remark: &crate::Diagnostic| {
            format!("{} ({}) at {}", remark.message, remark.help.clone().unwrap_or_default(), place(remark))
        };
        answered.remarks.iter().map(shown).collect()
    };
    assert_eq!(told("SELECT ?s { ?s :prt 1 }"), ["no graph has `:prt` (did you mean `:port`?) at 47"]);
    assert_eq!(
        told("SELECT ?s { ?s <porte> 1 }"),
        ["no graph has `<porte>` (did you mean `<http://example.org/port>`?) at 47"]
    );
    assert_eq!(
        told("SELECT ?s { ?s <http://schema.org/name> 'x' }"),
        ["no graph has `<http://schema.org/name>` (did you mean `<https://schema.org/name>`?) at 47"]
    );
    assert_eq!(told("SELECT ?s { GRAPH <g:1> { ?s :port+ 1 } }"), ["no graph has `<g:1>` () at 50"]);
    // What values are compared with need not be there, unless it looks mistyped.
    assert_eq!(told("ASK { ?s ?p ?o FILTER(DATATYPE(?o) = <http://other/x>) }").len(), 0);
    assert_eq!(
        told("ASK { ?s a ?o FILTER(?o = :Servce) }"),
        ["no graph has `:Servce` (did you mean `:Service`?) at 58"]
    );
    assert!(asked("", "ASK { ?s <p> <o> }").unwrap().remarks.is_empty(), "no graph has anything");
    assert_eq!(told("CONSTRUCT { ?s :new ?o } WHERE { ?s :port ?o }").len(), 0);
}
