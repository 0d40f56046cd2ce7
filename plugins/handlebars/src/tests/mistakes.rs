//! What the guest says of mistakes: what is never closed, what is undefined.

use super::*;

const CONTEXT: &str =
    r#"{"title": "T", "name": "n", "rows": [{"name": "b"}], "empty": {}, "none": [], "user": {"name": "Ann"}}"#;

fn said(text: &str) -> Diagnostic {
    wrong(one(CONTEXT, &[], text))
}

#[test]
fn what_is_open_is_named() {
    for (text, message, at) in [
        ("{{#if name}}\na", "`{{#if name}}` (line 1) is never closed", "1:1-1:13"),
        ("\n{{#each rows as |r|}}{{#if r}}{{/if}}", "`{{#each rows as |r|}}` (line 2) is never closed", "2:1-2:22"),
        ("{{#if name}}\n{{/each}}", "`{{/each}}` closes nothing: `{{#if name}}` (line 1) is open", "2:1-2:10"),
        ("a{{/if}}", "`{{/if}}` closes nothing: no `{{#if}}` is open", "1:2-1:9"),
        ("{{else}}", "`{{else}}` is outside of a block", "1:1-1:9"),
        ("{{^}}", "`{{^}}` is outside of a block", "1:1-1:6"),
        ("{{name", "`{{` in line 1 is never closed", "1:1-1:3"),
        ("{{name}\nb", "`{{` in line 1 is closed by `}`", "1:7-1:8"),
        ("{{{name}}", "`{{{` in line 1 is closed by `}}`", "1:8-1:10"),
        ("{{name {{title}}", "`{{` in line 1 is never closed", "1:1-1:3"),
        ("{{snake_case 'a}}\n", "the string that begins in line 1 is never closed", "1:14-1:15"),
        ("{{!-- a", "`{{` in line 1 is never closed", "1:1-1:3"),
        ("{{{{raw}}}}\n", "`{{{{raw}}}}` (line 1) is never closed", "1:1-1:5"),
        ("{{#*inline \"a\"}}", "`{{#*inline \"a\"}}` (line 1) is never closed", "1:1-1:17"),
        ("{{#> layout}}", "`{{#> layout}}` (line 1) is never closed", "1:1-1:14"),
        ("{{^name}}", "`{{^name}}` does not begin a block", "1:1-1:10"),
        ("{{^name}}n{{/name}}", "`{{^name}}` does not begin a block", "1:1-1:10"),
        ("{{#if name}}{{^title}}n{{/title}}{{/if}}", "`{{^title}}` does not begin a block", "1:13-1:23"),
        ("{{name a=}}", "unexpected `}` in a tag", "1:10-1:11"),
        ("a{{gt 010 5}}", "`010` is not a valid JSON value", "1:7-1:10"),
        ("a{{gt 1E400 5}}", "the number `1E400` is out of range: floats go up to 1.8e308", "1:7-1:12"),
    ] {
        let found = said(text);
        assert_eq!((found.message.as_str(), place(found.span.as_ref().unwrap()).as_str()), (message, at), "{text}");
        assert!(found.rule == "template/syntax" && (found.help.is_some() || text.contains("gt")), "{text}");
    }
    assert_eq!(said("{{#if name}}").help.as_deref(), Some("add `{{/if}}`"));
    assert_eq!(said("{{^nope}}n{{/nope}}").help.as_deref(), Some("write `{{#unless nope}}…{{/unless}}`"));
    assert_eq!(said("{{~^unless nope~}}n{{/unless}}").help.as_deref(), Some("write `{{#if nope}}…{{/if}}`"));
}

