//! Where partials are indented: what Handlebars.js 4.7 gives for the same templates.

use super::*;

const CONTEXT: &str = r#"{"body": "one\ntwo\nthree", "list": [1, 2], "on": true, "which": "u"}"#;

/// A template, its partials, and what Handlebars.js gives.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const CASES: &[Case] = &[
    ("User: {{> u}} end", &[("u", "{{body}}")], "User: one\ntwo\nthree end"),
    ("x {{> u}}", &[("u", "one\ntwo\n")], "x one\ntwo\n"),
    ("x\n  {{> u}}\ny", &[("u", "one\ntwo\n")], "x\n  one\n  two\ny"),
    ("x\n\t\t{{> u}}\ny", &[("u", "one\ntwo\n")], "x\n\t\tone\n\t\ttwo\ny"),
    ("  {{> u}}", &[("u", "one\ntwo\n")], "  one\n  two\n"),
    ("  {{> u}}", &[("u", "one\ntwo")], "  one\n  two"),
    ("  {{> u}} \nz", &[("u", "one\n\ntwo\n")], "  one\n  \n  two\nz"),
    ("  {{> a}}\nz", &[("a", "A\n  {{> b}}\nE\n"), ("b", "b1\nb2\n")], "  A\n    b1\n    b2\n  E\nz"),
    ("  {{> a}}\nz", &[("a", "A {{> b}} E\n"), ("b", "b1\nb2")], "  A b1\n  b2 E\nz"),
    ("k {{> a}}\nz", &[("a", "A\n  {{> b}}\nE\n"), ("b", "b1\nb2\n")], "k A\n  b1\n  b2\nE\n\nz"),
    ("  {{> u}}\n", &[("u", "[{{body}}]\n")], "  [one\n  two\n  three]\n"),
    ("  {{~> u}}\nz", &[("u", "one\ntwo\n")], "one\ntwo\nz"),
    ("x\n  {{> u ~}}\n  z", &[("u", "one\ntwo\n")], "x\n  one\n  two\nz"),
    ("x {{> u ~}}  z", &[("u", "one\ntwo")], "x one\ntwoz"),
    ("  {{#> u}}def{{/u}}\nz", &[("u", "one\n{{> @partial-block}}\ntwo\n")], "  one\ndeftwo\n\nz"),
    ("{{#*inline \"i\"}}\nl1\nl2\n{{/inline}}\n  {{> i}}\nz", &[], "  l1\n  l2\nz"),
    ("{{#*inline \"i\"}}l1\nl2{{/inline}}k: {{> i}}.\nz", &[], "k: l1\nl2.\nz"),
    ("{{#each list}}  {{> u}}\n{{/each}}", &[("u", "one\ntwo\n")], "  one\ntwo\n\n  one\ntwo\n\n"),
    ("{{#each list}}\n  {{> u}}\n{{/each}}", &[("u", "{{this}}\ntwo\n")], "  1\n  two\n  2\n  two\n"),
    ("{{#if on}} {{> u}}{{/if}}.", &[("u", "one\ntwo")], " one\ntwo."),
    ("a{{#if on}}\n  {{> u}}\n{{/if}}.", &[("u", "one\ntwo\n")], "a\n  one\n  two\n."),
    ("  {{> u}}{{> u}}\nz", &[("u", "one\ntwo\n")], "  one\ntwo\none\ntwo\n\nz"),
    ("  {{> u}}\r\nz", &[("u", "one\r\ntwo\r\n")], "  one\r\n  two\r\nz"),
    ("- {{> (lookup this \"which\")}}\nz", &[("u", "one\ntwo")], "- one\ntwo\nz"),
    ("  {{> u a=1}}\nz", &[("u", "one {{a}}\ntwo\n")], "  one 1\n  two\nz"),
    ("  {{!-- c --}}{{> u}}\nz", &[("u", "one\ntwo\n")], "  one\ntwo\n\nz"),
    ("{{body}}  {{> u}}\nz", &[("u", "one\ntwo\n")], "one\ntwo\nthree  one\ntwo\n\nz"),
    ("  {{> u}}", &[("u", "{{#if on}}\none\n{{/if}}\ntwo\n")], "  one\n  two\n"),
    ("  {{> u}}\n", &[("u", "{{#each list}}\n- {{this}}\n{{/each}}\n")], "  - 1\n  - 2\n"),
];

#[test]
fn partials_are_indented_as_in_handlebars_js() {
    let mut failures = Vec::new();
    for (template, partials, expected) in CASES {
        let found = one(CONTEXT, partials, template);
        let found = found.as_ref().map(|rendered| String::from_utf8_lossy(&rendered.outputs[0].contents).into_owned());
        if found.as_deref() != Ok(*expected) {
            failures.push(format!("{template:?} {partials:?}\n   ours  {found:?}\n   js    {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
