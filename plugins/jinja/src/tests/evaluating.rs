//! Expressions of a manifest.

use super::*;
use crate::bindings::exports::packbox::plugin::expressions::{Mode, Source, Value};
use crate::expressions;

fn source(text: &str, mode: Mode) -> Source {
    Source { text: text.to_owned(), mode, locals: b"{}".to_vec() }
}

fn evaluate(text: &str, mode: Mode) -> Result<Value, Failure> {
    expressions::evaluate(CONTEXT.as_bytes(), &[source(text, mode)]).remove(0)
}

fn json(text: &str) -> String {
    String::from_utf8(evaluate(text, Mode::Expression).unwrap().json).unwrap()
}

#[test]
fn types_survive() {
    for (text, expected) in [
        ("port", "8080"),
        ("port + 1", "8081"),
        ("ratio", "2.0"),
        ("port / 2", "4040.0"),
        ("7 // 2", "3"),
        ("debug", "true"),
        ("nothing", "null"),
        ("crate_name ~ ':latest'", "\"orders:latest\""),
        ("user", r#"{"name":"Ada","email":"ada@example.org"}"#),
        ("[1, 'a', none]", r#"[1,"a",null]"#),
        ("services | map(attribute='name')", r#"["api","jobs"]"#),
        ("range(3)", "[0,1,2]"),
        ("crate_name != 'none' and port > 1", "true"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("{'b': 1, 'a': {}}", r#"{"b":1,"a":{}}"#),
        ("port if debug else 0", "8080"),
        ("crate_name | pascal_case", "\"Orders\""),
    ] {
        assert_eq!(json(text), expected, "{text}");
    }
}

#[test]
fn templates_give_strings() {
    let value = evaluate("src/{{ crate_name | kebab_case }}/{{ port }}.rs", Mode::Template).unwrap();
    assert_eq!(value.json, b"\"src/orders/8080.rs\"");
    assert_eq!(value.reads.variables, ["crate_name", "port"]);
    assert_eq!(evaluate("a\n", Mode::Template).unwrap().json, b"\"a\\n\"");
}

#[test]
fn what_is_no_json_value_is_an_error() {
    for (text, rule) in [
        ("nope", "undefined-variable"),
        ("user.nmae", "undefined-variable"),
        ("[nope]", "undefined-variable"),
        ("range", "type"),
        ("1e400", "type"),
        ("", "syntax"),
        ("port port", "syntax"),
        ("{{ port }}", "syntax"),
        ("'a' + 1", "type"),
    ] {
        let diagnostic = only(evaluate(text, Mode::Expression));
        assert_eq!(diagnostic.rule, format!("template/{rule}"), "{text}");
    }
}

#[test]
fn places_have_no_path() {
    let diagnostic = only(evaluate("port > 1 and crate_nmae == 'x'", Mode::Expression));
    assert_eq!(place(&diagnostic), ":1:14-1:24");
    assert!(diagnostic.help.unwrap().starts_with("did you mean `crate_name`?"));
    let template = only(evaluate("src/{{ crate_nmae }}", Mode::Template));
    assert_eq!(place(&template), ":1:8-1:18");
    assert_eq!(only(evaluate("{% include 'x' %}", Mode::Template)).rule, "template/missing-partial");
}

#[test]
fn locals_count_and_each_source_stands_alone() {
    let requests = [
        Source { locals: br#"{"item": {"name": "x"}}"#.to_vec(), ..source("item.name", Mode::Expression) },
        source("item", Mode::Expression),
        source("port", Mode::Expression),
    ];
    let answers = expressions::evaluate(CONTEXT.as_bytes(), &requests);
    assert_eq!(answers[0].as_ref().unwrap().json, b"\"x\"");
    assert!(answers[0].as_ref().unwrap().reads.variables.is_empty());
    assert_eq!(only(answers[1].clone()).rule, "template/undefined-variable");
    assert_eq!(answers[2].as_ref().unwrap().reads.variables, ["port"]);
}

#[test]
fn inspect_lists_names() {
    let requests = [
        source("a.b and c is defined or range(3) | join(d)", Mode::Expression),
        source("x/{{ e }}/{% if f %}{% set g = 1 %}{{ g }}{% endif %}", Mode::Template),
        source("a +", Mode::Expression),
    ];
    let answers = expressions::inspect(&requests);
    assert_eq!(answers[0].as_ref().unwrap(), &["a", "c", "d"]);
    assert_eq!(answers[1].as_ref().unwrap(), &["e", "f"]);
    assert_eq!(only(answers[2].clone()).rule, "template/syntax");
}

#[test]
fn an_undefined_value_is_named() {
    for (text, message) in [
        ("prot", "`prot` is undefined"),
        ("[port, prot]", "`prot` is undefined"),
        ("user.nmae", "`user.nmae` is undefined"),
        ("{'a': user.nmae}", "an undefined value has no JSON form"),
    ] {
        let found = only(evaluate(text, Mode::Expression));
        assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/undefined-variable", message), "{text}");
    }
    let found = only(evaluate("prot", Mode::Expression));
    assert!(found.help.unwrap().starts_with("did you mean `port`?"));
    let found = only(evaluate("user.nmae", Mode::Expression));
    assert_eq!(found.help.as_deref(), Some("did you mean `name`? it has: `email`, `name`"));
}

#[test]
fn an_expression_has_no_braces() {
    for text in ["{{ debug }}", "  {{debug}} ", "{{- debug -}}"] {
        let found = only(evaluate(text, Mode::Expression));
        assert_eq!(
            (found.rule.as_str(), found.message.as_str()),
            ("template/syntax", "an expression is written without braces")
        );
        assert_eq!(found.help.as_deref(), Some("write the expression without braces: `debug`"));
        let inspected = expressions::inspect(&[source(text, Mode::Expression)]).remove(0);
        assert_eq!(only(inspected).message, found.message);
    }
}
