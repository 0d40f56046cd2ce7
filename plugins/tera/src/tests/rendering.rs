//! What the guest adds to the engine: reads, inspection, help, options, an order where the engine has none.

use super::*;
use crate::inspect;

const CONTEXT: &str = r#"{"title":"t","user":{"name":"Ann","email":"e"},"items":["b","a"],"port":80,"unused":1}"#;

fn reads(partials: &[(&str, &str)], text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let rendered = one(CONTEXT, partials, text).expect("a result");
    (rendered.reads.variables, rendered.reads.partials, rendered.reads.absent)
}

#[test]
fn reads_name_what_a_template_may_have_looked_up() {
    let (variables, partials, absent) = reads(
        &[("a.txt", "{{ port }}{{ nope | default(value='') }}"), ("b.txt", "{{ unused }}")],
        "{{ title | upper }}{% for i in items %}{{ i }}{% endfor %}{% include 'a.txt' %}",
    );
    assert_eq!(variables, ["items", "port", "title"]);
    assert_eq!(partials, ["a.txt"]);
    assert_eq!(absent, ["nope"]);
}

#[test]
fn what_may_be_undefined_counts_as_read() {
    let (variables, _, absent) = reads(&[], "{% if port == 1 %}{% set title = 1 %}{% endif %}{{ title }}{{ x or 1 }}");
    assert_eq!((variables, absent), (vec!["port".into(), "title".into()], vec!["x".into()]));
    assert_eq!(reads(&[], "{% set title = 1 %}{{ title }}").0, Vec::<String>::new());
    assert_eq!(reads(&[], "{{ [title for title in items if title] }}").0, ["items"]);
    assert_eq!(reads(&[], "{{ user.name }}{{ 'port' }}{# port #}{% raw %}{{ port }}{% endraw %}").0, ["user"]);
    assert_eq!(reads(&[], "{% component C(@port, x=1) %}{{ x }}{% endcomponent C %}{{ <C/> }}").0, ["port"]);
}

#[test]
fn a_component_is_looked_for_in_all_partials() {
    let partials =
        [("a.txt", "{% component C() %}c{% endcomponent C %}"), ("b.txt", "{{ title }}"), ("c.txt", "{% if %}")];
    assert_eq!(reads(&partials, "{{ <C/> }}").1, ["a.txt", "b.txt", "c.txt"]);
    assert_eq!(reads(&partials, "x").1, Vec::<String>::new());
}

#[test]
fn locals_are_no_reads() {
    let mut wanted = job("main", "{{ item }}{{ title }}{{ port }}");
    wanted.locals = br#"{"item":1,"title":"local"}"#.to_vec();
    let rendered = render::render(CONTEXT.as_bytes(), vec![], &[wanted]).remove(0);
    assert_eq!(text(&rendered), "1local80");
    assert_eq!(rendered.expect("a result").reads.variables, ["port"]);
}

#[test]
fn inspection_lists_names() {
    let template = "{% extends 'base.txt' %}{% block body %}{{ user.name }}{% for i in items %}{{ i ~ x }}{{ loop.index }}\
                    {% endfor %}{% include 'a.txt' %}{% block inner %}{% endblock %}{% endblock %}";
    let found = inspect::inspect(&file("main", template)).expect("names");
    assert_eq!(found.variables, ["items", "user", "x"]);
    assert_eq!(found.partials, ["a.txt", "base.txt"]);
    assert_eq!(found.blocks, ["body", "inner"]);
    let Err(Failure::Invalid(diagnostics)) = inspect::inspect(&file("main", "\n{% if %}")) else { panic!("no error") };
    assert_eq!(
        (diagnostics[0].rule.as_str(), place(diagnostics[0].span.as_ref().unwrap()).as_str()),
        ("template/syntax", "2:7-2:9")
    );
}

#[test]
fn help_names_what_was_meant() {
    let help = |text: &str| wrong(one(CONTEXT, &[("parts/head.txt", "")], text)).help.unwrap_or_default();
    assert!(help("{{ titel }}").starts_with("did you mean `title`? the pack declares: `items`, "));
    assert_eq!(help("{{ user.nmae }}"), "did you mean `name`? it has: `email`, `name`");
    assert_eq!(help("{{ title | uper }}"), "did you mean `upper`?");
    assert_eq!(help("{{ title is strng }}"), "did you mean `string`?");
    assert_eq!(help("{% include 'parts/haed.txt' %}"), "did you mean `parts/head.txt`?");
}

#[test]
fn the_first_of_several_errors_is_shown() {
    for _ in 0..20 {
        let found = wrong(one(
            CONTEXT,
            &[],
            "{{ title | upper }}\n{{ title | uper }}{{ now() }}{{ title | lowr }}{{ 1 is x }}",
        ));
        assert_eq!(place(found.span.as_ref().unwrap()), "2:12-2:16");
    }
}

#[test]
fn an_error_in_a_partial_names_the_way() {
    let partials = [("inner.txt", "x\n{{ nope }}"), ("outer.txt", "{% include 'inner.txt' %}")];
    let found = wrong(one(CONTEXT, &partials, "a\n{% include 'outer.txt' %}"));
    assert_eq!(place(found.span.as_ref().unwrap()), "inner.txt:2:4-2:8");
    assert_eq!(found.related.iter().map(place).collect::<Vec<_>>(), ["outer.txt:1:12-1:23", "2:12-2:23"]);
}

#[test]
fn nothing_dumps_all_variables() {
    let found = wrong(one(CONTEXT, &[], "{{ __tera_context }}"));
    assert_eq!(
        (found.rule.as_str(), found.message.as_str()),
        ("template/undefined-variable", "`__tera_context` is undefined")
    );
}

#[test]
fn groups_stand_in_the_order_of_their_first_item() {
    let context = r#"{"l":[{"k":"z","n":1},{"k":"a","n":2},{"k":"z","n":3},{"k":null},{"k":"m","n":4}]}"#;
    let result = one(context, &[], "{% for k, v in l | group_by(attribute='k') %}{{ k }}{{ v | length }} {% endfor %}");
    assert_eq!(text(&result), "z2 a1 m1 ");
}

#[test]
fn options_and_input_are_checked() {
    let mut wanted = job("main", "x");
    wanted.options = br#"{"trim_blocks":true}"#.to_vec();
    let found = wrong(render::render(b"{}", vec![], &[wanted]).remove(0));
    assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/option", "unknown option `trim_blocks`"));
    assert_eq!(wrong(render::render(b"[]", vec![], &[job("main", "x")]).remove(0)).rule, "template/error");
    let broken = Job { template: File { path: "main".into(), contents: b"a\xff".to_vec() }, ..job("main", "") };
    assert_eq!(place(wrong(render::render(b"{}", vec![], &[broken]).remove(0)).span.as_ref().unwrap()), "1:2");
}
