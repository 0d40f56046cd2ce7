//! Queries among variables: in which order they are asked, with what, and what becomes of their answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::*;
use crate::digest::Digest;
use crate::pack::PackPath;
use crate::query::{Answer, Description, Form, Notation, Statement, Table, Term};
use crate::values::Problem;

/// Reads queries of a few words: `ask`, `select COLUMN`, `construct`; `of GRAPH` names a graph, `?name` mentions a variable.
/// A table has a row for each parameter.
struct Asks<'c> {
    native: &'c Native,
    manifest: &'c Manifest,
    /// The names that files read.
    read: &'static [&'static str],
    /// What was asked, call by call: names, parameters, graphs.
    calls: RefCell<Vec<String>>,
    /// What an `ask` gives.
    holds: bool,
}

impl Evaluator for Asks<'_> {
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>, Error>> {
        self.native.names(expressions)
    }

    fn evaluate(
        &self,
        context: &Map<String, Value>,
        secrets: &BTreeSet<&str>,
        expressions: &[Expression<'_>],
    ) -> Vec<Result<Value, Error>> {
        self.native.evaluate(context, secrets, expressions)
    }

    fn querier(&self) -> Option<&dyn Querier> {
        Some(self)
    }
}

fn words(query: &crate::pack::Query) -> Vec<&str> {
    let crate::pack::QueryText::Inline(text) = &query.text else { panic!("a text") };
    text.value.split_whitespace().collect()
}

impl Querier for Asks<'_> {
    fn inspect(&self) -> Result<Vec<Description>, Error> {
        let of = |query: &crate::pack::Query| {
            let words = words(query);
            let after = |word: &str| words.iter().position(|one| *one == word).map(|at| words[at + 1].to_owned());
            let form = match words[0] {
                "ask" => Form::Ask,
                "select" => Form::Select,
                _ => Form::Construct,
            };
            let graph = after("of").filter(|graph| graph != "any");
            Description {
                form,
                variables: after("select").into_iter().collect(),
                mentions: words.iter().filter_map(|word| Some(word.strip_prefix('?')?.to_owned())).collect(),
                ordered: false,
                any_graph: words.contains(&"any"),
                graphs: graph.into_iter().collect(),
                remarks: Vec::new(),
            }
        };
        Ok(self.manifest.queries.values().map(of).collect())
    }

    fn read_by_files(&self, names: &[&str]) -> Result<BTreeSet<String>, Error> {
        Ok(names.iter().filter(|name| self.read.contains(name)).map(|name| (*name).to_owned()).collect())
    }

    fn graph(&self, path: &str, is_sample: bool) -> Result<Result<Graph, Problem>, Error> {
        if path.starts_with("absent") {
            return Ok(Err(Problem::of_file("must be a file, and there is none")));
        }
        let (path, contents) = (path.to_owned(), Vec::new());
        Ok(Ok(Graph {
            path,
            contents,
            notation: Notation::Turtle,
            name: None,
            has_secret: false,
            is_of_pack: is_sample,
        }))
    }

    fn ask(&self, graphs: &[&Graph], queries: &[Asking<'_>]) -> Result<Vec<Answer>, Error> {
        let mut call = String::new();
        for asking in queries {
            write!(call, "{}", asking.name).unwrap();
            asking.parameters.iter().for_each(|(name, term)| write!(call, " {name}={term}").unwrap());
            call.push_str("; ");
        }
        let named = graphs.iter().map(|graph| graph.name.as_deref().unwrap_or(&graph.path));
        call.push_str(&named.collect::<Vec<_>>().join(","));
        self.calls.borrow_mut().push(call);
        let answer = |asking: &Asking<'_>| match words(asking.query)[..] {
            ["ask", ..] => Answer::Boolean(self.holds),
            ["select", column, ..] => Answer::Table(Table {
                variables: vec![column.to_owned()],
                rows: asking.parameters.values().map(|term| vec![Some(term.clone())]).collect(),
            }),
            _ => {
                let iri = |name: &str| Term::Iri(format!("urn:{name}"));
                Answer::Graph(vec![Statement { subject: iri("s"), predicate: "urn:p".to_owned(), object: iri("o") }])
            }
        };
        Ok(queries.iter().map(answer).collect())
    }

    fn ask_one(&self, graphs: &[&Graph], query: &Asking<'_>, _explain: bool) -> Result<Asked, Error> {
        let asking = Asking { parameters: query.parameters.clone(), ..*query };
        let answer = self.ask(graphs, &[asking])?.remove(0);
        Ok(Asked { answered: crate::query::Answered { answer, remarks: Vec::new(), steps: None }, fuel: 0 })
    }

    fn render(
        &self,
        _: &Map<String, Value>,
        _: &BTreeSet<&str>,
        texts: &[(Expression<'_>, Vec<u8>)],
    ) -> Result<Vec<(String, Vec<String>)>, Error> {
        let render = |(text, locals): &(Expression<'_>, Vec<u8>)| {
            let locals: Value = serde_json::from_slice(locals).unwrap();
            let environment = minijinja::Environment::new();
            let reads = if text.text.contains("token") { vec!["token".to_owned()] } else { Vec::new() };
            (environment.render_str(text.text, minijinja::value::Serde(&locals)).unwrap(), reads)
        };
        Ok(texts.iter().map(render).collect())
    }

    fn inputs(&self) -> Result<(Digest, BTreeMap<PackPath, Digest>), Error> {
        Ok((Digest::of(b"engine"), BTreeMap::new()))
    }
}

/// What came of a pack, and the calls of it.
fn asked(case: &Case, read: &'static [&'static str], holds: bool) -> (Result<Values, Error>, Vec<String>) {
    let (native, calls) = (&case.evaluator, RefCell::default());
    let asks = Asks { native, manifest: &case.manifest, read, calls, holds };
    let values = resolve(declared(&case.manifest, &case.text), &case.sources, &asks, None);
    (values, asks.calls.into_inner())
}

