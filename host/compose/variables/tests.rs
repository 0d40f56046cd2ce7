//! Where values come from, in which order, and what is said where they don't.

mod asking;
mod queries;
mod secrets;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::*;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind};
use crate::interrupt::Interrupt;
use crate::pack::{Expression, ExpressionMode, Manifest, PackLimits, VariableName};

/// Evaluates with the native engine and counts the calls.
#[derive(Default)]
struct Native {
    names_calls: Cell<usize>,
    evaluate_calls: Cell<usize>,
    evaluated: RefCell<Vec<String>>,
}

impl Evaluator for Native {
    fn names(&self, expressions: &[Expression<'_>]) -> Vec<Result<Vec<String>, Error>> {
        self.names_calls.set(self.names_calls.get() + 1);
        let names = |expression: &Expression<'_>| {
            let environment = minijinja::Environment::new();
            let compiled =
                environment.compile_expression(expression.text).map_err(|error| failed(&error, expression))?;
            let mut names: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
            names.sort();
            Ok(names)
        };
        expressions.iter().map(names).collect()
    }

    fn evaluate(
        &self,
        context: &Map<String, Value>,
        _: &BTreeSet<&str>,
        expressions: &[Expression<'_>],
    ) -> Vec<Result<Value, Error>> {
        self.evaluate_calls.set(self.evaluate_calls.get() + 1);
        let evaluate = |expression: &Expression<'_>| {
            assert_eq!(expression.mode, ExpressionMode::Expression);
            self.evaluated.borrow_mut().push(expression.text.to_owned());
            let mut environment = minijinja::Environment::new();
            environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
            let compiled =
                environment.compile_expression(expression.text).map_err(|error| failed(&error, expression))?;
            let value = compiled.eval(minijinja::value::Serde(context)).map_err(|error| failed(&error, expression))?;
            Ok(serde_json::to_value(value).unwrap())
        };
        expressions.iter().map(evaluate).collect()
    }
}

fn failed(error: &minijinja::Error, expression: &Expression<'_>) -> Error {
    Error::new(ErrorKind::Template, error.to_string()).at(expression.span())
}

/// Answers from a list, and notes what it was asked.
#[derive(Default)]
struct Scripted {
    answers: RefCell<VecDeque<Answer>>,
    reviews: RefCell<VecDeque<Review>>,
    asked: RefCell<Vec<String>>,
    progress: RefCell<Vec<(usize, usize, usize)>>,
    reviewed: RefCell<Vec<String>>,
}

impl Scripted {
    fn new(answers: &[Answer]) -> Self {
        Self { answers: RefCell::new(answers.iter().cloned().collect()), ..Self::default() }
    }
}

impl Prompter for Scripted {
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Error> {
        let suggestion = question.suggestion.map(|suggestion| format!(" [{suggestion}]")).unwrap_or_default();
        let problem = question.problem.map(|problem| format!(" ({problem})")).unwrap_or_default();
        let draft = match question.draft {
            Some(Answer::Text(text)) if !text.is_empty() => format!(" ={text}"),
            _ => String::new(),
        };
        self.asked.borrow_mut().push(format!("{}{suggestion}{problem}{draft}", question.variable.name));
        self.progress.borrow_mut().push((question.number, question.least, question.most));
        let answer = self.answers.borrow_mut().pop_front();
        answer.ok_or_else(|| Error::new(ErrorKind::Interrupted, "interrupted"))
    }

    fn review(&self, answers: &[Answered<'_>]) -> Result<Review, Error> {
        let shown = answers.iter().map(|answered| format!("{}={}", answered.variable.name, answered.value));
        self.reviewed.borrow_mut().push(shown.collect::<Vec<_>>().join(" "));
        Ok(self.reviews.borrow_mut().pop_front().unwrap_or(Review::Accept))
    }
}

fn declared<'a>(manifest: &'a Manifest, text: &'a str) -> Declared<'a> {
    Declared {
        variables: &manifest.variables,
        queries: &manifest.queries,
        sought: None,
        only: None,
        manifest_path: "pack.toml",
        manifest_text: text,
    }
}

struct Case {
    text: String,
    manifest: Manifest,
    sources: Sources,
    evaluator: Native,
}

impl Case {
    fn new(variables: &str) -> Self {
        let text = format!("[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n{variables}");
        let manifest = Manifest::parse("pack.toml", &text, &PackLimits::default())
            .unwrap_or_else(|error| panic!("{:#?}", error.body().findings));
        Self { text, manifest, sources: Sources::default(), evaluator: Native::default() }
    }

