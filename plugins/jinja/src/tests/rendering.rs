//! What templates become, and what they read.

use super::*;
use crate::inspect;

#[test]
fn variables_loops_and_filters() {
    assert_eq!(rendered("{{ crate_name }}:{{ port }}"), "orders:8080");
    assert_eq!(rendered("{% for s in services %}{{ s.name }}={{ s.port }};{% endfor %}"), "api=1;jobs=2;");
    assert_eq!(rendered("{{ [1, 2, 3] | join('-') }} {{ 'x' | upper }}"), "1-2-3 X");
    assert_eq!(rendered("{% for n in range(5) %}{% if n == 3 %}{% break %}{% endif %}{{ n }}{% endfor %}"), "012");
    assert_eq!(rendered("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(port) }}"), "<8080>");
    assert_eq!(rendered("{% set ns = namespace(n=1) %}{% set ns.n = 2 %}{{ ns.n }}"), "2");
}

#[test]
fn nothing_is_escaped_and_line_feeds_stay() {
    assert_eq!(rendered("{{ '<a&\"b>' }}\n"), "<a&\"b>\n");
    let html = render::render(b"{\"v\":\"<&>\"}", vec![], &[job("page.html", "{{ v }}\n"), job("x.json", "{{ v }}")]);
    assert_eq!(text_of(html[0].as_ref().unwrap()), "<&>\n");
    assert_eq!(text_of(html[1].as_ref().unwrap()), "<&>");
    assert_eq!(rendered("a\n\n"), "a\n\n");
    assert_eq!(rendered("a\r\n{{ port }}\r\n"), "a\r\n8080\r\n");
}

#[test]
fn case_filters() {
    let all = "{% set v = 'some HTTPName' %}{{ v|snake_case }} {{ v|kebab_case }} {{ v|pascal_case }} {{ v|camel_case }} {{ v|shouty_snake_case }} {{ v|title_case }}";
    assert_eq!(rendered(all), "some_http_name some-http-name SomeHttpName someHttpName SOME_HTTP_NAME Some Http Name");
}