fn told(error: &Error) -> Vec<&str> {
    error.body().findings.iter().map(|finding| finding.message.as_str()).collect()
}

#[test]
fn a_query_comes_after_what_it_reads_and_before_what_reads_it() {
    let case = Case::new(
        "[variables.least]\ntype = \"integer\"\ndefault = 80\n\
         [variables.count]\ntype = \"integer\"\ncompute = \"ports | length\"\n\
         [queries.ports]\ntext = \"select port ?least\"\nparameters.least = \"least\"\n\
         [queries.more]\ntext = \"select port ?count ?of\"\nparameters = { count = \"count\", of = { iri = \"'urn:x'\" } }\n\
         [queries.other]\ntext = \"select port ?a\"\nparameters.a = \"least\"\n\
         [queries.unread]\ntext = \"select port\"\n",
    );
    let (values, calls) = asked(&case, &["more", "other"], true);
    let values = values.unwrap();
    let integer = |number: u8| format!("\"{number}\"^^<http://www.w3.org/2001/XMLSchema#integer>");
    // What is ready is asked together.
    assert_eq!(
        calls,
        [
            format!("other a={}; ports least={}; ", integer(80), integer(80)),
            format!("more count={} of=<urn:x>; ", integer(1)),
        ]
    );
    assert_eq!((&values.values["count"], &values.values["ports"][0]["port"]), (&json!(1), &json!(80)));
    assert_eq!(values.values["more"][1]["port"], json!("urn:x"));
    assert!(!values.values.contains_key("unread"));
    let names: Vec<_> = values.values.keys().map(String::as_str).collect();
    assert_eq!(names, ["least", "count", "more", "other", "ports"]);
    assert!(values.consulted.is_some() && values.origins.len() == 2);
}

