//! An undefined name is an error wherever it is used, and its name is said; what may be handed on is handed on.

use super::*;
use crate::filters::{FILTERS, TESTS};

/// Arguments that a filter or test can't do without.
fn arguments(name: &str) -> &'static str {
    match name {
        "attr" | "map" | "rejectattr" | "selectattr" | "groupby" => "('name')",
        "batch" | "slice" | "divisibleby" => "(2)",
        "replace" => "('a', 'b')",
        "endingwith" | "eq" | "equalto" | "ge" | "greaterthan" | "gt" | "in" | "le" | "lessthan" | "lt" | "ne"
        | "sameas" | "startingwith" => "('a')",
        _ => "",
    }
}

#[test]
fn every_filter_but_default_fails() {
    for filter in FILTERS.iter().filter(|filter| !matches!(**filter, "d" | "default")) {
        for (name, text) in [
            ("nope", "{{ nope | FILTER }}"),
            ("user.nope", "{{ user.nope | FILTER }}"),
            ("nope", "{% set x = nope %}{% if x | FILTER %}{% endif %}"),
            ("nope", "{% filter FILTER %}{{ nope }}{% endfilter %}"),
        ] {
            let found = wrong(&text.replace("FILTER", &format!("{filter}{}", arguments(filter))));
            let wanted = ("template/undefined-variable".to_owned(), format!("`{name}` is undefined"));
            assert_eq!((found.rule, found.message), wanted, "{text}: {filter}");
        }
    }
}

#[test]
fn tests_fail_but_for_those_of_types() {
    let types = [
        "boolean", "callable", "defined", "escaped", "false", "float", "int", "integer", "mapping", "none", "number",
        "safe", "sameas", "sequence", "string", "true",
    ];
    for test in TESTS {
        let text = format!("{{{{ nope is {test}{} }}}}", arguments(test));
        if types.contains(test) {
            assert_eq!(rendered(&text), "False", "{text}");
        } else if *test == "undefined" {
            assert_eq!(rendered(&text), "True");
        } else {
            assert_eq!(wrong(&text).message, "`nope` is undefined", "{text}");
        }
        if !matches!(arguments(test), "") && *test != "sameas" {
            let text = format!("{{{{ 'a' is {test}(nope) }}}}");
            assert_eq!(wrong(&text).message, "`nope` is undefined", "{text}");
        }
    }
}

#[test]
fn arguments_fail() {
    for text in [
        "'a' | replace('a', nope)",
        "'a' | tojson(indent=nope)",
        "'a' | tojson(nope)",
        "5 | int(default=nope)",
        "5 | int(nope)",
        "5 | float(nope)",
        "5 | round(method=nope)",
        "'a' | truncate(length=nope)",
        "'a' | wordwrap(nope)",
        "'a' | split(nope)",
        "'%s' | format(nope)",
        "[1] | map(nope)",
        "services | map(attribute=nope)",
        "services | selectattr('name', 'eq', nope)",
        "services | selectattr(nope)",
        "[1] | select('eq', nope)",
        "[1] | chain(nope)",
        "[1] | zip(nope)",
        "[1] | batch(2, nope)",
        "table | dictsort(by=nope)",
        "table | xmlattr(nope)",
        "'a'.replace('a', nope)",
        "'a'.split(nope)",
        "'a'.startswith(nope)",
        "'{}'.format(nope)",
        "', '.join([nope])",
        "table.get(nope)",
        "[1].index(nope)",
        "range(1, nope)",
        "dict(nope)",
        "namespace(nope)",
        "joiner(nope)()",
        "user[nope]",
        "services[nope].name",
        "services[nope:]",
        "nope * 'a'",
        "[1] * nope",
        "nope == 1",
        "1 in nope",
        "nope ~ 'a'",
    ] {
        let found = wrong(&format!("{{{{ {text} }}}}"));
        let wanted = ("template/undefined-variable", "`nope` is undefined");
        assert_eq!((found.rule.as_str(), found.message.as_str()), wanted, "{text}");
    }
}

#[test]
fn an_item_fails_where_it_is_shown_written_or_compared() {
    for text in [
        "[nope]",
        "(nope, 1)",
        "{'a': nope}",
        "{nope: 1}",
        "[[{'a': [nope]}]]",
        "[nope] + [1]",
        "dict(a=nope)",
        "{'a': nope}.items() | list",
        "[nope] | tojson",
        "[nope] | join",
        "[nope] | e",
        "[nope] | upper",
        "[nope] | string",
        "[nope, 1] | sort",
        "[nope, 1] | unique",
        "[nope, 1] | max",
        "[nope, 1] | first",
        "[nope, 1] | select",
        "[nope, 1] | map('e')",
        "[nope, 1] | reverse",
        "[nope, 1] | list",
        "{'a': nope} | urlencode",
    ] {
        assert_eq!(wrong(&format!("{{{{ {text} }}}}")).message, "`nope` is undefined", "{text}");
    }
    assert_eq!(wrong("{{ [1 if false] }}").message, "an undefined value was used");
    assert_eq!(rendered("[{{ 1 if false }}{{ (1 if false) | upper }}]"), "[]");
}

