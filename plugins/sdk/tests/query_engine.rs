//! What the SDK makes of queries to ask: graphs, parameters, limits, answers.

use packbox_sdk::testing::TestQuery;
use packbox_sdk::{
    Answer, Answered, Description, Diagnostic, Failure, Form, GraphSource, Notation, QueryEngine, QueryJob, QueryText,
    Setting, Statement, Table, Term,
};

/// Knows the lines of all graphs; a query names one of three things to do with them.
struct Lines;

impl QueryEngine for Lines {
    type Graphs = Vec<(Option<String>, String)>;

    fn inspect(query: &QueryText<'_>) -> Result<Description, Failure> {
        match query.file.text()? {
            "rows" => Ok(Description::select(["graph", "line"]).mentioning(["least"])),
            "any" => Ok(Description::new(Form::Ask)),
            "statements" => Ok(Description::new(Form::Construct)),
            other => Err(Diagnostic::error("lines/unknown", format!("`{other}` is nothing to do"))
                .at(query.file.span(0..other.len()))
                .into()),
        }
    }

    fn load(_: &Setting, sources: &[GraphSource<'_>]) -> Result<Self::Graphs, Failure> {
        let mut lines = Vec::new();
        for source in sources {
            let graph = source.graph.map(str::to_owned);
            lines.extend(source.file.text()?.lines().map(|line| (graph.clone(), line.to_owned())));
        }
        Ok(lines)
    }

    fn ask(lines: &Self::Graphs, query: &QueryJob<'_>) -> Result<Answered, Failure> {
        match query.file.text()? {
            "rows" => {
                let least = query.parameter("least").cloned();
                let fits = |line: &str| match &least {
                    Some(Term::Literal(least)) => line >= least.value.as_str(),
                    _ => true,
                };
                let row = |(graph, line): &(Option<String>, String)| {
                    vec![graph.clone().map(Term::iri), Some(Term::text(line.as_str()))]
                };
                let rows: Vec<_> = lines.iter().filter(|(_, line)| fits(line)).map(row).collect();
                query.within_limit(rows.len())?;
                Ok(Table { variables: vec!["graph".to_owned(), "line".to_owned()], rows }.into())
            }
            "any" => Ok(Answer::Boolean(!lines.is_empty()).into()),
            "statements" => {
                let statement = |(_, line): &(Option<String>, String)| Statement {
                    subject: Term::Blank("b0".to_owned()),
                    predicate: "urn:line".to_owned(),
                    object: Term::in_language(line.as_str(), "de"),
                };
                Ok(Answer::Graph(lines.iter().map(statement).collect()).into())
            }
            _ => Err(Failure::unsupported("this")),
        }
    }
}

packbox_sdk::export_query_engine!(Lines);

fn query(text: &str) -> TestQuery {
    TestQuery::new("a.rq", text).graph("one.ttl", "eins\n").source(
        "two.nt",
        "zwei\n",
        Notation::NTriples,
        Some("urn:g"),
    )
}

#[test]
fn answers_are_told_as_text() {
    assert_eq!(query("rows").text::<Lines>(), "?graph\t?line\n\t\"eins\"\n<urn:g>\t\"zwei\"\n");
    let least = query("rows").parameter("least", Term::text("f"));
    assert_eq!(least.text::<Lines>(), "?graph\t?line\n<urn:g>\t\"zwei\"\n");
    assert_eq!(query("any").text::<Lines>(), "true\n");
    assert_eq!(query("statements").text::<Lines>(), "_:b0 <urn:line> \"eins\"@de .\n_:b0 <urn:line> \"zwei\"@de .\n");
    assert_eq!(query("any").remarks::<Lines>(), "");
    assert_eq!(
        query("rows").inspect::<Lines>().map(|told| told.mentions),
        Ok(vec!["graph".to_owned(), "least".to_owned(), "line".to_owned()])
    );
}

#[test]
fn mistakes_are_told() {
    assert_eq!(
        query("rows").limit(1).errors::<Lines>(),
        "error[query/rows]: the query gives more than 1\n  at a.rq:1:1\n  help: ask for less\n"
    );
    let errors = query("rows").graph("three.ttl", b"\xff").errors::<Lines>();
    assert!(errors.contains("  at three.ttl:1:1-1:2\n"), "{errors}");
    let failure = query("what").inspect::<Lines>().unwrap_err();
    assert!(matches!(failure, Failure::Invalid(_)), "{failure:?}");
}

#[test]
#[should_panic(expected = "`a b` is no IRI")]
fn false_terms_are_found_out() {
    struct Liar;
    impl QueryEngine for Liar {
        type Graphs = ();
        fn inspect(_: &QueryText<'_>) -> Result<Description, Failure> {
            Ok(Description::select(["a"]))
        }
        fn load(_: &Setting, _: &[GraphSource<'_>]) -> Result<(), Failure> {
            Ok(())
        }
        fn ask((): &(), _: &QueryJob<'_>) -> Result<Answered, Failure> {
            Ok(Table { variables: vec!["a".to_owned()], rows: vec![vec![Some(Term::iri("a b"))]] }.into())
        }
    }
    let _ = query("rows").ask::<Liar>();
}

#[test]
#[should_panic(expected = "the description has other variables than the table")]
fn false_descriptions_are_found_out() {
    struct Liar;
    impl QueryEngine for Liar {
        type Graphs = ();
        fn inspect(_: &QueryText<'_>) -> Result<Description, Failure> {
            Ok(Description::select(["a"]))
        }
        fn load(_: &Setting, _: &[GraphSource<'_>]) -> Result<(), Failure> {
            Ok(())
        }
        fn ask((): &(), _: &QueryJob<'_>) -> Result<Answered, Failure> {
            Ok(Table { variables: vec!["b".to_owned()], rows: Vec::new() }.into())
        }
    }
    let _ = query("rows").ask::<Liar>();
}
