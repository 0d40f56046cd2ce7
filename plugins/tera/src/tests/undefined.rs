//! An undefined name is an error wherever it is used, and its name is said; what may be handed on is handed on.

use super::*;
use crate::filters::FILTERS;

const CONTEXT: &str = r#"{
    "name": "orders", "user": {"name": "Ada"}, "services": [{"name": "api", "port": 1}, {"name": "jobs", "port": 2}]
}"#;

fn said(text: &str) -> (String, String, String) {
    let found = wrong(one(CONTEXT, &[], text));
    assert_eq!(found.rule, "template/undefined-variable", "{text}: {}", found.message);
    (found.message, place(&found.span.unwrap()), found.help.unwrap_or_default())
}

fn arguments(filter: &str) -> &'static str {
    match filter {
        "get" => "(key='name')",
        "group_by" => "(attribute='name')",
        "nth" => "(n=0)",
        "replace" => "(from='a', to='b')",
        "split" => "(pat=',')",
        _ => "",
    }
}

#[test]
fn every_filter_but_default_fails() {
    for filter in FILTERS.iter().filter(|filter| **filter != "default") {
        for (name, column, text) in [
            ("nope", 4, "{{ nope | FILTER }}"),
            ("user.nope", 9, "{{ user.nope | FILTER }}"),
            ("page.nope", 35, "{% for page in services %}{{ page.nope | FILTER }}{% endfor %}"),
            ("user.nope", 17, "{% set x = user.nope %}{{ x | FILTER }}"),
            ("nope", 12, "{% set x = nope | FILTER %}{{ x }}"),
            ("nope", 7, "{% if nope | FILTER == 1 %}{% endif %}"),
        ] {
            let (message, place, _) = said(&text.replace("FILTER", &format!("{filter}{}", arguments(filter))));
            assert_eq!(message, format!("`{name}` is undefined"), "{text}: {filter}");
            assert!(place.starts_with(&format!("1:{column}-")) || name == "user.nope", "{text}: {filter}: {place}");
        }
    }
}

#[test]
fn joined_names_and_items_fail() {
    for (name, text) in [
        ("nope", "{{ nope ~ 'a' }}"),
        ("nope", "{{ 'a' ~ nope }}"),
        ("nope", "{{ 'a' ~ name ~ nope }}"),
        ("user.nope", "{{ user.nope ~ 1 }}"),
        ("user.nope", "{% if 'a' ~ user.nope == 'a' %}{% endif %}"),
        ("x.nope", "{% for x in services %}{{ x.name ~ x.nope }}{% endfor %}"),
        ("nope", "{{ [nope] }}"),
        ("nope", "{{ [1, nope, 2] }}"),
        ("nope", "{{ {'a': nope} }}"),
        ("nope", "{{ [[nope]] }}"),
        ("user.nope", "{% set x = [user.nope] %}{{ x | length }}"),
        ("x.nope", "{{ [x.nope for x in services] }}"),
        ("nope", "{{ nope + 1 }}"),
        ("nope", "{{ 1 < nope }}"),
        ("nope", "{{ range(end=nope) }}"),
        ("nope", "{{ 'a' | replace(from=nope, to='b') }}"),
        ("x.nope", "{% for x in services %}{% for y in x.nope %}{% endfor %}{% endfor %}"),
        ("user.nope", "{% component C(a) %}{{ a }}{% endcomponent %}{{ <C a={user.nope} /> }}"),
    ] {
        assert_eq!(said(text).0, format!("`{name}` is undefined"), "{text}");
    }
    let partials = [("p.tera", "{{ 'a' ~ nope }}")];
    let found = wrong(one(CONTEXT, &partials, "{% include 'p.tera' %}"));
    assert_eq!(
        (found.message.as_str(), place(&found.span.unwrap()).as_str()),
        ("`nope` is undefined", "p.tera:1:10-1:14")
    );
}

#[test]
fn a_key_that_an_item_lacks_is_named() {
    let help = "did you mean `name`? it has: `name`, `port`";
    let (message, place, said_help) = said("{% for page in services %}{{ page.nam | upper }}{% endfor %}");
    assert_eq!((message.as_str(), place.as_str(), said_help.as_str()), ("`page.nam` is undefined", "1:35-1:38", help));
    for text in ["{{ services | sort(attribute='nam') }}", "{{ services | group_by(attribute='nam') }}"] {
        assert_eq!(said(text).0, "item 1 of the list: `nam` is undefined", "{text}");
    }
    assert_eq!(said("{{ user | get(key='nam') }}").0, "`nam` is undefined");
}

#[test]
fn what_is_undefined_is_handed_on() {
    for (text, wanted) in [
        ("{% set x = nope %}{{ x is defined }}{{ x | default(value='d') }}", "falsed"),
        ("{{ 'a' ~ nope | default(value='d') }}", "ad"),
        ("{% if nope %}1{% endif %}{{ nope or 'x' }}{{ nope is string }}", "xfalse"),
        ("{% if user.nope is defined %}{{ 'a' ~ user.nope }}{% endif %}", ""),
        (
            "{% for x in services %}{% if x.nope %}{{ x.nope ~ 'a' }}{% endif %}{{ x.name ~ '!' }}{% endfor %}",
            "api!jobs!",
        ),
        ("{% component C(a) %}{{ a is defined }}{% endcomponent %}{{ <C a={nope} /> }}", "false"),
        ("{{ [name, user.name] }}", r#"["orders", "Ada"]"#),
        ("{{ nope == 1 }}{{ nope in [1] }}", "falsefalse"),
    ] {
        assert_eq!(super::text(&one(CONTEXT, &[], text)), wanted, "{text}");
    }
}