    fn flag(mut self, assignment: &str) -> Self {
        self.sources.add_flag(assignment).unwrap();
        self
    }

    fn environment(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn answers(mut self, text: &str) -> Self {
        self.sources.answers = Some(Answers { path: "answers.toml".to_owned(), text: text.to_owned() });
        self
    }

    fn ask(&self, prompter: Option<&dyn Prompter>) -> Result<Values, Error> {
        let declared = declared(&self.manifest, &self.text);
        resolve(declared, &self.sources, &self.evaluator, prompter)
    }

    fn values(&self) -> Values {
        self.ask(None).unwrap_or_else(|error| panic!("{error}: {:#?}", error.body().findings))
    }

    fn json(&self) -> Value {
        json!(self.values().values)
    }

    fn findings(&self) -> Vec<Diagnostic> {
        let error = self.ask(None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Variables, "{error:?}");
        error.body().findings.clone()
    }

    fn messages(&self) -> Vec<(String, String)> {
        self.findings().into_iter().map(|finding| (finding.rule, finding.message)).collect()
    }
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

const PORT: &str = "[variables.port]\ntype = \"integer\"\ndefault = 1\nmax = 65535\n";

#[test]
fn the_strongest_source_wins() {
    let origin = |case: &Case| {
        let values = case.values();
        (values.values["port"].clone(), values.origins["port"])
    };
    let case = Case::new(PORT);
    assert_eq!(origin(&case), (json!(1), Origin::Default));
    let case = case.environment("PACKBOX_VAR_PORT", "2");
    assert_eq!(origin(&case), (json!(2), Origin::Environment));
    let case = case.answers("port = 3");
    assert_eq!(origin(&case), (json!(3), Origin::Answers));
    let case = case.flag("port=4");
    assert_eq!(origin(&case), (json!(4), Origin::Flag));
    let computed = Case::new("[variables.a]\ntype = \"string\"\ncompute = \"'x'\"\n");
    assert_eq!(computed.values().origins["a"], Origin::Compute);
    assert_eq!(computed.flag("a=y").values().origins["a"], Origin::Flag);
}

#[test]
fn a_weaker_source_is_not_even_checked() {
    let case = Case::new(PORT).environment("PACKBOX_VAR_PORT", "x").flag("port=4");
    assert_eq!(case.json(), json!({"port": 4}));
    let case = Case::new(PORT).answers("port = \"x\"").flag("port=4");
    assert_eq!(case.json(), json!({"port": 4}));
}

#[test]
fn values_are_in_the_order_of_declaration_and_need_no_engine() {
    let case =
        Case::new("[variables.z]\ntype = \"string\"\n[variables.a]\ntype = \"string\"\ndefault = \"d\"\n").flag("z=1");
    let values = case.values();
    assert_eq!(values.values.keys().collect::<Vec<_>>(), ["z", "a"]);
    assert_eq!((case.evaluator.names_calls.get(), case.evaluator.evaluate_calls.get()), (0, 0));
}

#[test]
fn lists_come_from_json_repeated_flags_or_tables() {
    let list = "[variables.names]\ntype = \"list\"\nmax_items = 3\n";
    assert_eq!(Case::new(list).flag("names=a").json(), json!({"names": ["a"]}));
    assert_eq!(Case::new(list).flag("names=a,b").flag("names=c").json(), json!({"names": ["a", "b", "c"]}));
    assert_eq!(Case::new(list).environment("PACKBOX_VAR_NAMES", "a,b").json(), json!({"names": ["a", "b"]}));
    assert_eq!(Case::new(list).flag("names=a").flag("names=[\"b\", \"c\"]").json(), json!({"names": ["a", "b", "c"]}));
    let case = Case::new(list).flag("names=a").flag("names=[\"b\", \"c\", \"d\"]");
    assert!(case.messages()[0].1.contains("must have at most 3 items, got 4 of them"));
    let case = Case::new(list).flag("names=a, b");
    assert_eq!(
        case.messages()[0].1,
        r#"`names` could mean one item or several: write `["a, b"]` or `["a","b"]` (from `--var`)"#
    );
    let help = |case: &Case| case.findings()[0].help.clone().unwrap_or_default();
    assert!(help(&case).ends_with("give it with `--var names=a --var names=b`, or `--var 'names=[\"a\",\"b\"]'`"));
    let ports = "[variables.ports]\ntype = \"list\"\nitems = \"integer\"\ndefault = []\n";
    assert_eq!(Case::new(ports).flag("ports=80, 443").json(), json!({"ports": [80, 443]}));
    let case = Case::new(ports).flag("ports=80,");
    assert_eq!(case.messages()[0].1, "`ports` item 2 must be an integer, but is empty (from `--var`)");
    assert!(help(&case).ends_with("give it with `--var ports=80 --var ports=443`, or `--var 'ports=[80,443]'`"));
    let tables = "[variables.services]\ntype = \"list\"\nitems = \"table\"\n";
    let case = Case::new(tables).answers("[[services]]\nname = \"api\"\n[[services]]\nname = \"web\"\nport = 1\n");
    assert_eq!(case.json(), json!({"services": [{"name": "api"}, {"name": "web", "port": 1}]}));
    let case = Case::new(PORT).flag("port=1").flag("port=2");
    assert_eq!(case.messages()[0].1, "`port` takes one value, got 2 of them (from `--var`)");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let case = Case::new(
        "[variables.crate_name]\ntype = \"string\"\nprompt = \"Crate name\"\npattern = \"^[a-z]+$\"\nexample = \"orders\"\n\
         [variables.port]\ntype = \"integer\"\nmin = 1024\nmax = 65535\n\
         [variables.level]\ntype = \"choice\"\nchoices = [\"low mid\", \"high\"]\n\
         [variables.token]\ntype = \"secret\"\nprompt = \"API token\"\n\
         [variables.mode]\ntype = \"string\"\n\
         [variables.image]\ntype = \"string\"\ncompute = \"crate_name ~ ':latest'\"\n",
    )
    .flag("prot=1")
    .flag("port=70000")
    .environment("PACKBOX_VAR_OTHER", "for another pack")
    .answers("mode = 7\nmoed = 8\n");
    let error = case.ask(None).unwrap_err();
    assert_eq!(error.to_string(), "3 variables are missing, 2 variables are invalid, 2 variables are unknown");
    assert_eq!(error.exit_code(), 2);
    let shown: Vec<String> = case
        .findings()
        .iter()
        .map(|finding| {
            let place = finding.span.as_ref().map(|span| format!("{}:{} ", span.path, span.start.line));
            let help = finding.help.as_deref().unwrap_or_default();
            format!("{}{}: {}\n{help}", place.unwrap_or_default(), finding.rule, finding.message)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "variables/unknown: the pack has no variable `prot`\ndid you mean `port`?",
            "variables/invalid: `port` must be at most 65535, got 70000 (from `--var`)\n\
             an integer from 1024 to 65535\ngive it with `--var port=1024`",
            "answers.toml:1 variables/invalid: `mode` must be a text, got 7 (from `answers.toml`)\n\
             a text\nput text in quotes: `mode = \"…\"`",
            "answers.toml:2 variables/unknown: the pack has no variable `moed`\ndid you mean `mode`?",
            "pack.toml:4 variables/missing: `crate_name` has no value\n\
             Crate name: a text that matches `^[a-z]+$`, for instance `orders`\ngive it with `--var crate_name=orders`",
            "pack.toml:13 variables/missing: `level` has no value\n\
             one of `low mid`, `high`\ngive it with `--var 'level=low mid'`",
            "pack.toml:16 variables/missing: `token` has no value\n\
             API token: a secret text\nset `PACKBOX_VAR_TOKEN`, or give it in an answers file",
        ]
    );
    assert_eq!(case.evaluator.evaluate_calls.get(), 0, "nothing is evaluated for what needs a missing variable");
}

#[test]
fn dependents_are_evaluated_in_rounds_whatever_the_order_of_declaration() {
    let case = Case::new(
        "[variables.d]\ntype = \"string\"\ncompute = \"c ~ b\"\n\
         [variables.c]\ntype = \"string\"\ncompute = \"a ~ '!'\"\n\
         [variables.b]\ntype = \"string\"\ncompute = \"a ~ '?'\"\n\
         [variables.a]\ntype = \"string\"\ndefault = \"x\"\n",
    );
    assert_eq!(serde_json::to_string(&case.json()).unwrap(), r#"{"d":"x!x?","c":"x!","b":"x?","a":"x"}"#);
    assert_eq!((case.evaluator.names_calls.get(), case.evaluator.evaluate_calls.get()), (1, 2));
    assert_eq!(*case.evaluator.evaluated.borrow(), ["a ~ '!'", "a ~ '?'", "c ~ b"]);
}

#[test]
fn conditions_decide_whether_a_variable_matters() {
    let variables = "[variables.database]\ntype = \"choice\"\nchoices = [\"pg\", \"none\"]\n\
         [variables.pool]\ntype = \"integer\"\nwhen = \"database != 'none'\"\n\
         [variables.size]\ntype = \"integer\"\nwhen = \"database != 'none'\"\ndefault = 5\n\
         [variables.url]\ntype = \"string\"\nwhen = \"database != 'none'\"\ncompute = \"'pg://' ~ pool\"\n";
    let case = Case::new(variables).flag("database=none");
    assert_eq!(case.json(), json!({"database": "none", "pool": null, "size": 5, "url": "pg://None"}));
    let origins = case.values().origins;
    assert!(["pool", "size", "url"].iter().all(|name| origins[*name] == Origin::Inactive));

    let case = Case::new(variables).flag("database=none").flag("pool=3");
    assert_eq!((case.json()["pool"].clone(), case.values().origins["pool"]), (json!(3), Origin::Flag));

    let case = Case::new(variables).flag("database=pg");
    assert_eq!(case.messages(), [("variables/missing".to_owned(), "`pool` has no value".to_owned())]);
    let case = case.flag("pool=9");
    assert_eq!(case.json(), json!({"database": "pg", "pool": 9, "size": 5, "url": "pg://9"}));
}

#[test]
fn what_is_hidden_is_computed_all_the_same() {
    let variables = "[variables.database]\ntype = \"choice\"\nchoices = [\"container\", \"own\"]\ndefault = \"container\"\n\
         [variables.host]\ntype = \"string\"\nprompt = \"Host\"\nwhen = \"database == 'own'\"\n\
         compute = \"'db' if database == 'container' else 'localhost'\"\n\
         [variables.url]\ntype = \"string\"\nwhen = \"database == 'own'\"\ncompute = \"'pg://' ~ host\"\n\
         [variables.hosts]\ntype = \"list\"\nwhen = \"false\"\ncompute = \"[host, url]\"\n\
         [variables.port]\ntype = \"integer\"\nwhen = \"false\"\n\
         [variables.next]\ntype = \"integer\"\nwhen = \"false\"\ncompute = \"port + 1\"\n";
    let case = Case::new(variables);
    let hidden = json!({
        "database": "container", "host": "db", "url": "pg://db", "hosts": ["db", "pg://db"],
        // What can't be computed without what is hidden with it is nothing.
        "port": null, "next": null,
    });
    assert_eq!(case.json(), hidden);
    assert!(case.values().origins.iter().skip(1).all(|(name, origin)| {
        *origin == if name.as_str() == "database" { Origin::Default } else { Origin::Inactive }
    }));
    let json = case.flag("host=elsewhere").json();
    assert_eq!((&json["host"], &json["url"]), (&json!("elsewhere"), &json!("pg://elsewhere")));
}

#[test]
fn what_is_computed_wrongly_is_told_though_it_is_hidden() {
    for (kind, compute) in [("integer\"\nmax = 9\n#\"", "10"), ("integer", "'text'")] {
        let variables = format!("[variables.small]\ntype = \"{kind}\"\nwhen = \"false\"\ncompute = \"{compute}\"\n");
        let error = Case::new(&variables).ask(None).unwrap_err();
        let told = &error.body().findings[0].message;
        assert!(told.contains("small") && told.contains("computed by the pack"), "{told:?}");
        assert_eq!(error.kind(), ErrorKind::Manifest);
    }
    let typo = Case::new("[variables.a]\ntype = \"string\"\nwhen = \"false\"\ncompute = \"nme ~ 'x'\"\n");
    assert_eq!(typo.ask(None).unwrap_err().exit_code(), 1);
}

#[test]
fn a_hidden_secret_is_a_secret() {
    let variables = "[variables.token]\ntype = \"secret\"\n\
         [variables.header]\ntype = \"string\"\nwhen = \"false\"\ncompute = \"'Bearer ' ~ token\"\n\
         [variables.hash]\ntype = \"secret\"\nwhen = \"false\"\ncompute = \"token | upper\"\n";
    let case = Case::new(variables).flag("token=hunter2hunter2");
    assert_eq!(case.json()["hash"], json!("HUNTER2HUNTER2"));
    assert_eq!(json!(case.values().public()), json!({"token": null, "header": null, "hash": null}));
}

#[test]
fn a_condition_has_to_be_true_or_false() {
    let case = Case::new(
        "[variables.a]\ntype = \"string\"\ndefault = \"x\"\n[variables.b]\ntype = \"string\"\nwhen = \"a\"\n",
    );
    let error = case.ask(None).unwrap_err();
    assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Manifest, 1));
    let finding = &error.body().findings[0];
    assert_eq!(finding.message, "`when` of `b` must be true or false, but is a text");
    assert_eq!(finding.span.as_ref().unwrap().start.line, 9);
}

#[test]
fn circles_are_named() {
    let case = Case::new(
        "[variables.a]\ntype = \"string\"\ncompute = \"b\"\n[variables.b]\ntype = \"string\"\nwhen = \"c\"\n\
         [variables.c]\ntype = \"string\"\ncompute = \"a\"\n[variables.own]\ntype = \"string\"\ncompute = \"own\"\n\
         [variables.fine]\ntype = \"string\"\ncompute = \"a\"\n",
    )
    .flag("a=x");
    let error = case.ask(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Manifest);
    let messages: Vec<_> = error.body().findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["variables need each other: a → b → c → a", "variables need each other: own → own"]);
    assert_eq!(error.body().findings[0].related.len(), 2);
    assert_eq!(case.evaluator.evaluate_calls.get(), 0);
}

#[test]
fn computed_values_are_checked_against_the_type() {
    let case = Case::new("[variables.a]\ntype = \"integer\"\nmax = 5\ncompute = \"3 + 4\"\n");
    let error = case.ask(None).unwrap_err();
    let finding = &error.body().findings[0];
    assert_eq!(finding.message, "`a` must be at most 5, got 7 (computed by the pack)");
    assert_eq!(finding.span.as_ref().unwrap().start.line, 7);
    // Who generates did nothing wrong.
    assert_eq!((error.exit_code(), error.to_string().as_str()), (1, "1 variable is computed wrongly"));
}

#[test]
fn in_a_file_values_are_written_as_toml_has_them() {
    let case = Case::new(
        "[variables.port]\ntype = \"integer\"\nmin = 1024\n[variables.on]\ntype = \"boolean\"\n\
         [variables.parts]\ntype = \"list\"\nitems = \"string\"\n[variables.ports]\ntype = \"list\"\nitems = \"integer\"\n\
         [variables.more]\ntype = \"list\"\nitems = \"integer\"\n[variables.tables]\ntype = \"list\"\nitems = \"table\"\n\
         [variables.version]\ntype = \"string\"\n[variables.low]\ntype = \"integer\"\nmin = 1024\n\
         [variables.token]\ntype = \"secret\"\n",
    )
    .answers(
        "port = \"2000\"\non = \"yes\"\nparts = \"a,b\"\nports = [\"80\"]\nmore = 80\ntables = \"x\"\nversion = 1.10\n\
         low = \"2\"\ntoken = 3\n",
    );
    let helps: Vec<String> = case.findings().into_iter().filter_map(|finding| finding.help).collect();
    let ways: Vec<&str> = helps.iter().filter_map(|help| help.lines().nth(1)).collect();
    assert_eq!(
        ways,
        [
            "write `port = 2000`, without quotes",
            "write `on = true`, without quotes",
            "write `parts = [\"a\", \"b\"]`",
            "write `ports = [80]`",
            "write `more = [80]`",
            "for instance `tables = [{ key = \"a\" }, { key = \"b\" }]`",
            // Which digits stood there is not known any more.
            "put text in quotes: `version = \"…\"`",
            "for instance `low = 1024`",
            "put text in quotes: `token = \"…\"`",
        ]
    );
    assert!(helps.iter().all(|help| !help.contains("--var") && !help.contains("written as")), "{helps:?}");
}

#[test]
fn of_several_packs_a_name_may_be_anothers() {
    let sources = |shared| Sources { shared, ..Case::new(PORT).flag("title=x").answers("moed = 1").sources };
    let case = Case::new(PORT);
    let declared = declared(&case.manifest, &case.text);
    assert_eq!(mistakes(&declared, &sources(false)).unwrap().len(), 2);
    assert_eq!(mistakes(&declared, &sources(true)).unwrap().len(), 0);
    let names = ["port", "title", "mode"].map(str::to_owned).into();
    let strays = strays(&names, &sources(true)).unwrap();
    let told: Vec<_> = strays.iter().map(|finding| (finding.message.as_str(), finding.help.as_deref())).collect();
    assert_eq!(told, [("none of the packs has a variable `moed`", Some("did you mean `mode`?"))]);
}

#[test]
fn errors_of_the_engine_are_passed_on() {
    let case = Case::new("[variables.a]\ntype = \"string\"\ncompute = \"nothing_like_it.at_all\"\n");
    let error = case.ask(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Template);
    assert_eq!(error.body().location.as_ref().unwrap().start.line, 6);
    let case = Case::new("[variables.a]\ntype = \"string\"\ncompute = \"1 +\"\n");
    assert_eq!(case.ask(None).unwrap_err().kind(), ErrorKind::Template);
}

#[test]
fn an_engine_that_miscounts_is_refused() {
    struct Mute;
    impl Evaluator for Mute {
        fn names(&self, _: &[Expression<'_>]) -> Vec<Result<Vec<String>, Error>> {
            Vec::new()
        }
        fn evaluate(
            &self,
            _: &Map<String, Value>,
            _: &BTreeSet<&str>,
            _: &[Expression<'_>],
        ) -> Vec<Result<Value, Error>> {
            Vec::new()
        }
    }
    let case = Case::new("[variables.a]\ntype = \"string\"\ncompute = \"'x'\"\n");
    let declared = declared(&case.manifest, &case.text);
    let error = resolve(declared, &case.sources, &Mute, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
}

#[test]
fn answers_files_are_read_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.toml");
    assert_eq!(Answers::read(&path, &Interrupt::new()).unwrap_err().kind(), ErrorKind::NotFound);
    std::fs::write(&path, "port = 3").unwrap();
    let mut case = Case::new(PORT);
    case.sources.answers = Some(Answers::read(&path, &Interrupt::new()).unwrap());
    assert_eq!(case.json(), json!({"port": 3}));
    std::fs::write(&path, b"port = \"\xff\"").unwrap();
    assert_eq!(Answers::read(&path, &Interrupt::new()).unwrap_err().kind(), ErrorKind::Usage);
    std::fs::write(&path, vec![b'#'; 10_000_001]).unwrap();
    assert!(Answers::read(&path, &Interrupt::new()).unwrap_err().to_string().contains("larger than 10 MB"));
    let error = Case::new(PORT).answers("port = = 3").ask(None).unwrap_err();
    assert_eq!((error.kind(), error.body().findings[0].rule.as_str()), (ErrorKind::Usage, "answers/syntax"));
    let case = Case::new("[variables.a]\ntype = \"number\"\n").answers("a = nan");
    assert_eq!(case.messages(), [("variables/invalid".to_owned(), "the number must be finite".to_owned())]);
}
