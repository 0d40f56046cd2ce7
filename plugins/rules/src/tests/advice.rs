//! What rules say to do.

use super::{check_case, check_pack, pack};
use crate::bindings::packbox::plugin::types::Diagnostic;

fn one(found: Vec<Diagnostic>, rule: &str) -> (String, String) {
    let mut found = found.into_iter().filter(|found| found.rule == rule);
    let first = found.next().unwrap_or_else(|| panic!("nothing of {rule}"));
    assert!(found.next().is_none(), "more of {rule}");
    (first.message, first.help.unwrap_or_default())
}

#[test]
fn a_file_that_is_no_partial_is_named_in_the_manifest() {
    for (name, copied, help) in [
        (
            "LICENSE.txt",
            false,
            "the file is there: name it in the manifest, `partials = [\"LICENSE.txt\"]` under `[pack]`",
        ),
        (
            "LICENSE.txt",
            true,
            "the file is there: name it in the manifest, `partials = [\"LICENSE.txt\"]` under `[pack]`; or move it \
             to where no entry of the manifest claims it",
        ),
        ("pack.toml", false, "packbox itself reads the file: put what both need into a file of its own"),
        ("head.jinja", false, "did you mean `parts/head.jinja`? a partial is named by its path in the pack"),
        ("nope.jinja", false, "write its path in the pack, for instance `partials/head.jinja`"),
    ] {
        let entry = if copied { "[[templates]]\nsource = \"LICENSE.txt\"\noutput = \"LICENSE\"\n" } else { "" };
        let case = format!(
            "[[templates]]\nsource = \"a.jinja\"\noutput = \"a\"\n{entry}\n==> a.jinja\n{{% include \"{name}\" %}}\n\
             ==> LICENSE.txt\nPermission is granted.\n==> parts/head.jinja\nhead\n"
        );
        let found = one(check_case(&case), "templates/missing-partial");
        assert_eq!(found, (format!("`{name}` is not a partial of this pack"), help.to_owned()));
    }
}

/// What `templates/never-equal` says of a template.
fn compared(path: &str, text: &str) -> Vec<(String, String)> {
    told("templates/never-equal", path, text)
}

/// What a rule says of a pack with a variable of each kind, and one template; its engine is that of the path.
pub fn told(rule: &str, path: &str, text: &str) -> Vec<(String, String)> {
    let case = format!(
        "[variables.on]\ntype = \"boolean\"\n[variables.port]\ntype = \"integer\"\n[variables.ratio]\ntype = \"number\"\n\
         [variables.name]\ntype = \"string\"\n[variables.tags]\ntype = \"list\"\n[variables.db]\ntype = \"choice\"\n\
         choices = [\"none\", {{ value = \"pg\", label = \"PostgreSQL\" }}]\n\
         [[templates]]\nsource = \"{path}\"\noutput = \"a\"\nengine = \"{}\"\n\n==> {path}\n{text}\n",
        path.rsplit('.').next().unwrap()
    );
    let found = check_pack(&pack::parse(&case)).into_iter().filter(|found| found.rule == rule);
    found.map(|found| (found.message, found.help.unwrap_or_default())).collect()
}