#[test]
fn what_is_made_is_there_for_those_who_ask_it() {
    let case = Case::new(
        "[queries.first]\ntext = \"construct\"\ngraph = \"urn:first\"\n\
         [queries.second]\ntext = \"construct of urn:first\"\ngraph = \"urn:second\"\n\
         [queries.all]\ntext = \"select s of any\"\n[queries.alone]\ntext = \"construct\"\ngraph = \"urn:alone\"\n\
         [queries.plain]\ntext = \"select s\"\n",
    );
    let (values, calls) = asked(&case, &["plain"], true);
    assert_eq!((calls, values.unwrap().values.len()), (vec!["plain; ".to_owned()], 1));
    let (values, calls) = asked(&case, &["all", "plain"], true);
    assert_eq!(calls, ["alone; first; plain; ", "second; urn:alone,urn:first", "all; urn:alone,urn:first,urn:second"]);
    // Graphs that nobody reads by their names are no values.
    assert_eq!(json!(values.unwrap().values), json!({"all": [], "plain": []}));
}

#[test]
fn circles_are_named_across_variables_and_queries() {
    for (body, wanted) in [
        (
            "[variables.a]\ntype = \"integer\"\ncompute = \"q | length\"\n\
             [queries.q]\ntext = \"select x ?a\"\nparameters.a = \"a\"\n",
            "variables and queries need each other: a → q → a",
        ),
        (
            "[variables.data]\ntype = \"graph\"\nwhen = \"q\"\n[queries.q]\ntext = \"ask\"\n",
            "variables and queries need each other: data → q → data",
        ),
        (
            "[queries.a]\ntext = \"construct of urn:b\"\ngraph = \"urn:a\"\n\
             [queries.b]\ntext = \"construct of urn:a\"\ngraph = \"urn:b\"\n",
            "queries need each other: a → b → a",
        ),
    ] {
        let (values, calls) = asked(&Case::new(body), &["q"], true);
        let error = values.unwrap_err();
        assert_eq!((error.kind(), told(&error), calls.len()), (ErrorKind::Manifest, vec![wanted], 0));
    }
}

#[test]
fn the_manifest_and_the_queries_have_to_agree() {
    let case = Case::new(
        "[queries.a]\ntext = \"select terms\"\n[queries.b]\ntext = \"ask\"\ngraph = \"urn:b\"\n\
         [queries.c]\ntext = \"construct\"\ngate = true\n\
         [queries.d]\ntext = \"select x ?least\"\nparameters.leest = \"1\"\n",
    );
    let error = asked(&case, &[], true).0.unwrap_err();
    assert_eq!(
        told(&error),
        [
            "the query `a` has a variable `?terms`",
            "`graph` names what the query `b` makes, and it is an `ASK` and makes none",
            "the query `c` is a gate, and a `CONSTRUCT` decides nothing",
            "the query `d` has no variable `?leest`",
        ]
    );
    assert_eq!(error.body().findings[3].help.as_deref(), Some("did you mean `least`?"));
}

#[test]
fn parameters_have_to_be_terms() {
    let case = Case::new(
        "[variables.list]\ntype = \"list\"\ndefault = []\n[queries.a]\ntext = \"select x ?a ?b ?c\"\n\
         parameters = { a = \"list\", b = { iri = \"'x y'\" }, c = \"none\" }\n",
    );
    let error = asked(&case, &["a"], true).0.unwrap_err();
    let wanted = [
        "the parameter `a` of `a` must be a text, a number, true, false or null, got []",
        "the parameter `b` of `a` must be an IRI, got \"x y\"",
    ];
    assert_eq!((error.exit_code(), told(&error)), (1, wanted.to_vec()));
}

