//! Files of statements.

use super::{file, query, refusal, rows, setting, turtle};
use crate::{Notation, Source, ask};

const ALL: &str = "SELECT ?s ?p ?o { ?s ?p ?o }";

fn source(notation: Notation, text: &str) -> Source {
    Source { file: file("data", text), notation, graph: None }
}

fn told(sources: &[Source], text: &str) -> Vec<String> {
    rows(ask::ask(&setting(), sources, &[query(text)]).remove(0))
}

#[test]
fn every_notation_says_the_same() {
    let wanted = ["<http://example.org/a> <http://example.org/b> \"c\"@en"];
    let xml = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"http://example.org/\">\
               <rdf:Description rdf:about=\"a\"><e:b xml:lang=\"en\">c</e:b></rdf:Description></rdf:RDF>";
    let line = "<http://example.org/a> <http://example.org/b> \"c\"@en .\n";
    for source in [
        source(Notation::Turtle, "<a> <b> \"c\"@en ."),
        source(Notation::Turtle, "\u{feff}<a> <b> \"c\"@en ."),
        source(Notation::Trig, "{ <a> <b> \"c\"@en }"),
        source(Notation::NTriples, line),
        source(Notation::NQuads, line),
        source(Notation::RdfXml, xml),
    ] {
        assert_eq!(told(std::slice::from_ref(&source), ALL), wanted, "{:?}", source.notation);
    }
}

#[test]
fn a_file_goes_to_its_graph() {
    let named = Source { graph: Some("http://example.org/g".to_owned()), ..turtle("<a> <b> 1 .") };
    let both = [named, turtle("<a> <b> 2 .")];
    assert_eq!(told(&both, "SELECT ?o { ?s ?p ?o }"), ["\"2\"^^integer"]);
    assert_eq!(told(&both, "SELECT ?o { GRAPH <g> { ?s ?p ?o } }"), ["\"1\"^^integer"]);
    let quads = source(Notation::NQuads, "<http://a/> <http://b/> \"c\" <http://example.org/h> .\n");
    assert_eq!(told(&[quads], "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"), ["<http://example.org/h>"]);
}

#[test]
fn a_blank_node_belongs_to_its_file() {
    let two = [turtle("_:x <b> 1 ."), turtle("_:x <b> 2 .")];
    assert_eq!(told(&two, "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"), ["\"2\"^^integer"]);
    assert_eq!(told(&two, "SELECT ?s ?o { ?s ?p ?o }"), ["_:b0 \"1\"^^integer", "_:b1 \"2\"^^integer"]);
}

#[test]
fn each_file_that_cannot_be_read_is_told() {
    let wrong = [turtle("<a> <b>\n  \"c ."), turtle("<a> <b> 1 ."), source(Notation::RdfXml, "<a><b></a>")];
    let given = ask::ask(&setting(), &wrong, &[query("ASK {}"), query("ASK {}")]);
    assert_eq!(given.len(), 2);
    let Err(crate::Failure::Invalid(findings)) = &given[1] else { panic!("{given:?}") };
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(refusal(given[0].clone()).starts_with("graph/syntax: "), "{}", refusal(given[0].clone()));
    let places: Vec<(&str, u32, u32)> = findings
        .iter()
        .filter_map(|finding| finding.span.as_ref())
        .map(|span| (span.path.as_str(), span.start.line, span.start.column))
        .collect();
    assert_eq!(places, [("data", 1, 4), ("data.ttl", 2, 3)]);
}