#[test]
fn a_key_that_items_lack_is_named() {
    let (message, help) = ("item 1 of the list: `nam` is undefined", "did you mean `name`? it has: `name`, `port`");
    for text in [
        "services | sort(attribute='nam')",
        "services | groupby('nam')",
        "services | unique(attribute='nam')",
        "services | max(attribute='nam')",
        "services | sum(attribute='nam')",
        "services | join(', ', attribute='nam')",
        "services | map(attribute='nam') | join",
        "services | map(attribute='nam') | list",
        "services | selectattr('nam')",
        "services | rejectattr('nam', 'eq', 'api')",
    ] {
        let found = wrong(&format!("{{{{ {text} }}}}"));
        assert_eq!((found.message.as_str(), found.help.as_deref()), (message, Some(help)), "{text}");
        let start = 4 + u32::try_from(text.find("nam'").unwrap()).unwrap();
        assert_eq!(place(&found), format!("main.jinja:1:{start}-1:{}", start + 3), "{text}");
    }
    assert_eq!(wrong("{{ user | attr('nam') }}").message, "`nam` is undefined");
    assert_eq!(
        wrong("{{ (services + []) | sort(attribute='a.b') }}").message,
        "item 1 of the list: `a.b` is undefined"
    );
    let macros = "{% macro f(a) %}{{ a }}{% endmacro %}{{ f() }}";
    assert_eq!(
        (wrong(macros).message.as_str(), place(&wrong(macros))),
        ("`a` is undefined", "main.jinja:1:20-1:21".into())
    );
    assert_eq!(wrong("{{ [] | first | e }}").message, "an undefined value was used");
}

#[test]
fn what_is_undefined_is_handed_on() {
    for (text, wanted) in [
        ("{% set x = nope %}{{ x is defined }}{{ x | default('d') }}", "Falsed"),
        ("{% set x = nope %}{{ x | default(nope) is defined }}", "False"),
        ("{% macro f(a) %}{{ a | default('d') }}{{ a is string }}{% endmacro %}{{ f(nope) }}{{ f() }}", "dFalsedFalse"),
        ("{% macro f(a) %}{{ a.title | default('d') }}{% endmacro %}{{ f({'title': user.nope}) }}", "d"),
        ("{{ [nope, 1] | select('defined') | list }}", "[1]"),
        ("{{ [nope, 1] | map('default', 2) | list }}", "[2, 1]"),
        ("{{ services | sort(attribute='port, name') | length }}", "2"),
        ("{{ services | map(attribute='nope') | select('defined') | list }}", "[]"),
        ("{{ services | map(attribute='nope', default='x') | join }}", "xx"),
        ("{{ services | selectattr('nope', 'defined') | selectattr('nope') | list }}", "[]"),
        ("{{ services | groupby('nope', default='x') | length }}", "1"),
        ("{{ user.get('nope', nope) | default('d') }}{{ user.get('name', nope) }}", "dAda"),
        ("{{ namespace(a=nope).a | default('d') }}{{ dict(a=nope).a is defined }}", "dFalse"),
        ("{{ [nope] | length }}{{ [] | first | default('d') }}{{ [] | max | default(0) }}", "1d0"),
        ("{{ {'class': nope, 'id': 'a'} | xmlattr }}", " id=\"a\""),
        ("{{ 'a' or nope }}{{ nope is defined and nope }}", "aFalse"),
    ] {
        assert_eq!(rendered(text), wanted, "{text}");
    }
}

#[test]
fn what_was_handed_on_is_shown_where_it_was_read() {
    let partials = [("m.jinja", "{% macro f(a) %}{{ a | e }}{% endmacro %}"), ("i.jinja", "{{ given }}")];
    for (text, read, used) in [
        ("{% from 'm.jinja' import f %}{{ f(user.nam) }}", "main.jinja:1:40-1:43", "m.jinja:1:24-1:25"),
        ("{% set given = user.nam %}\n{% include 'i.jinja' %}", "main.jinja:1:21-1:24", "i.jinja:1:4-1:9"),
        ("{% set x = user.nam %}\n\n{{ x | upper }}", "main.jinja:1:17-1:20", "main.jinja:3:8-3:13"),
        ("{% set x = user.nam %}\n{{ [1][:x] }}", "main.jinja:1:17-1:20", "main.jinja:2:4-2:11"),
    ] {
        let found = only(render_with(&partials, text));
        assert_eq!(found.message, "`user.nam` is undefined", "{text}");
        assert_eq!(found.help.as_deref(), Some("did you mean `name`? it has: `email`, `name`"), "{text}");
        assert_eq!((place(&found).as_str(), write_span(&found.related[0]).as_str()), (read, used), "{text}");
    }
}