#[test]
fn what_a_query_asks_with_a_secret_is_a_secret() {
    let variables = "[variables.token]\ntype = \"secret\"\n\
         [queries.open]\ntext = \"select x\"\n\
         [queries.made]\ntext = \"construct ?token\"\nparameters.token = \"token\"\ngraph = \"urn:made\"\n\
         [queries.of_made]\ntext = \"select x of urn:made\"\n[variables.last]\ntype = \"list\"\nitems = \"table\"\n\
         compute = \"of_made\"\n";
    let (values, calls) = asked(&Case::new(variables).flag("token=hunter2hunter2"), &["open", "of_made"], true);
    let values = values.unwrap();
    // What none is in is asked apart, and without the graph.
    assert_eq!(calls, ["open; ", "made token=\"hunter2hunter2\"; ", "of_made; urn:made"]);
    assert_eq!(json!(values.public()), json!({"token": null, "last": null, "of_made": null, "open": []}));
    let bad = Case::new(&variables.replace("\"token\"", "{ iri = \"token\" }")).flag("token=hunter2hunter2");
    let error = asked(&bad, &["open", "of_made"], true).0.unwrap_err();
    assert!(told(&error)[0].ends_with("must be an IRI") && !format!("{:?}", error.body()).contains("hunter2"));
}

#[test]
fn gates_refuse_with_what_they_find() {
    let queries = "[queries.fine]\ntext = \"ask\"\ngate = true\n\
         [queries.rows]\ntext = \"select port ?a ?b\"\nparameters = { a = \"80\", b = \"'x'\" }\ngate = true\n\
         message = \"{{ item.port }} is no port\"\n\
         [queries.few]\ntext = \"select port ?a\"\nparameters.a = \"1\"\ngate = true\nseverity = \"info\"\n";
    let (values, calls) = asked(&Case::new(queries), &[], true);
    let error = values.unwrap_err();
    assert_eq!((error.kind(), error.exit_code(), calls.len()), (ErrorKind::Gate, 1, 1));
    assert_eq!(told(&error), ["80 is no port", "x is no port", "the gate `few` finds `port` = 1"]);
    assert_eq!(
        asked(&Case::new(queries), &[], false).0.unwrap_err().to_string(),
        "2 gates of the pack refuse to generate anything"
    );

    let warned = queries.replace("gate = true\nmessage", "gate = true\nseverity = \"warning\"\nmessage");
    let values = asked(&Case::new(&warned), &[], true).0.unwrap();
    assert_eq!((values.remarks.len(), values.values.len()), (3, 0));

    let secret = "[variables.token]\ntype = \"secret\"\n[queries.q]\ntext = \"select port ?token\"\n\
         parameters.token = \"token\"\ngate = true\nmessage = \"{{ item.port }}\"\n\
         [queries.r]\ntext = \"select port ?a\"\nparameters.a = \"1\"\ngate = true\nmessage = \"{{ token }}\"\n";
    let error = asked(&Case::new(secret).flag("token=hunter2hunter2"), &[], true).0.unwrap_err();
    assert_eq!(told(&error), ["the gate `q` refuses", "the gate `r` finds `port` = 1"]);
}

#[test]
fn a_users_graph_is_a_variable_or_merged() {
    let queries = "[queries.q]\ntext = \"select x\"\n";
    let mut case = Case::new(queries);
    case.sources.graphs = vec!["a.ttl".to_owned(), "b.nt".to_owned()];
    let (values, calls) = asked(&case, &["q"], true);
    assert_eq!(calls, ["q; a.ttl,b.nt"]);
    let graphs = values.unwrap().consulted.unwrap().graphs;
    assert!(graphs.len() == 2 && graphs.keys().all(|path| path.starts_with('/')), "{graphs:?}");

    let variable = format!("[variables.data]\ntype = \"graph\"\nprompt = \"Data\"\n{queries}");
    let mut case = Case::new(&variable);
    case.sources.graphs = vec!["a.ttl".to_owned()];
    let (values, calls) = asked(&case, &["q"], true);
    assert_eq!((calls, values.unwrap().values["data"].clone()), (vec!["q; a.ttl".to_owned()], json!("a.ttl")));
    let error = asked(&Case::new(&variable), &["q"], true).0.unwrap_err();
    assert_eq!(told(&error), ["`data` has no value"]);
    let error = asked(&case.flag("data=b.ttl"), &["q"], true).0.unwrap_err();
    assert_eq!(told(&error), ["`data` takes one value, got 2 of them (from `--graph`)"]);
    let error = asked(&Case::new(&variable).flag("data=absent.ttl"), &["q"], true).0.unwrap_err();
    assert_eq!(told(&error), ["`data` must be a file, and there is none (from `--var`)"]);
    assert_eq!(error.exit_code(), 2);

    let optional = variable.replace("prompt = \"Data\"", "default = \"\"");
    let (values, calls) = asked(&Case::new(&optional), &["q"], true);
    assert_eq!((calls, values.unwrap().consulted.unwrap().graphs.len()), (vec!["q; ".to_owned()], 0));

    let two = format!("[variables.other]\ntype = \"graph\"\ndefault = \"\"\n{optional}");
    let mut case = Case::new(&two);
    case.sources.graphs = vec!["a.ttl".to_owned()];
    assert_eq!(told(&asked(&case, &["q"], true).0.unwrap_err()), ["`--graph` could mean `other` or `data`"]);
}