#[test]
fn json_and_toml_are_not_escaped_for_html() {
    assert_eq!(rendered("{{ \"<&'>\" | tojson }}"), "\"<&'>\"");
    assert_eq!(rendered("{{ user | tojson }}"), r#"{"name": "Ada", "email": "ada@example.org"}"#);
    assert_eq!(
        rendered("{{ {'a': [1, 2.5, none, true]} | tojson(indent=2) }}"),
        "{\n  \"a\": [\n    1,\n    2.5,\n    null,\n    true\n  ]\n}"
    );
    assert_eq!(rendered("{{ debug | tojson }}{{ [] | tojson }}"), "true[]");
    assert_eq!(rendered(r#"{{ "a\"b\\c\nd" | toml_string }}"#), r#""a\"b\\c\nd""#);
}

#[test]
fn tables_keep_their_order() {
    assert_eq!(rendered("{% for k in table %}{{ k }} {% endfor %}"), "zebra apple mango ");
    assert_eq!(rendered("{% for k, v in table | items %}{{ k }}={{ v }} {% endfor %}"), "zebra=1 apple=2 mango=3 ");
    assert_eq!(rendered("{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}"), "ba");
    assert_eq!(rendered("{% for k, v in table | dictsort %}{{ k }} {% endfor %}"), "apple mango zebra ");
    assert_eq!(rendered("{{ table | length }}{{ table == {'apple': 2, 'mango': 3, 'zebra': 1} }}"), "3True");
}

#[test]
fn large_tables_find_every_key_and_the_last_of_two_counts() {
    let pairs: Vec<String> = (0..50).map(|n| format!("\"k{n}\": {n}")).chain(["\"k7\": 700".to_owned()]).collect();
    let context = format!("{{\"t\": {{{}}}, \"s\": {{\"a\": 1, \"b\": 2, \"a\": 3}}}}", pairs.join(","));
    let template = "{% for k in t %}{{ t[k] }} {% endfor %}{{ t | length }}|{{ s | tojson }}";
    let answers = render::render(context.as_bytes(), vec![], &[job("a", template)]);
    let expected: Vec<String> = (0..50).map(|n| if n == 7 { "700 ".to_owned() } else { format!("{n} ") }).collect();
    assert_eq!(text_of(answers[0].as_ref().unwrap()), format!("{}50|{{\"a\": 3, \"b\": 2}}", expected.concat()));
}

#[test]
fn options_trim_and_strip() {
    let text = "{% if true %}\nx\n  {% endif %}\ny\n";
    let run = |options: &str| {
        let job = Job { options: options.as_bytes().to_vec(), ..job("a", text) };
        text_of(render::render(b"{}", vec![], &[job])[0].as_ref().unwrap())
    };
    assert_eq!(run("{}"), "\nx\n  \ny\n");
    assert_eq!(run(r#"{"trim_blocks": true}"#), "x\n  y\n");
    assert_eq!(run(r#"{"trim_blocks": true, "lstrip_blocks": true}"#), "x\ny\n");
    assert_eq!(run(r#"{"trim_blocks": false}"#), "\nx\n  \ny\n");
}

#[test]
fn locals_lie_over_the_context_and_are_not_reads() {
    let job = Job {
        locals: br#"{"item": {"n": 1}, "port": 5}"#.to_vec(),
        ..job("a", "{{ item.n }} {{ port }} {{ crate_name }}")
    };
    let answers = render::render(CONTEXT.as_bytes(), vec![], &[job]);
    let answer = answers[0].as_ref().unwrap();
    assert_eq!(text_of(answer), "1 5 orders");
    assert_eq!(answer.reads.variables, ["crate_name"]);
    assert!(answer.reads.absent.is_empty() && answer.reads.partials.is_empty());
}

#[test]
fn reads_are_what_was_looked_up() {
    let text = "{% set own = 1 %}{{ own }}{% for s in services %}{{ s.name }}{{ loop.index }}{% endfor %}\
        {% if false %}{{ ratio }}{% endif %}{{ missing | default('-') }}{% if gone is defined %}{% endif %}{{ port }}{{ port }}";
    let answer = render_with(&[], text).unwrap();
    assert_eq!(answer.reads.variables, ["port", "services"]);
    assert_eq!(answer.reads.absent, ["gone", "missing"]);
}

#[test]
fn a_function_of_the_engine_is_absent_because_a_variable_would_hide_it() {
    let answer = render_with(&[], "{{ range(2) | list }}").unwrap();
    assert_eq!((answer.reads.variables.len(), answer.reads.absent), (0, vec!["range".to_owned()]));
    let hidden = render::render(br#"{"range": "mine"}"#, vec![], &[job("a", "{{ range }}")]);
    assert_eq!(text_of(hidden[0].as_ref().unwrap()), "mine");
    // The engine's own `debug()` would print everything; a variable of that name is just a variable.
    assert_eq!(rendered("{{ debug }}"), "True");
}

#[test]
fn partials_are_included_extended_and_imported() {
    let partials = [
        ("partials/head.txt", "head of {{ crate_name }}\n"),
        ("base.jinja", "<{% block body %}base {{ port }}{% endblock %}>"),
        ("macros.jinja", "{% macro twice(v) %}{{ v }}{{ v }}{% endmacro %}"),
        ("unused.jinja", "{{ syntax error"),
    ];
    let include = render_with(&partials, "{% include 'partials/head.txt' %}x").unwrap();
    assert_eq!(text_of(&include), "head of orders\nx");
    assert_eq!(
        (include.reads.variables, include.reads.partials),
        (vec!["crate_name".to_owned()], vec!["partials/head.txt".to_owned()])
    );
    let extends =
        render_with(&partials, "{% extends 'base.jinja' %}{% block body %}{{ super() }}!{% endblock %}").unwrap();
    assert_eq!(text_of(&extends), "<base 8080!>");
    assert_eq!(extends.reads.partials, ["base.jinja"]);
    let import = render_with(
        &partials,
        "{% from 'macros.jinja' import twice %}{{ twice('a') }}{% import 'macros.jinja' as m %}{{ m.twice(1) }}",
    )
    .unwrap();
    assert_eq!(text_of(&import), "aa11");
    let missing =
        render_with(&partials, "{% include ['no.txt', 'partials/head.txt'] %}{% include 'nor.txt' ignore missing %}")
            .unwrap();
    assert_eq!(
        (missing.reads.absent, missing.reads.partials.len()),
        (vec!["no.txt".to_owned(), "nor.txt".to_owned()], 1)
    );
}

#[test]
fn a_job_does_not_depend_on_its_neighbours() {
    let partials = || vec![file("p.jinja", "{% if true %}\n[{{ port }}]{% endif %}\n")];
    let trim = |text: &str| Job { options: br#"{"trim_blocks": true}"#.to_vec(), ..job("t", text) };
    let jobs = vec![
        job("a", "{% include 'p.jinja' %}"),
        trim("{% include 'p.jinja' %}"),
        job("b", "{% include 'a' %}"),
        job("b", "{{ crate_name }}{% set leak = 1 %}"),
        job("b", "{{ crate_name }}{% set leak = 1 %}"),
        job("c", "{{ leak | default('clean') }}"),
        job("d", "{{ nope }}"),
        job("e", "{% include 'p.jinja' %}{{ port }}"),
        job("f", "{{"),
    ];
    let together = render::render(CONTEXT.as_bytes(), partials(), &jobs);
    for (at, job) in jobs.iter().enumerate() {
        assert_eq!(
            together[at],
            render::render(CONTEXT.as_bytes(), partials(), &jobs[at..=at])[0],
            "{}",
            job.template.path
        );
    }
    let reversed: Vec<Job> = jobs.iter().rev().cloned().collect();
    let mut backwards = render::render(CONTEXT.as_bytes(), partials(), &reversed);
    backwards.reverse();
    assert_eq!(together, backwards);
    assert_ne!(text_of(together[0].as_ref().unwrap()), text_of(together[1].as_ref().unwrap()));
    assert_eq!(together[3].as_ref().unwrap().reads.variables, ["crate_name"]);
    assert_eq!(together[4].as_ref().unwrap().reads.variables, ["crate_name"]);
}

#[test]
fn inspect_lists_what_may_be_looked_up() {
    let text = "{% extends 'base.jinja' %}{% import 'm.jinja' as m %}{% block b %}{{ a.b[c][d:e] }}{% endblock %}\
        {% for x in xs if x.on == flag %}{{ loop.index }}{{ x }}{% else %}{{ x }}{% endfor %}\
        {% if t %}{% set s = 1 %}{% endif %}{{ s }}{% with w = w %}{{ w }}{% endwith %}\
        {% include ['one', 'two'] ignore missing %}{% include 'three' if t else 'four' %}{% include dynamic %}\
        {% macro f(p, q=z) %}{{ p }}{{ q }}{{ caller() }}{{ f(1) }}{% endmacro %}{{ m.f(y) }}{{ range(n) | join(sep) }}\
        {% set own = 1 %}{{ own }}{% filter replace(from, 'x') %}{{ inner }}{% endfilter %}{{ super() }}{{ self.b() }}";
    let info = inspect::inspect(&file("t", text)).unwrap();
    let expected =
        ["a", "c", "d", "dynamic", "e", "flag", "from", "inner", "n", "s", "sep", "t", "w", "x", "xs", "y", "z"];
    assert_eq!(info.variables, expected);
    assert_eq!(info.partials, ["base.jinja", "four", "m.jinja", "one", "three", "two"]);
    assert_eq!(info.blocks, ["b"]);
    assert_eq!(place(&only(inspect::inspect(&file("t", "ok\n{% if %}")))), "t:2:7-2:9");
}

#[test]
fn every_listed_filter_and_test_exists() {
    let known = format!("{:?}", render::base());
    let names = |what: &str| -> Vec<String> {
        let rest = known.split_once(&format!("{what}: [")).unwrap().1;
        rest.split_once(']').unwrap().0.split(", ").map(|name| name.trim_matches('"').to_owned()).collect()
    };
    assert_eq!(names("filters"), crate::filters::FILTERS);
    let words: Vec<String> =
        names("tests").into_iter().filter(|name| name.starts_with(|c: char| c.is_alphabetic())).collect();
    assert_eq!(words, crate::filters::TESTS);
}