#[test]
fn what_is_missing_is_false_or_named() {
    let rendered = |template: &str| text(&one(CONTEXT, &[], template)).to_owned();
    assert_eq!(rendered("{{#each rows}}{{#if (not note)}}-{{/if}}{{#not note}}n{{else}}y{{/not}}{{/each}}"), "-n");
    assert_eq!(rendered("{{#each rows}}{{#if (or note true)}}-{{/if}}{{#if (and note true)}}+{{/if}}{{/each}}"), "-");
    for helper in ["eq", "ne", "gt", "gte", "lt", "lte"] {
        for arguments in ["note 1", "1 note"] {
            let found = said(&format!("{{{{#each rows}}}}{{{{#if ({helper} {arguments})}}}}!{{{{/if}}}}{{{{/each}}}}"));
            assert_eq!(
                (found.rule.as_str(), found.message.as_str()),
                ("template/undefined-variable", "`note` is undefined")
            );
        }
    }
    assert_eq!(said("{{len note}}").message, "`note` is undefined");
    let found = said("{{#each rows}}{{title}}{{/each}}");
    assert_eq!(
        found.help.as_deref(),
        Some("within a block, write `@root.title` or `../title` for the one at the top level")
    );
    let found = said("{{#if (lookup rows 3)}}y{{/if}}");
    assert_eq!(
        (found.message.as_str(), found.help.as_deref()),
        ("`rows.3` is undefined", Some("the list has 1 item, at index 0"))
    );
    assert_eq!(said("{{empty.a}}").help.as_deref(), Some("it has no keys"));
    assert_eq!(said("{{user.nmae}}").help.as_deref(), Some("did you mean `name`? it has: `name`"));
    assert_eq!(said("{{lookup user 'nmae'}}").message, "`user.nmae` is undefined");
    assert_eq!(said("{{lookup (lookup rows 0) \"port\"}}").message, "`(…).port` is undefined");
    assert_eq!(said("{{name.first}}").help.as_deref(), Some("it is text, which has no keys"));
}

/// Checks templates, each with its message, its help and its place.
fn check(cases: &[(&str, &str, &str, &str)]) {
    let context = r#"{"a": 1, "len": 3, "list": [1], "name": "n", "no": null, "none": [], "user": {"first": "A"},
        "rows": [{"tags": "t", "port": 5, "no": null}]}"#;
    for (text, message, help, at) in cases {
        let found = wrong(one(context, &[("p", "{{a}}")], text));
        let found_at = place(found.span.as_ref().unwrap());
        let found = (found.message.as_str(), found.help.as_deref().unwrap_or_default(), found_at.as_str());
        assert_eq!(found, (*message, *help, *at), "{text}");
    }
}

#[test]
fn helpers_say_how_many_values_they_take() {
    check(&[
        ("{{and}}", "`and` takes one value or more, but is given none", "write `{{#if (and a b)}}`", "1:3-1:6"),
        (
            "{{#if (or)}}{{/if}}",
            "`or` takes one value or more, but is given none",
            "write `{{#if (or a b)}}`",
            "1:8-1:10",
        ),
        (
            "{{#and}}{{/and}}",
            "`and` takes one value or more, but is given none",
            "write `{{#if (and a b)}}`",
            "1:4-1:7",
        ),
        ("{{eq 1}}", "`eq` takes two values, but is given only 1", "write `{{#if (eq a b)}}`", "1:3-1:5"),
        ("{{eq a a a}}", "`eq` takes two values, but is given 3", "write `{{#if (eq a b)}}`", "1:3-1:5"),
        ("{{not}}", "`not` takes one value, but is given none", "write `{{not value}}`", "1:3-1:6"),
        ("{{lookup list}}", "`lookup` takes two values, but is given only 1", "write `{{lookup list 0}}`", "1:3-1:9"),
        (
            "{{snake_case name a}}",
            "`snake_case` takes one value, but is given 2",
            "write `{{snake_case value}}`",
            "1:3-1:13",
        ),
        (
            "{{len}}",
            "`len` takes one value, but is given none",
            "write `{{len value}}`; the variable is `{{this.len}}`",
            "1:3-1:6",
        ),
        ("{{#if}}{{/if}}", "`if` takes one value, but is given none", "write `{{#if value}}`", "1:4-1:6"),
        (
            "{{#unless}}{{/unless}}",
            "`unless` takes one value, but is given none",
            "write `{{#unless value}}`",
            "1:4-1:10",
        ),
        ("{{#if eq a 1}}{{/if}}", "`if` takes one value, but is given 3", "write `{{#if (eq a 1)}}`", "1:4-1:6"),
        (
            "{{#if no}}{{else if not a}}{{/if}}",
            "`if` takes one value, but is given 2",
            "write `{{#if (not a)}}`",
            "1:18-1:20",
        ),
        (
            "{{#if a name}}{{/if}}",
            "`if` takes one value, but is given 2",
            "write `{{#if (and a name)}}` or `{{#if (or a name)}}`",
            "1:4-1:6",
        ),
        ("{{#each list a}}{{/each}}", "`each` takes one value, but is given 2", "write `{{#each value}}`", "1:4-1:8"),
        (
            "{{if a}}",
            "`if` is a block helper, but is used here without a block",
            "write `{{#if a}}…{{/if}}`",
            "1:3-1:5",
        ),
        (
            "{{snake_case (if a)}}",
            "`if` is a block helper, but is used here without a block",
            "choose with a block: `{{#if a}}b{{else}}c{{/if}}`",
            "1:15-1:17",
        ),
        ("{{> p a a}}", "`> p` takes one value, but is given 2", "write `{{> p value key=other}}`", "1:3-1:6"),
    ]);
    // What is not reached is no mistake.
    assert_eq!(text(&one("{}", &[], "{{#if a}}{{and}}{{else if b}}{{/if}}-")), "-");
}

