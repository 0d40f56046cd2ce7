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
    ("{{#> l}}\na\nb\n{{/l}}\nz", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n  a\n  b\n>\nz"),
    ("{{#> l}}a\nb{{/l}}\nz", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n  a\n  b>\n\nz"),
    ("{{#> l}}{{body}}{{/l}}", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n  one\n  two\n  three>\n"),
    ("  {{#> l}}\n  a\n  b\n  {{/l}}\nz", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n    a\n    b\n>\nz"),
    ("{{#> l}}a\nb\n{{/l}}", &[("l", "[{{> @partial-block}}]")], "[a\nb\n]"),
    ("{{#> l}}a\nb\n{{/l}}", &[("l", "  - {{> @partial-block}}\n")], "  - a\nb\n\n"),
    (
        "  {{> o}}\nz",
        &[("o", "{{#> l}}\na\nb\n{{/l}}\ne\n"), ("l", "<\n  {{> @partial-block}}\n>\n")],
        "  <\n    a\n    b\n  >\n  e\nz",
    ),
    (
        "  {{> o}}\nz",
        &[("o", "{{#> l}}a{{/l}}\ne\n"), ("l", "<\n  {{> @partial-block}}\n>\n")],
        "  <\n    a>\n  \n  e\nz",
    ),
    (
        "{{#> l}}{{#each list}}\n- {{this}}\n{{/each}}{{/l}}",
        &[("l", "<\n  {{> @partial-block}}\n>\n")],
        "<\n  \n  - 1\n  \n  - 2\n>\n",
    ),
    ("{{#> l}}\n{{#if on}}\n\n x\n{{/if}}\n{{/l}}", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n  \n   x\n>\n"),
    (
        "{{#> l}}\nq\n{{> u}}\n{{/l}}",
        &[("l", "<\n  {{> @partial-block}}\n>\n"), ("u", "u1\nu2\n")],
        "<\n  q\n  u1\n  u2\n>\n",
    ),
    (
        "{{#> l}}\nq\n  {{> u}}\n{{/l}}",
        &[("l", "<\n  {{> @partial-block}}\n>\n"), ("u", "u1\nu2\n")],
        "<\n  q\n    u1\n    u2\n>\n",
    ),
    (
        "{{#> l}}A\n{{/l}}",
        &[("l", "{{#> m}}\n {{> @partial-block}}\n{{/m}}\n"), ("m", "(\n  {{> @partial-block}}\n)\n")],
        "(\n   A\n)\n",
    ),
    ("{{#> l}}{{#*inline \"n\"}}n1\nn2\n{{/inline}}{{/l}}", &[("l", "<\n    {{> n}}\n>")], "<\n    n1\n    n2\n>"),
    (
        "{{#> l}}{{#*inline \"n\"}}\nn1\nn2\n{{/inline}}x{{/l}}",
        &[("l", "<\n    {{> n}}\n  {{> @partial-block}}\n>")],
        "<\n    \n    n1\n    n2\n  x>",
    ),
    ("{{> l}}", &[("l", "<\n  {{#> @partial-block}}\n  d1\n  d2\n  {{/@partial-block}}\n>\n")], "<\n  d1\n  d2\n>\n"),
    (
        "{{#> l}}one\ntwo\n{{/l}}",
        &[("l", "<\n  {{#> @partial-block}}\n  d1\n  {{/@partial-block}}\n>\n")],
        "<\none\ntwo\n>\n",
    ),
    (
        "{{#> l}}\r\na\r\nb\r\n{{/l}}\r\nz",
        &[("l", "<\r\n  {{> @partial-block}}\r\n>\r\n")],
        "<\r\n  a\r\n  b\r\n>\r\nz",
    ),
    (
        "{{#> l}}a\nb\n{{/l}}",
        &[("l", "<\n\t{{> @partial-block}}\n\t{{> @partial-block}}\n>\n")],
        "<\n\ta\n\tb\n\ta\n\tb\n>\n",
    ),
    ("{{#> l}}a\n{{/l}}", &[("l", "{{#each list}}\n  {{> @partial-block}}\n{{/each}}\n")], "  a\n  a\n"),
    ("{{#> l}}a\n\nb\n{{/l}}", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n  a\n  \n  b\n>\n"),
    ("{{#> l}}{{/l}}z", &[("l", "<\n  {{> @partial-block}}\n>\n")], "<\n>\nz"),
    ("{{#> l}}a{{/l}}", &[("l", "<\n  {{~> @partial-block}}\n>")], "<a>"),
    ("{{#> l}}a\nb\n{{/l}}", &[("l", "<\n  {{> @partial-block ~}}\n>")], "<\n  a\n  b\n>"),
    ("  {{> e}}\nz", &[("e", "")], "z"),
    ("  {{> e}}\nz", &[("e", "\n")], "  \nz"),
    ("  {{> e}}\nz", &[("e", "a\n\n")], "  a\n  \nz"),
    (
        "k\n  {{> a}}\n    {{> a}}\nz",
        &[("a", "A{{> b}}\n {{> b}}\n"), ("b", "B\nC")],
        "k\n  AB\n  C\n   B\n   C    AB\n    C\n     B\n     Cz",
    ),
    ("  {{> a}}\nz", &[("a", "{{body}}")], "  one\n  two\n  threez"),
    ("{{#each list}}\n  {{#if on}}\n    {{> u}}\n  {{/if}}\n{{/each}}\nz", &[("u", "{{this}}\nx\n")], "z"),
    ("  {{> nope}}", &[("nope", "   lead\n  in\n")], "     lead\n    in\n"),
    ("{{#> nope}}\n  fall\n{{/nope}}\nz", &[], "  fall\nz"),
    ("  {{#> nope}}\n  fall\n  {{/nope}}\nz", &[], "  fall\nz"),
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
