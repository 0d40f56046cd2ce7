//! What `templates/not-a-list` says of loops.

use super::advice::told;

/// A template, what is said of it, and what to write beside what is always said.
const FOUND: &[(&str, &str, &str, &str)] = &[
    (
        "a.jinja",
        "{% for c in name %}{{ c }}{% endfor %}",
        "`name` is a `string`, not a list: the loop goes through its characters",
        "; `name.split(', ')` splits it, and `name | list` gives its characters",
    ),
    (
        "a.jinja",
        "{%- for c in db if c -%}{% for x in tags %}{{ x }}{% endfor %}{% if c %}a{% endif %}{%- endfor -%}",
        "`db` is a `choice`, not a list: the loop goes through its characters",
        "; `db.split(', ')` splits it, and `db | list` gives its characters",
    ),
    ("a.jinja", "{% for i in port %}a{% endfor %}", "`port` is an `integer`, not a list", "; `range(port)` counts"),
    ("a.tera", "{% for i in port -%}{% endfor %}", "`port` is an `integer`, not a list", "; `range(end=port)` counts"),
    (
        "a.tera",
        "{% for c in name %}{{ c }}{% endfor %}",
        "`name` is a `string`, not a list: the loop goes through its characters",
        "; `name | split(pat=\", \")` splits it",
    ),
    (
        "a.liquid",
        "{% for c in name limit: 2 %}a{% endfor %}",
        "`name` is a `string`, not a list",
        "; `{% assign parts = name | split: \", \" %}` splits it",
    ),
    ("a.liquid", "{% tablerow c in ratio %}{% endtablerow %}", "`ratio` is a `number`, not a list", ""),
    ("a.handlebars", "{{#each name}}a{{/each}}", "`name` is a `string`, not a list", ""),
    ("a.handlebars", "{{~#each @root.name as |c| ~}}a{{/each}}", "`name` is a `string`, not a list", ""),
    ("a.handlebars", "{{#if on}}{{else each name}}a{{/if}}", "`name` is a `string`, not a list", ""),
    (
        "a.handlebars",
        "{{#each on}}{{/each}}",
        "`on` is a `boolean`, not a list",
        "; `{{#if on}}` asks whether it is true",
    ),
];

/// Templates of which nothing is said.
const FINE: &[(&str, &str)] = &[
    ("a.jinja", "{% for t in tags %}{{ t }}{% endfor %}"),
    ("a.jinja", "{% for c in name.split() %}{{ c }}{% endfor %}"),
    ("a.jinja", "{% for c in name | list %}{{ c }}{% endfor %}"),
    ("a.jinja", "{% for c in name ~ name %}{{ c }}{% endfor %}"),
    ("a.jinja", "{% for c in name[:1] %}{{ c }}{% endfor %}"),
    ("a.jinja", "{% for c in (name,) %}{{ c }}{% endfor %}"),
    // What only repeats something.
    ("a.jinja", "{{ name }}\n{% for c in name %}={% endfor %}{% for c in tags %}{{ c }}{% endfor %}"),
    ("a.tera", "{% for _ in name %}={% endfor %}"),
    ("a.jinja", "{% for c in name %}{% for c in tags %}{{ c }}{% endfor %}{% endfor %}"),
    // What has another meaning somewhere.
    ("a.jinja", "{% set name = ['a'] %}{% for c in name %}{{ c }}{% endfor %}"),
    ("a.jinja", "{% for name in tags %}{% for c in name %}{{ c }}{% endfor %}{% endfor %}"),
    ("a.jinja", "{% macro m(name) %}{% for c in name %}{{ c }}{% endfor %}{% endmacro %}"),
    ("a.jinja", "{% with name = tags %}{% for c in name %}{{ c }}{% endfor %}{% endwith %}"),
    ("a.tera", "{% set_global name = [1] %}{% for c in name %}{{ c }}{% endfor %}"),
    ("a.liquid", "{% assign name = name | split: ' ' %}{% for c in name %}{{ c }}{% endfor %}"),
    ("a.handlebars", "{{#each tags}}{{#each name}}a{{/each}}{{/each}}"),
    ("a.handlebars", "{{#each tags as |name|}}{{/each}}{{#each name}}a{{/each}}"),
    ("a.handlebars", "{{#each name.parts}}a{{/each}}{{#each ../name}}{{/each}}{{#eachx name}}{{/eachx}}"),
    ("a.handlebars", "{{#each (lookup this name)}}a{{/each}}"),
    // What is no tag.
    ("a.jinja", "{% raw %}{% for c in name %}{{ c }}{% endfor %}{% endraw %}{# {% for c in name %} #}"),
    ("a.liquid", "{% comment %}{% for c in name %}{{ c }}{% endfor %}{% endcomment %}"),
    ("a.handlebars", "\\{{#each name}} {{!-- {{#each name}} --}}{{{{raw}}}}{{#each name}}{{/each}}{{{{/raw}}}}"),
    ("a.tera", "{% for c in `name` %}{{ c }}{% endfor %}"),
    ("a.liquid", "{% for i in (1..port) %}{{ i }}{% endfor %}"),
    ("a.txt", "{% for c in name %}{{ c }}{% endfor %}"),
];

#[test]
fn a_loop_goes_through_a_list() {
    let said = |path: &str, text: &str| told("templates/not-a-list", path, text);
    for (path, text, message, help) in FOUND {
        let help = format!("make it a variable of the type `list`{help}");
        assert_eq!(said(path, text), [((*message).to_owned(), help)], "{text}");
    }
    for (path, text) in FINE {
        assert_eq!(said(path, text), [], "{text}");
    }
}
