//! What the guest adds to the engine: reads, inspection, help, options.

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
        &[("a", "{{port}}{{#if nope}}{{/if}}"), ("b", "{{unused}}")],
        "{{title}}{{#each items}}{{this}}{{../user.name}}{{/each}}{{> a}}",
    );
    assert_eq!(variables, ["items", "port", "title", "user"]);
    assert_eq!(partials, ["a"]);
    assert_eq!(absent, ["nope"]);
}

#[test]
fn the_whole_top_level_is_read_where_it_is_named() {
    let all = ["items", "port", "title", "unused", "user"];
    for text in
        ["{{#each this}}{{/each}}", "{{#each items}}{{lookup ../this ../title}}{{/each}}", "{{lookup this title}}"]
    {
        let found = one(r#"{"title":"port","user":{},"items":["b","a"],"port":80,"unused":1}"#, &[], text);
        assert_eq!(found.expect("a result").reads.variables, all, "{text}");
    }
    assert_eq!(reads(&[], "{{#each items}}{{this}}{{/each}}").0, ["items"]);
    assert_eq!(reads(&[], "{{#with user as |u|}}{{u.name}}{{name}}{{/with}}").0, ["user"]);
    assert_eq!(reads(&[], "{{! port }}{{{{raw}}}}{{port}}{{{{/raw}}}}{{snake_case 'port'}}").0, Vec::<String>::new());
    assert_eq!(reads(&[], "{{len items}}{{#if (eq port 1)}}{{/if}}").0, ["items", "port"]);
}

#[test]
fn a_missing_partial_with_a_fallback_is_absent() {
    assert_eq!(reads(&[], "{{#> nope}}x{{/nope}}").2, ["nope"]);
    let partials = [("Ann", "A"), ("b", "{{#if}}"), ("c", "C")];
    assert_eq!(reads(&partials, "{{> (lookup user \"name\")}}").1, ["Ann", "c"]);
}

#[test]
fn locals_are_no_reads_and_go_away() {
    let mut wanted = job("main", "{{item}}{{title}}{{port}}");
    wanted.locals = br#"{"item":1,"title":"local"}"#.to_vec();
    let after = job("other", "{{title}}{{#each this}}{{@key}} {{/each}}");
    let answers = render::render(CONTEXT.as_bytes(), vec![], &[wanted, after]);
    assert_eq!(text(&answers[0]), "1local80");
    assert_eq!(answers[0].as_ref().expect("a result").reads.variables, ["port"]);
    assert_eq!(text(&answers[1]), "ttitle user items port unused ");
}

#[test]
fn inspection_lists_names() {
    let template = "{{user.name}}{{#each items as |i|}}{{i}}{{y}}{{../x}}{{/each}}{{> parts/a}}{{snake_case title}}\
                    {{#*inline \"own\"}}{{/inline}}{{> own}}{{#> layout}}{{z}}{{/layout}}";
    let found = inspect::inspect(&file("main", template)).expect("names");
    assert_eq!(found.variables, ["items", "title", "user", "x", "z"]);
    assert_eq!(found.partials, ["layout", "parts/a"]);
    assert_eq!(found.blocks, ["own"]);
    let Err(Failure::Invalid(diagnostics)) = inspect::inspect(&file("main", "\n{{#if}")) else { panic!("no error") };
    assert_eq!(diagnostics[0].rule, "template/syntax");
}

#[test]
fn help_names_what_was_meant() {
    let help = |text: &str| wrong(one(CONTEXT, &[("parts/head", "")], text)).help.unwrap_or_default();
    assert!(help("{{titel}}").starts_with("did you mean `title`? the pack declares: `items`, "));
    assert_eq!(help("{{user.nmae}}"), "did you mean `name`? it has: `email`, `name`");
    assert_eq!(help("{{snake_cas title}}"), "did you mean `snake_case`?");
    assert_eq!(help("{{> parts/haed}}"), "did you mean `parts/head`?");
}

#[test]
fn an_error_in_a_partial_names_the_way() {
    let partials = [("inner", "x\n{{nope}}"), ("outer", "{{> inner}}")];
    let found = wrong(one(CONTEXT, &partials, "a\n{{> outer}}"));
    assert_eq!(place(found.span.as_ref().unwrap()), "inner:2:3-2:7");
    assert_eq!(found.related.iter().map(place).collect::<Vec<_>>(), ["outer:1:5-1:10", "2:5-2:10"]);
}

#[test]
fn arguments_without_an_order_are_not_listed() {
    let partials = [("p", "{{#each this}}{{@key}}{{/each}}")];
    assert!(one("{}", &partials, "{{> p a=1}}").is_ok());
    let found = wrong(one("{}", &partials, "x {{> p a=1 b=2}}"));
    assert_eq!((found.rule.as_str(), place(found.span.as_ref().unwrap()).as_str()), ("template/error", "1:7-1:8"));
}

#[test]
fn options_and_input_are_checked() {
    let partials = vec![file("p", "a\nb\n")];
    let mut wanted = job("main", "  {{> p}}\n");
    let plain = render::render(b"{}", partials.clone(), &[wanted.clone()]).remove(0);
    wanted.options = br#"{"prevent_indent":true}"#.to_vec();
    let prevented = render::render(b"{}", partials, &[wanted.clone()]).remove(0);
    assert_eq!((text(&plain), text(&prevented)), ("  a\n  b\n", "  a\nb\n"));
    wanted.options = br#"{"prevent_indnt":true}"#.to_vec();
    let found = wrong(render::render(b"{}", vec![], &[wanted]).remove(0));
    assert_eq!(found.help.as_deref(), Some("did you mean `prevent_indent`?"));
    assert_eq!(wrong(render::render(b"[]", vec![], &[job("main", "x")]).remove(0)).rule, "template/error");
}
