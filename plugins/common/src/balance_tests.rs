//! What is never closed, and what is not at fault.

use super::{Language, find, pair, unless_assigned};

const LANGUAGE: Language = Language {
    comments: true,
    escapes: true,
    verbatim: &["raw"],
    pairs: &[pair("if", &["else", "elif"]), pair("for", &["else"]), pair("block", &[]), unless_assigned("set")],
};

#[test]
fn what_is_whole_has_no_fault() {
    for text in [
        "",
        "{",
        "a { b } c",
        "{% if a %}{% for b in c %}{% else %}{% endfor %}{% elif d %}{% else %}{% endif %}",
        "{{ '}}' }}{{ {'a': {'b': 1}} }}{{ \"\\\"}}\" }}",
        "{% raw %}{{ {% if {% endraw %}",
        "{# {{ {% if #}",
        "{% set a = 1 %}{% set b %}{% endset %}",
        "{%- block x -%}{%- endblock x -%}",
    ] {
        assert_eq!(find(text, &LANGUAGE), None, "{text}");
    }
}

#[test]
fn each_fault_names_what_is_open() {
    for (text, message, at) in [
        ("\n\n\n{% if a %}\n{% if b %}{% endif %}", "`{% if %}` in line 4 has no `{% endif %}`", "{% if a %}"),
        ("\n{% if a %}{% endfor %}", "`{% endfor %}` closes nothing: `{% if %}` in line 2 is open", "{% endfor %}"),
        ("{% endif %}", "`{% endif %}` closes nothing: no `{% if %}` is open", "{% endif %}"),
        ("{% else %}", "`{% else %}` stands outside of `{% if %}` or `{% for %}`", "{% else %}"),
        (
            "{% if a %}{% block b %}{% else %}",
            "`{% else %}` belongs to `{% if %}` or `{% for %}`, but `{% block %}` in line 1 is open",
            "{% else %}",
        ),
        ("{% raw %}", "`{% raw %}` in line 1 has no `{% endraw %}`", "{% raw %}"),
        ("a\n{{ b", "`{{` in line 2 is never closed", "{{"),
        ("{{ a {% if b %}", "`{{` in line 1 is never closed", "{{"),
        ("a\n{# b", "`{#` in line 2 is never closed", "{#"),
        ("{{ a }\nb's", "`{{` in line 1 is closed by `}`", "}"),
        ("{% if a }}", "`{%` in line 1 is closed by `}}`", "}}"),
        ("{{ a %}", "`{{` in line 1 is closed by `%}`", "%}"),
        ("{{ 'a }}\n{{ 'b' }}", "the string that begins in line 1 is never closed", "'"),
        ("{% set a = {{ b }} %}", "`{{ … }}` stands within a tag", "{{ b }}"),
    ] {
        let fault = find(text, &LANGUAGE).expect(text);
        assert_eq!((fault.message.as_str(), &text[fault.range]), (message, at), "{text}");
    }
}

#[test]
fn whatever_the_text_the_place_lies_within() {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "'",
        "\"",
        "if",
        "endif",
        " for ",
        "endfor",
        "{%raw%}",
        "{% endraw %}",
        "\n",
        "é",
        "→",
        "a",
        "|",
        "=",
        "\\",
        "{",
        "}",
        "-",
        "else",
        "set",
        "block",
        "(",
    ];
    let mut seed: u32 = 7;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(PIECES[(seed >> 16) as usize % PIECES.len()]);
        }
        if let Some(fault) = find(&text, &LANGUAGE) {
            assert!(text.get(fault.range.clone()).is_some() && fault.seen_from <= text.len(), "{text}");
        }
    }
}
