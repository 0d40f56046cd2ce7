//! What errors say and where they point.

use super::*;
use crate::inspect;

fn help(diagnostic: &Diagnostic) -> &str {
    diagnostic.help.as_deref().unwrap_or_default()
}

#[test]
fn an_undefined_variable_is_named_with_its_neighbours() {
    let diagnostic = wrong("first\n  {{ create_name | upper }}");
    assert_eq!(diagnostic.rule, "template/undefined-variable");
    assert_eq!(diagnostic.message, "`create_name` is undefined");
    assert_eq!(place(&diagnostic), "main.jinja:2:6-2:17");
    assert!(
        help(&diagnostic).starts_with("did you mean `crate_name`? the pack declares: `crate_name`, "),
        "{}",
        help(&diagnostic)
    );
    let far = wrong("{{ qqqqqqqq }}");
    assert!(help(&far).starts_with("the pack declares: "), "{}", help(&far));
    let none = only(render::render(b"{}", vec![], &[job("a", "{{ x }}")]).remove(0));
    assert_eq!(help(&none), "the pack declares no variables");
}

#[test]
fn strictness_reaches_everywhere() {
    for text in [
        "{{ x }}",
        "{{ x.y }}",
        "{% if x %}{% endif %}",
        "{% for a in x %}{% endfor %}",
        "{{ x ~ 'a' }}",
        "{{ x == 1 }}",
        "{{ 'a' in x }}",
        "{{ x | snake_case }}",
        "{{ x | tojson }}",
        "{{ [x] | tojson }}",
        "{{ user.nmae }}",
        "{{ x | toml_string }}",
    ] {
        assert_eq!(wrong(text).rule, "template/undefined-variable", "{text}");
    }
    assert_eq!(rendered("{{ x is defined }}{{ x | default('d') }}{{ user.x is defined }}"), "FalsedFalse");
}

#[test]
fn a_missing_attribute_is_named_with_its_siblings() {
    let diagnostic = wrong("{{ user.nmae }}");
    assert_eq!(diagnostic.message, "`user.nmae` is undefined");
    assert_eq!(place(&diagnostic), "main.jinja:1:9-1:13");
    assert_eq!(help(&diagnostic), "did you mean `name`? it has: `email`, `name`");
    let item = wrong("{% for s in services %}{{ s['prot'] + 1 }}{% endfor %}");
    assert_eq!(place(&item), "main.jinja:1:30-1:34");
    assert_eq!(help(&item), "did you mean `port`? it has: `name`, `port`");
    assert_eq!(help(&wrong("{{ user.a.b.c }}")), "it has: `email`, `name`");
}

#[test]
fn columns_count_bytes() {
    assert_eq!(place(&wrong("äö{{ nope }}")), "main.jinja:1:8-1:12");
}

#[test]
fn unknown_filters_tests_and_functions() {
    let filter = wrong("{{ port | upper | snakecase }}");
    assert_eq!(
        (filter.rule.as_str(), filter.message.as_str()),
        ("template/unknown-filter", "unknown filter `snakecase`")
    );
    assert_eq!((place(&filter).as_str(), help(&filter)), ("main.jinja:1:19-1:28", "did you mean `snake_case`?"));
    let test = wrong("{{ port is deffined }}");
    assert_eq!((test.rule.as_str(), help(&test)), ("template/unknown-test", "did you mean `defined`?"));
    assert_eq!(place(&test), "main.jinja:1:12-1:20");
    let function = wrong("{% macro field_type() %}{% endmacro %}{{ feild_type() }}");
    assert_eq!((function.rule.as_str(), help(&function)), ("template/unknown-function", "did you mean `field_type`?"));
    assert_eq!(place(&function), "main.jinja:1:42-1:52");
    assert_eq!(help(&wrong("{{ rnage(3) }}")), "did you mean `range`?");
    assert_eq!(wrong("{{ user.nope() }}").rule, "template/unknown-function");
}

#[test]
fn syntax_errors_have_places() {
    let diagnostic = wrong("line\n{% if port %}\n{{ port }\n");
    assert_eq!(diagnostic.rule, "template/syntax");
    assert_eq!(diagnostic.span.as_ref().map(|span| span.start.line), Some(3));
    assert_eq!(wrong("{% endfor %}").rule, "template/syntax");
    assert_eq!(wrong("{{ '\\ud800' }}").rule, "template/syntax");
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(1000), ")".repeat(1000));
    assert_eq!(wrong(&deep).rule, "template/syntax");
}