#[test]
fn what_each_and_with_cannot_take_is_named() {
    let list = |name: &str| format!("write `{{{{{name}}}}}` without `each`, or make it a list");
    check(&[
        (
            "{{#if no}}{{else each name}}{{/if}}",
            "`name` is text: `each` takes a list or a table",
            &list("name"),
            "1:23-1:27",
        ),
        ("{{#each name}}{{/each}}", "`name` is text: `each` takes a list or a table", &list("name"), "1:9-1:13"),
        (
            "{{#each no}}{{/each}}",
            "`no` is none: `each` takes a list or a table",
            "put `{{#if no}}` around it, or add an `{{else}}`",
            "1:9-1:11",
        ),
        (
            "{{#each rows}}\n{{#each tags}}{{/each}}{{/each}}",
            "`tags` is text: `each` takes a list or a table",
            &list("tags"),
            "2:9-2:13",
        ),
        (
            "{{#each rows as |r|}}{{#each r.port}}{{/each}}{{/each}}",
            "`r.port` is a number: `each` takes a list or a table",
            &list("r.port"),
            "1:30-1:36",
        ),
        (
            "{{#each rows}}{{#each ../name}}{{/each}}{{/each}}",
            "`../name` is text: `each` takes a list or a table",
            &list("../name"),
            "1:23-1:30",
        ),
        (
            "{{#each (len name)}}{{/each}}",
            "what it is given is a number: `each` takes a list or a table",
            "give it a list or a table",
            "1:1-1:21",
        ),
        (
            "{{#each rows}}{{#each tgas}}{{/each}}{{/each}}",
            "`tgas` is undefined",
            "did you mean `tags`? it has: `no`, `port`, `tags`",
            "1:23-1:27",
        ),
        (
            "{{#each rows}}{{#each list}}{{/each}}{{/each}}",
            "`list` is undefined",
            "within a block, write `@root.list` or `../list` for the one at the top level",
            "1:23-1:27",
        ),
        ("{{#with user}}{{#with last}}{{/with}}{{/with}}", "`last` is undefined", "it has: `first`", "1:23-1:27"),
        (
            "{{#with none}}{{/with}}",
            "`none` is an empty list: `with` has nothing to show",
            "add an `{{else}}` for that",
            "1:9-1:13",
        ),
        (
            "{{#each rows}}{{#with no}}{{/with}}{{/each}}",
            "`no` is none: `with` has nothing to show",
            "add an `{{else}}` for that",
            "1:23-1:25",
        ),
        (
            "{{> @partial-block}}",
            "there is no partial block here: nothing includes this with `{{#> …}}`",
            "write `{{#> @partial-block}}…{{/@partial-block}}` with the text to use in that case",
            "1:1-1:21",
        ),
    ]);
    let given =
        one(CONTEXT, &[], "{{#each name}}a{{else}}b{{/each}}{{#with none}}a{{else}}b{{/with}}{{#each none}}a{{/each}}");
    assert_eq!(text(&given), "bb");
}

