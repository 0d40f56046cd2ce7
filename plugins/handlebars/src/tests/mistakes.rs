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
        ("{{else}}", "`{{else}}` stands outside of a block", "1:1-1:9"),
        ("{{^}}", "`{{^}}` stands outside of a block", "1:1-1:6"),
        ("{{name", "`{{` of line 1 is never closed", "1:1-1:3"),
        ("{{name}\nb", "`{{` of line 1 is closed by `}`", "1:7-1:8"),
        ("{{{name}}", "`{{{` of line 1 is closed by `}}`", "1:8-1:10"),
        ("{{name {{title}}", "`{{` of line 1 is never closed", "1:1-1:3"),
        ("{{snake_case 'a}}\n", "the string that begins in line 1 is never closed", "1:14-1:15"),
        ("{{!-- a", "`{{` of line 1 is never closed", "1:1-1:3"),
        ("{{{{raw}}}}\n", "`{{{{raw}}}}` (line 1) is never closed", "1:1-1:5"),
        ("{{#*inline \"a\"}}", "`{{#*inline \"a\"}}` (line 1) is never closed", "1:1-1:17"),
        ("{{#> layout}}", "`{{#> layout}}` (line 1) is never closed", "1:1-1:14"),
        ("{{^name}}", "`{{^name}}` (line 1) is never closed", "1:1-1:10"),
        ("{{name a=}}", "unexpected `}` in a tag", "1:10-1:11"),
    ] {
        let found = said(text);
        assert_eq!((found.message.as_str(), place(found.span.as_ref().unwrap()).as_str()), (message, at), "{text}");
        assert!(found.rule == "template/syntax" && found.help.is_some(), "{text}");
    }
    assert_eq!(said("{{#if name}}").help.as_deref(), Some("add `{{/if}}`"));
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
    assert_eq!(said("{{eq 1}}").rule, "template/type");
    let found = said("{{#each rows}}{{title}}{{/each}}");
    assert_eq!(found.help.as_deref(), Some("within a block, the top level's is `@root.title` or `../title`"));
    let found = said("{{#if (lookup rows 3)}}y{{/if}}");
    assert_eq!(
        (found.message.as_str(), found.help.as_deref()),
        ("`rows.3` is undefined", Some("the list has 1 item, number 0"))
    );
    assert_eq!(said("{{empty.a}}").help.as_deref(), Some("it has no keys"));
    assert_eq!(said("{{user.nmae}}").help.as_deref(), Some("did you mean `name`? it has: `name`"));
    assert_eq!(said("{{lookup user 'nmae'}}").message, "`user.nmae` is undefined");
    assert_eq!(said("{{lookup (lookup rows 0) \"port\"}}").message, "`(…).port` is undefined");
    assert_eq!(said("{{name.first}}").help.as_deref(), Some("it is text, which has no keys"));
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