#[test]
fn queries_are_asked_again_where_answers_are_taken_back() {
    let case = Case::new(
        "[variables.a]\ntype = \"integer\"\nprompt = \"A\"\n\
         [variables.b]\ntype = \"string\"\nprompt = \"B\"\nwhen = \"ports | length > 0 and ports[0].port > 5\"\n\
         default = \"\"\n[queries.ports]\ntext = \"select port ?a\"\nparameters.a = \"a\"\n",
    );
    let prompter = Scripted::new(&[text("9"), super::Answer::Back(None), text("3")]);
    let asks =
        Asks { native: &case.evaluator, manifest: &case.manifest, read: &[], calls: RefCell::default(), holds: true };
    let values = resolve(declared(&case.manifest, &case.text), &case.sources, &asks, Some(&prompter)).unwrap();
    assert_eq!(*prompter.asked.borrow(), ["a", "b [\"\"]", "a =9"]);
    assert_eq!((asks.calls.borrow().len(), &values.values["ports"][0]["port"]), (2, &json!(3)));
}

#[test]
fn a_query_that_is_asked_by_itself_has_what_it_needs_and_no_more() {
    let case = Case::new(
        "[variables.least]\ntype = \"integer\"\ndefault = 80\n[variables.needless]\ntype = \"string\"\n\
         [variables.token]\ntype = \"secret\"\n\
         [queries.first]\ntext = \"construct\"\ngraph = \"urn:first\"\n\
         [queries.ports]\ntext = \"select port ?least of urn:first\"\nparameters.least = \"least\"\n\
         [queries.other]\ntext = \"select port\"\n[queries.gate]\ntext = \"ask\"\ngate = true\n\
         [queries.hidden]\ntext = \"select port ?token\"\nparameters.token = \"token\"\n",
    )
    .flag("token=hunter2hunter2");
    let alone = |name: &'static str| {
        let (native, calls) = (&case.evaluator, RefCell::default());
        let asks = Asks { native, manifest: &case.manifest, read: &["other"], calls, holds: false };
        let declared = Declared { only: Some(name), ..declared(&case.manifest, &case.text) };
        let asked = ask(declared, &case.sources, &asks, None, false);
        (asked.map(|asked| asked.answered.answer), asks.calls.into_inner())
    };
    let (answer, calls) = alone("ports");
    let eighty = Term::typed("80", "integer");
    assert_eq!(calls, ["first; ".to_owned(), format!("ports least={eighty}; urn:first")]);
    let table = Table { variables: vec!["port".to_owned()], rows: vec![vec![Some(eighty)]] };
    assert_eq!(answer.unwrap(), Answer::Table(table));
    assert_eq!(alone("gate").0.unwrap(), Answer::Boolean(false));
    let (refused, calls) = alone("hidden");
    let refused = refused.unwrap_err();
    assert_eq!((refused.kind(), calls.len()), (ErrorKind::Usage, 0));
    assert!(refused.to_string().contains("asks with a secret"), "{refused}");
}