#[test]
fn numbers_compare_exactly() {
    let rendered = |template: &str| text(&one("{}", &[], template)).to_owned();
    assert_eq!(rendered("{{gt 9007199254740993 9007199254740992}} {{lt -1 18446744073709551615}}"), "true true");
    assert_eq!(
        rendered("{{gt 9007199254740993 9007199254740992.0}} {{lt 1 1.5}} {{gt 1 1.5}} {{gte 2 2.0}}"),
        "true true false true"
    );
    assert_eq!(
        rendered(
            "{{lt 1 1000000000000000000000.5}} {{gt 1 -1000000000000000000000.5}} {{gt \"10\" 9}} {{lt \"b\" \"a\"}}"
        ),
        "true true true false"
    );
}

#[test]
fn a_recursion_is_named_once() {
    for (partials, message) in [
        (&[("a", "{{> b}}"), ("b", "{{> a}}")][..], "a partial includes itself: a → b → a"),
        (&[("a", "x{{> a}}")][..], "a partial includes itself: a → a"),
    ] {
        let found = wrong(one("{}", partials, "{{> a}}"));
        assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/error", message));
        assert!(found.related.len() <= partials.len(), "{:?}", found.related);
    }
}

#[test]
fn whatever_the_text_the_place_lies_within() {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{{{",
        "}}}",
        "{{{{",
        "}}}}",
        "#if a",
        "/if",
        "else",
        "^",
        "!--",
        "--",
        "!",
        ">",
        "'",
        "\"",
        "\\",
        "\n",
        "é",
        "→",
        "a",
        " ",
        ".",
        "~",
        "{",
        "}",
        "(",
        "=",
        "#*inline \"a\"",
        "/inline",
        "#>",
        "raw",
    ];
    let mut seed: u32 = 7;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..10 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(PIECES[(seed >> 16) as usize % PIECES.len()]);
        }
        if let Some(fault) = crate::tags::fault(&text) {
            assert!(text.get(fault.range).is_some(), "{text}");
        }
    }
}

#[test]
fn a_branch_has_its_own_place() {
    for (text, at) in [
        ("{{#if none}}a\n{{else if (eq nme 1)}}b{{/if}}", "2:15-2:18"),
        ("{{#if none}}a\n{{~ else if (eq nme 1) ~}}\nb{{/if}}", "2:17-2:20"),
        ("{{#if none}}a\n{{^if (eq nme 1)}}b\n{{/if}}", "2:11-2:14"),
        ("{{#if none}}a{{else if none}}b\n{{else if (eq nme 1)}}c{{else}}d{{/if}}", "2:15-2:18"),
        ("{{#if none}}a{{else if (len title)}}{{nme}}{{else if (eq nme 1)}}c{{/if}}", "1:39-1:42"),
        ("{{#if none}}\n  a\n{{else with nme}}\n  b\n{{/if}}", "3:13-3:16"),
        ("{{#if none}}\n  a\n{{else each nme}}\n  b\n{{/if}}", "3:13-3:16"),
        ("{{#if none}}a{{else unless none}}{{#if none}}{{else if (eq nme 1)}}{{/if}}{{/if}}", "1:60-1:63"),
        ("{{#*inline \"p\"}}\n{{#if none}}{{else if (eq nme 1)}}{{/if}}{{/inline}}{{> p}}", "2:27-2:30"),
        ("{{#> q}}\n{{#if none}}{{else if (eq nme 1)}}{{/if}}{{/q}}", "2:27-2:30"),
        ("{{#if none}}é{{else if (eq nme 1)}}b{{/if}}", "1:29-1:32"),
        ("{{#if none}}a{{else if (eq title)}}b{{/if}}", "1:25-1:27"),
    ] {
        let found = wrong(one(CONTEXT, &[("q", "{{> @partial-block}}")], text));
        assert_eq!(place(found.span.as_ref().unwrap()), at, "{text}: {}", found.message);
    }
    let partial = [("p", "a\nb\n")];
    let given = "{{#if none}}{{else if name}}\n  {{> p}}\n  - {{> p}}{{/if}}";
    assert_eq!(text(&one(CONTEXT, &partial, given)), "\n  a\n  b\n  - a\nb\n");
}
