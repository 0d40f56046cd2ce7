//! Queries that can't be read, and what they say about themselves.

use super::{asked, inspected, refusal, setting};
use crate::{Form, Prefix, Setting, inspect};

#[test]
fn a_mistake_is_told_with_its_place() {
    let cases = [
        ("", "the query ends too early at query.rq:1:1"),
        ("SELECT ?s {\n  ?s ?p ?o ?x\n}", "`?x` can't stand here at query.rq:2:12"),
        ("SELECT ?s {\n  ?s ?p ?o\n  ?t ?q ?u .\n}", "`?t` can't stand here at query.rq:3:3"),
        ("SELECT ?s { ?s ?p", "the query ends too early at query.rq:1:18"),
        ("SELECT ?a { ?a ?b ?c } }", "`}` can't stand here at query.rq:1:24"),
        ("SELECT ?a, ?b { ?a ?b ?c }", "`,` can't stand here at query.rq:1:10"),
        ("SELECT ?a WHERE ?a ?b ?c", "`?a` can't stand here (write `{`) at query.rq:1:17"),
        ("SELEC ?s {}", "`SELEC` can't stand here (did you mean `SELECT`?) at query.rq:1:1"),
        (
            "SELECT ?a { OPTINAL { ?a ?b ?c } }",
            "`OPTINAL` can't stand here (did you mean `OPTIONAL`?) at query.rq:1:13",
        ),
        (
            "SELECT ?a { ?a ?b ?c FILTER(STRLN(?c)) }",
            "`STRLN` can't stand here (did you mean `STRLEN`?) at query.rq:1:29",
        ),
        ("SELECT (?a + AS ?b) { ?a ?b ?c }", "`AS` can't stand here at query.rq:1:14"),
        ("SELECT ?a { ?a ?b ?c } LIMIT x", "`x` can't stand here at query.rq:1:30"),
        (
            "SELECT ?a { ?a ?b 'é }",
            "this text is not closed (write `'` behind it, or `'''` around it if it has line ends) at query.rq:1:19",
        ),
        (
            "SELECT ?a { ?a <p ?c }",
            "this begins an IRI that does not end (an IRI ends with `>`, and has no blanks) at query.rq:1:16",
        ),
        (
            "SELECT ?a { ?a ?b \"a\\q\" }",
            "`\"a\\q\"` can't stand here (what stands behind `\\` in a text is one of `tbnrf\"'\\`) at query.rq:1:19",
        ),
        (
            "SELECT ?a { ?a ?b <<( ?c ?d ?e )>> }",
            "this is SPARQL 1.2, and queries are SPARQL 1.1 (write it in another way) at query.rq:1:19",
        ),
        // Well-formed, and means nothing.
        (
            "SELECT ?s ?p (1 AS ?s) { ?s ?p ?o }",
            "`SELECT` gives a value to a variable that has one already (give it another name) at query.rq:1:20",
        ),
        (
            "SELECT ?s (1 AS ?p) { ?s ?p ?o }",
            "`SELECT` gives a value to a variable that has one already (give it another name) at query.rq:1:1",
        ),
        (
            "SELECT ?x (MAX(?o) AS ?m) { ?s ?p ?o } GROUP BY ?s",
            "`SELECT` has a variable that is neither in `GROUP BY` nor within an aggregate (add it to `GROUP BY`, or take \
             one of its values with `SAMPLE` for instance) at query.rq:1:1",
        ),
        (
            "SELECT ?s ?o ?s { ?s ?p ?o }",
            "`SELECT` has a variable twice (give one of them another name, or remove it) at query.rq:1:14",
        ),
        (
            "SELECT ?a { ?a ?b ?c\n  BIND(1 AS ?a) }",
            "`BIND` gives a value to a variable that has one already (give it another name) at query.rq:2:13",
        ),
        (
            "SELECT * { ?a ?c ?b } GROUP BY ?c",
            "`SELECT *` can't stand with `GROUP BY` (name the variables) at query.rq:1:1",
        ),
        (
            "SELECT ?a { VALUES (?a ?b) { (1) } }",
            "a row of `VALUES` has more or fewer values than there are variables (write `UNDEF` where there is no value) \
             at query.rq:1:34",
        ),
        (
            "SELECT ?a { _:x ?a ?b { _:x ?c ?d } }",
            "the label of a blank node stands in two groups of patterns (use a variable instead) at query.rq:1:25",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(refusal(asked("", text)), format!("query/syntax: {wanted}"), "{text}");
    }
}

#[test]
fn an_update_is_no_query() {
    for (text, word) in [
        ("INSERT DATA { <a> <b> <c> }", "INSERT"),
        ("PREFIX a: <b> BASE <c>\ndelete where { ?a ?b ?c }", "DELETE"),
        ("LOAD <http://a/>", "LOAD"),
        ("CLEAR ALL", "CLEAR"),
        ("WITH <g> DELETE { ?a ?b ?c } WHERE { ?a ?b ?c }", "WITH"),
    ] {
        let told = refusal(asked("", text));
        assert!(told.starts_with(&format!("query/update: `{word}` changes graphs, and a query only reads")), "{told}");
    }
}

#[test]
fn an_unknown_prefix_comes_with_the_line_to_add() {
    let refused = |text: &str| refusal(asked("", text));
    assert_eq!(
        refused("SELECT ?n {\n  ?s foaf:name ?n }"),
        "query/prefix: the prefix `foaf:` is not declared (add the line `PREFIX foaf: <http://xmlns.com/foaf/0.1/>`) at \
         query.rq:2:6"
    );
    assert!(refused("PREFIX shop: <http://a/> SELECT ?n { ?s shp:name ?n }").contains("did you mean `shop:`?"));
    assert!(refused("SELECT ?n { ?s zz:name ?n }").contains("add a line `PREFIX zz: <…>`"));
    // Neither strings nor comments have prefixes.
    assert!(asked("", "SELECT ?n { ?s ?p \"a:b\" . # c:d\n ?s <http://e:1/> ?n }").is_ok());
}

#[test]
fn another_server_is_never_asked() {
    let told = refusal(asked("", "SELECT ?s { SERVICE SILENT <http://a/> { ?s ?p ?o } }"));
    assert!(told.starts_with("query/service: `SERVICE <http://a/>` asks another server"), "{told}");
    let told = refusal(asked("", "ASK { FILTER EXISTS { SERVICE ?where { ?s ?p ?o } } }"));
    assert!(told.starts_with("query/service"), "{told}");
}

#[test]
fn prefixes_of_the_setting_hold_for_all_queries() {
    let prefix = |name: &str, iri: &str| Prefix { name: name.to_owned(), iri: iri.to_owned() };
    let with = |prefixes: Vec<Prefix>| {
        inspect::inspect(&Setting { prefixes, ..setting() }, &inspected("SELECT ?s { ?s a s:Shop }"))
    };
    let described = with(vec![prefix("s", "http://example.org/")]).unwrap();
    assert_eq!((described.form, described.variables), (Form::Select, vec!["s".to_owned()]));
    let twice = with(vec![prefix("s", "http://example.org/"), prefix("s", "http://example.com/")]);
    assert_eq!(refusal(twice), "query/setting: the prefix `s` is told twice");
    assert!(refusal(with(vec![prefix("s", "no iri")])).starts_with("query/setting: the prefix `s` is no IRI"));
}

#[test]
fn a_query_says_what_it_is() {
    let text = "SELECT ?n (COUNT(?s) AS ?of) FROM <http://g/1> { GRAPH <http://g/2> { ?s ?p ?n } GRAPH ?g { ?s ?q ?least } } \
                GROUP BY ?n ORDER BY ?n # ?not";
    let described = inspect::inspect(&setting(), &inspected(text)).unwrap();
    assert_eq!(described.variables, ["n", "of"]);
    assert_eq!(described.mentions, ["g", "least", "n", "of", "p", "q", "s"]);
    assert_eq!(described.graphs, ["http://g/1", "http://g/2"]);
    assert!(described.ordered && described.any_graph);
}