/// A template, what is said of it, and what to write.
const NEVER: &[(&str, &str, &str, &str)] = &[
    (
        "a.jinja",
        "{% if on == 'y' %}",
        "`on == 'y'`: `on` is a boolean, so this is never true",
        "write `on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{{ 1 if on != \"no\" }}",
        "`on != \"no\"`: `on` is a boolean, so this is always true",
        "write `on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{% if on != 'y' %}",
        "`on != 'y'`: `on` is a boolean, so this is always true",
        "write `not on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{%- if 'y' == on and x -%}",
        "`'y' == on`: `on` is a boolean, so this is never true",
        "write `on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{% if on in ['y', 'yes'] %}",
        "`on in ['y', 'yes']`: `on` is a boolean, so this is never true",
        "write `on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{% if on not in ('n', 'no') %}",
        "`on not in ('n', 'no')`: `on` is a boolean, so this is always true",
        "write `on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{% if on not in ['y', 'yes'] %}",
        "`on not in ['y', 'yes']`: `on` is a boolean, so this is always true",
        "write `not on` instead of the comparison",
    ),
    (
        "a.jinja",
        "{% if db == 'mysql' %}",
        "`db == 'mysql'`: `db` is a choice without that value, so this is never true",
        "its choices are `none`, `pg`",
    ),
    (
        "a.jinja",
        "{% set x = db == 'mysql' %}",
        "`db == 'mysql'`: `db` is a choice without that value, so this is never true",
        "its choices are `none`, `pg`",
    ),
    (
        "a.jinja",
        "{% if port == '80' %}",
        "`port == '80'`: `port` is a number, so this is never true",
        "write the number without quotes: `80`",
    ),
    (
        "a.jinja",
        "{% if ratio == 'x' %}",
        "`ratio == 'x'`: `ratio` is a number, so this is never true",
        "compare it with a number",
    ),
    (
        "a.jinja",
        "{% if name == 80 %}",
        "`name == 80`: `name` is text, so this is never true",
        "write the text in quotes: `\"80\"`",
    ),
    (
        "a.jinja",
        "{% if name == true %}",
        "`name == true`: `name` is text, so this is never true",
        "compare it with text in quotes",
    ),
    (
        "a.jinja",
        "{% if tags == 'a' %}",
        "`tags == 'a'`: `tags` is a list, so this is never true",
        "ask whether it has the item: `item in tags`",
    ),
    (
        "a.tera",
        "{% if on == \"y\" %}",
        "`on == \"y\"`: `on` is a boolean, so this is never true",
        "write `on` instead of the comparison",
    ),
    (
        "a.liquid",
        "{% if on == 'n' %}",
        "`on == 'n'`: `on` is a boolean, so this only asks whether it is true, whatever the text",
        "write `on == false` instead of the comparison",
    ),
    (
        "a.liquid",
        "{% unless tags == 'a' %}",
        "`tags == 'a'`: `tags` is a list, so this is never true",
        "ask whether it has the item: `tags contains item`",
    ),
    (
        "a.liquid",
        "{% case db %}{% when 'pg', 'mysql' %}",
        "`'mysql'`: `db` is a choice without that value, so this is never true",
        "its choices are `none`, `pg`",
    ),
    (
        "a.handlebars",
        "{{#if (eq on \"y\")}}",
        "`eq on \"y\"`: `on` is a boolean, so this is never true",
        "write `on` instead of the comparison",
    ),
    (
        "a.handlebars",
        "{{#unless (ne @root.on 'no')}}",
        "`ne @root.on 'no'`: `on` is a boolean, so this is always true",
        "write `on` instead of the comparison",
    ),
    (
        "a.handlebars",
        "{{#if port}}{{else if (ne on \"y\")}}{{else each tags as |t|}}{{eq on 'y'}}{{/if}}",
        "`ne on \"y\"`: `on` is a boolean, so this is always true",
        "write `(not on)` instead of the comparison",
    ),
    (
        "a.tera",
        "{% if on != \"y\" %}",
        "`on != \"y\"`: `on` is a boolean, so this is always true",
        "write `not on` instead of the comparison",
    ),
    (
        "a.liquid",
        "{% if on != 'n' %}",
        "`on != 'n'`: `on` is a boolean, so this only asks whether it is false, whatever the text",
        "write `on` instead of the comparison",
    ),
    (
        "a.handlebars",
        "{{#each tags}}{{#if (eq on 'y')}}{{/if}}{{/each}}{{eq 1 name}}",
        "`eq 1 name`: `name` is text, so this is never true",
        "write the text in quotes: `\"1\"`",
    ),
];

#[test]
fn what_can_never_be_equal_says_what_to_write() {
    for (path, text, message, help) in NEVER {
        assert_eq!(compared(path, text), [((*message).to_owned(), (*help).to_owned())], "{text}");
    }
}