#[test]
fn types_and_other_errors_differ() {
    for text in [
        "{{ port + 'a' }}",
        "{{ 1 // 0 }}",
        "{{ port | snake_case }}",
        "{{ 'a' | round }}",
        "{% for a, b in [1] %}{% endfor %}",
        "{{ port | upper(1, 2) }}",
        "{{ range | tojson }}",
        "{{ -'a' }}",
    ] {
        assert_eq!(wrong(text).rule, "template/type", "{text}");
    }
    for text in ["{{ super() }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"] {
        assert_eq!(wrong(text).rule, "template/error", "{text}");
    }
}

#[test]
fn a_missing_partial_is_suggested() {
    let diagnostic = only(render_with(&[("partials/head.txt", "")], "a\n{% include 'partials/haed.txt' %}"));
    assert_eq!(
        (diagnostic.rule.as_str(), help(&diagnostic)),
        ("template/missing-partial", "did you mean `partials/head.txt`?")
    );
    assert_eq!(diagnostic.message, "the pack has no file `partials/haed.txt`");
    assert_eq!(diagnostic.span.as_ref().map(|span| span.start.line), Some(2));
    for text in ["{% extends 'x' %}", "{% import 'x' as x %}", "{% from 'x' import y %}", "{% include ['x', 'y'] %}"] {
        assert_eq!(wrong(text).rule, "template/missing-partial", "{text}");
    }
}

#[test]
fn an_error_in_a_partial_points_there_and_names_the_way() {
    let partials = [
        ("inner.txt", "x\n{{ nope }}"),
        ("outer.txt", "{% include 'inner.txt' %}"),
        ("broken.txt", "\n\n{% if %}"),
        ("base.txt", "{{ nope }}{% block b %}{% endblock %}"),
        ("macros.txt", "{% macro m() %}{{ nope }}{% endmacro %}"),
    ];
    let related = |text: &str| {
        let diagnostic = only(render_with(&partials, text));
        (place(&diagnostic), diagnostic.related.iter().map(write_span).collect::<Vec<_>>())
    };
    let (at, way) = related("a\n{% include 'outer.txt' %}");
    assert_eq!(at, "inner.txt:2:4-2:8");
    assert_eq!(way, ["outer.txt:1:4-1:23", "main.jinja:2:4-2:23"]);
    assert_eq!(
        related("{% include 'broken.txt' %}"),
        ("broken.txt:3:7-3:9".into(), vec!["main.jinja:1:4-1:24".into()])
    );
    assert_eq!(related("{% extends 'base.txt' %}"), ("base.txt:1:4-1:8".into(), vec!["main.jinja:1:4-1:22".into()]));
    assert_eq!(related("{% from 'macros.txt' import m %}{{ m() }}").0, "macros.txt:1:19-1:23");
    assert_eq!(related("{% from 'macros.txt' import m %}{{ m() }}").1, ["main.jinja:1:4-1:30"]);
}

#[test]
fn wrong_options_name_the_nearest() {
    let run = |options: &str| {
        only(render::render(b"{}", vec![], &[Job { options: options.as_bytes().to_vec(), ..job("a", "") }]).remove(0))
    };
    let unknown = run(r#"{"trim_block": true}"#);
    assert_eq!((unknown.rule.as_str(), unknown.message.as_str()), ("template/option", "unknown option `trim_block`"));
    assert_eq!(help(&unknown), "did you mean `trim_blocks`?");
    assert_eq!(help(&run(r#"{"zzz": 1}"#)), "the options are `lstrip_blocks`, `trim_blocks`");
    assert_eq!(run(r#"{"trim_blocks": 1}"#).message, "the option `trim_blocks` is not a boolean");
    assert_eq!(run("[]").rule, "template/option");
}

#[test]
fn input_that_is_not_what_it_should_be() {
    for context in ["[]", "{", "", "\u{feff}{}", r#"{"a":"\ud800"}"#] {
        assert_eq!(only(render::render(context.as_bytes(), vec![], &[job("a", "")]).remove(0)).rule, "template/error");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(only(render::render(deep.as_bytes(), vec![], &[job("a", "")]).remove(0)).rule, "template/error");
    let bytes = File { path: "bin".to_owned(), contents: b"ok\n\xff\xfe".to_vec() };
    let job_of = |template: File| Job { template, locals: b"{}".to_vec(), options: b"{}".to_vec() };
    let diagnostic = only(render::render(b"{}", vec![], &[job_of(bytes.clone())]).remove(0));
    assert_eq!((diagnostic.rule.as_str(), place(&diagnostic).as_str()), ("template/syntax", "bin:2:1"));
    assert_eq!(only(inspect::inspect(&bytes)).rule, "template/syntax");
    let partial = render::render(b"{}", vec![bytes], &[job("a", "{% include 'bin' %}")]).remove(0);
    assert!(only(partial).message.contains("is not UTF-8"));
    let locals = render::render(b"{}", vec![], &[Job { locals: b"1".to_vec(), ..job("a", "") }]).remove(0);
    assert!(only(locals).message.starts_with("the locals cannot be read"));
}