#[test]
fn what_may_be_equal_has_no_finding() {
    for (path, text) in [
        ("a.jinja", "{% if on and port == 80 and name == '80' and db == 'pg' and on == true and ratio == 1 %}"),
        (
            "a.jinja",
            "{{ name | length == 3 }}{{ x.on == 'y' }}{{ on ~ '' == 'True' }}{{ on.x == 'y' }}{{ on | string == 'y' }}",
        ),
        ("a.jinja", "{% if db in ['pg', 'mysql'] or 'a' in tags or name in 'abc' or port in [80, '80'] %}"),
        ("a.jinja", "{% for on in ['y'] %}{{ on == 'y' }}{% endfor %}{% set port = '80' %}{{ port == '80' }}"),
        ("a.jinja", "{% raw %}{% if on == 'y' %}{% endraw %}{# {% if on == 'y' %} #}{{ \"on == 'y'\" }}on == 'y'"),
        ("a.jinja", "{{ -port == '80' }}{{ 'a' + name == 5 }}{{ name == 5 | string }}{{ 1 < port == '80' }}"),
        ("a.tera", "{% set_global on = \"y\" %}{% if on == \"y\" %}"),
        ("a.liquid", "{% assign on = 'y' %}{% if on == 'y' %}{% endif %}{% if name == true or tags == true %}"),
        ("a.liquid", "{% case db %}{% when 'pg' %}{% endcase %}{% when 'x' %}"),
        (
            "a.handlebars",
            "{{#each tags}}{{#if (eq on 'y')}}{{/if}}{{^x}}{{/x}}{{eq on 'y'}}{{/each}}{{#with x}}{{eq on 'y'}}{{/with}}",
        ),
        ("a.handlebars", "{{!-- (eq on 'y') -- }} --}}{{! eq on 'y' }}{{lookup eq on 'y'}}{{eq this.on on}}"),
        ("a.handlebars", "{{> p on=\"y\"}}{{eq on 'y'}}"),
        (
            "a.jinja",
            "{% macro w() %}{{ caller('a') }}{% endmacro %}{% call(on) w() %}{% if on == 'a' %}T{% endif %}{% endcall %}",
        ),
        ("a.jinja", "{% for(x, on)in tags %}{{ on == 'y' }}{% endfor %}{% import 'm' as port %}{{ port == '80' }}"),
        ("a.jinja", "{{ 'it\\' (on == \"y\") ' }}{%-raw-%}{% if on == 'y' %}{%-endraw-%}"),
        ("a.jinja", "{% from 'm' import x as on %}{{ on == 'y' }}{%- set port %}80{% endset %}{{ port == '80' }}"),
        ("a.tera", "{{ `on == 'y'` }}{% if `a` ~ (on == 'y') %}"),
        (
            "a.liquid",
            "{# {% assign on = 'y' %} #}{% if on == 'y' %}{% capture port %}{% endcapture %}{{ port == '80' }}",
        ),
        ("a.liquid", "{% comment %}{% if on == 'y' %}{{ on == 'y' }}{% endcomment %}{% # on == 'y' %}"),
        ("a.liquid", "{% render 'on' with x %}{% if on == 'y' %}{% tablerow port in tags %}{% if port == '80' %}"),
        ("a.handlebars", "{{#if (eq port 1)}}{{else each tags as |on|}}{{#if (eq on 'y')}}T{{/if}}{{/if}}"),
        ("a.handlebars", "{{#if port}}{{else with x}}{{#if (eq on 'y')}}T{{/if}}{{else}}{{eq on 'y'}}{{/if}}"),
        (
            "a.handlebars",
            "\\{{#if (eq on 'y')}}x \\{{{{eq on 'y'}}}} {{{{raw}}}}{{#if (eq on 'y')}}{{/if}}{{{{/raw}}}}",
        ),
        ("a.handlebars", "{{#each tags}}\\{{/each}}{{#if (eq on 'y')}}T{{/if}}{{/each}}"),
        ("a.handlebars", "{{!-- {{/each}} -- {{eq on 'y'}} --}}{{#if port as |on|}}{{eq on 'y'}}{{/if}}"),
        ("a.handlebars", "{{~#with x~}}{{eq on 'y'}}{{~/with~}}{{len \"}} {{eq on 'y'}}\"}}{{eq 'y' on-x}}"),
        ("a.txt", "{% if on == 'y' %}"),
    ] {
        assert_eq!(compared(path, text), [], "{text}");
    }
}

#[test]
fn expressions_of_the_manifest_are_looked_at_as_templates_are() {
    let told = |when: &str| {
        let case = format!(
            "[variables.on]\ntype = \"boolean\"\n[variables.port]\ntype = \"integer\"\n[variables.tags]\ntype = \"list\"\n\
             [variables.name]\ntype = \"string\"\n[variables.late]\ntype = \"string\"\nwhen = \"on\"\n[variables.db]\n\
             type = \"choice\"\nchoices = [\"none\", \"pg\"]\n\
             [[templates]]\nsource = \"a.jinja\"\noutput = \"{{{{ name }}}}\"\nwhen = {when:?}\n\n==> a.jinja\na\n"
        );
        let found = check_pack(&pack::parse(&case)).into_iter().filter(|found| found.rule == "templates/never-equal");
        found.map(|found| (found.message, found.help.unwrap_or_default())).collect::<Vec<_>>()
    };
    for (when, message, help) in [
        ("on == 'y'", "`on == 'y'`: `on` is a boolean, so this is never true", "write `on` instead of the comparison"),
        (
            "not (on != \"no\")",
            "`on != \"no\"`: `on` is a boolean, so this is always true",
            "write `on` instead of the comparison",
        ),
        (
            "port == '80' and on",
            "`port == '80'`: `port` is a number, so this is never true",
            "write the number without quotes: `80`",
        ),
        (
            "db == 'pgg'",
            "`db == 'pgg'`: `db` is a choice without that value, so this is never true",
            "its choices are `none`, `pg`",
        ),
        ("db != none", "`db != none`: `db` is text, so this is always true", "write the text in quotes: `\"none\"`"),
        ("name == none", "`name == none`: `name` is never null, so this is never true", "leave the comparison out"),
    ] {
        assert_eq!(told(when), [(message.to_owned(), help.to_owned())], "{when}");
    }
    for when in
        ["db == 'pg'", "late == none", "(name | lower) == 80", "name == port", "on == 'a' ~ name", "'y' in tags"]
    {
        assert_eq!(told(when), [], "{when}");
    }
}
