//! What the guest says of mistakes.

use super::*;

const CONTEXT: &str = r#"{"title": "t", "rows": [{"name": "b"}], "empty": {}, "least": -9223372036854775808}"#;

fn said(text: &str) -> Diagnostic {
    wrong(one(CONTEXT, &[], text))
}

#[test]
fn what_is_open_is_named() {
    let own = &[
        ("{% else %}", "`{% else %}` stands outside of `{% if %}` or `{% for %}`", "1:1-1:11"),
        ("{% block b %}a", "`{% block %}` in line 1 has no `{% endblock %}`", "1:1-1:14"),
        ("{% set x %}a", "`{% set %}` in line 1 has no `{% endset %}`", "1:1-1:12"),
        ("{% filter upper %}a", "`{% filter %}` in line 1 has no `{% endfilter %}`", "1:1-1:19"),
        ("{% component C() %}a", "`{% component %}` in line 1 has no `{% endcomponent %}`", "1:1-1:20"),
        ("{# a", "`{#` in line 1 is never closed", "1:1-1:3"),
        ("{% set x = {{ title }} %}", "`{{ … }}` stands within a tag", "1:12-1:23"),
        ("{% iff title %}", "unknown tag `iff`", "1:4-1:7"),
        ("{% include nme %}", "a partial is named by a text in quotes", "1:12-1:15"),
        ("{% extends nme %}", "a partial is named by a text in quotes", "1:12-1:15"),
        ("{% elseif title %}", "unknown tag `elseif`", "1:4-1:10"),
    ];
    open_tags::check(own, said, place);
    // What the engine saw first is what is shown.
    assert_eq!(place(said("{% if title %}{{ 1 + }}").span.as_ref().unwrap()), "1:22-1:24");
}

#[test]
fn what_lacks_a_key_is_named_with_what_it_has() {
    let help = |text: &str| said(text).help.unwrap_or_default();
    assert_eq!(help("{{ rows[0].port }}"), "it has: `name`");
    assert_eq!(help("{{ empty.port }}"), "it has no keys");
    assert_eq!(help("{{ rows.port }}"), "it is a list, which has no keys");
    assert_eq!(help("{{ title.port }}"), "it is text, which has no keys");
    // What a name is bound to is not known.
    assert_eq!(help("{% for r in rows %}{{ r.port }}{% endfor %}"), "");
}

#[test]
fn numbers_are_exact_or_an_error() {
    let given = |template: &str| text(&one(CONTEXT, &[], template)).to_owned();
    assert_eq!(
        given("{{ 9223372036854775807 + 1 }} {{ least - 1 }} {{ least * -1 }}"),
        "9223372036854775808 -9223372036854775809 9223372036854775808"
    );
    assert_eq!(
        given("{{ least % -1 }} {{ least // -1 }} {{ least | abs }}"),
        "0 9223372036854775808 9223372036854775808"
    );
    assert_eq!(
        given("{{ 1.5 | round(precision=400) }} {{ 1.25 | round(precision=1) }} {{ 1.5 | round }}"),
        "1.5 1.3 2.0"
    );
    for template in [
        "{{ 1 / 0 }}",
        "{{ 1 % 0 }}",
        "{{ 1 // 0 }}",
        "{{ 1.0 / 0 }}",
        "{{ 2 ** 200 }}",
        "{{ 'inf' | float }}",
        "{{ 'nan' | float }}",
        "{{ '1e400' | float }}",
        "{{ 1.5 | round(precision=-400) }}",
        "{{ 9223372036854775808 }}",
    ] {
        assert!(one(CONTEXT, &[], template).is_err(), "{template}");
    }
}

#[test]
fn a_number_out_of_range_is_an_error_where_it_arises() {
    const RANGE: &str = "the number is out of range: floats go up to 1.8e308";
    let context = r#"{"most": 1.7e308, "name": "inf", "list": [1.7e308]}"#;
    let partials = [
        ("p", "\n{{ most * 10 }}"),
        ("base", "{% block a %}{% endblock %}"),
        ("twice", "{{ most * 0.5 }}"),
        ("d", "{% component D(x) %}{{ x }}{% endcomponent %}"),
    ];
    for (text, message, at) in [
        ("a {{ 10.0 ** 400 }}", RANGE, "1:6-1:17"),
        ("{{ most * 10 }}", RANGE, "1:4-1:13"),
        ("{{- most + most -}}", RANGE, "1:5-1:16"),
        ("{{ 0.0 - most - most }}", RANGE, "1:4-1:21"),
        ("{{ most / 0.1 }}", RANGE, "1:4-1:14"),
        ("{{ most * 10 - most * 10 }}", "the result is not a number", "1:4-1:25"),
        ("{% set x = most * 10 %}\nx{{ x }}y", RANGE, "1:12-1:21"),
        ("{{ [1, [most * 10]] }}", RANGE, "1:9-1:18"),
        ("{{ {\"a\": most * 10} }}", RANGE, "1:10-1:19"),
        ("{% if most * 10 > 1 %}a{% endif %}", RANGE, "1:7-1:16"),
        ("{% if 1 < 2 and 10.0 ** 400 == most %}a{% else %}b{% endif %}", RANGE, "1:17-1:28"),
        ("{{ \"a\" ~ (most * 10) }}", RANGE, "1:11-1:20"),
        ("{{ \"a\" if most * 10 in list else \"b\" }}", RANGE, "1:11-1:20"),
        ("{{ 1 / (most * 10) }}", RANGE, "1:9-1:18"),
        ("{% for x in list %}{% if x * x is number %}a{% endif %}{% endfor %}", RANGE, "1:26-1:31"),
        ("{% component C(x) %}{{ x + x > 1 }}{% endcomponent %}{{ <C x={most} /> }}", RANGE, "1:24-1:29"),
        ("{{ <D x={most * 10} /> }}", RANGE, "1:10-1:19"),
        ("{% for x in [1.0, most] %}{{ x * 10 }} {% endfor %}", RANGE, "1:30-1:36"),
        ("{% include \"p\" %}", RANGE, "p:2:4-2:13"),
        ("{% extends \"base\" %}{% block a %}{{ most * 10 }}{% endblock %}", RANGE, "1:37-1:46"),
        ("{{ (most * 10) | str }}", RANGE, "1:18-1:21"),
        ("{{ [most * 10] | join(sep=\",\") }}", RANGE, "1:18-1:31"),
        ("{{ most | round(precision=-308) }}", RANGE, "1:11-1:32"),
    ] {
        let found = wrong(one(context, &partials, text));
        assert_eq!((found.message.as_str(), place(found.span.as_ref().unwrap()).as_str()), (message, at), "{text}");
    }
    let digits = format!("{{{{ 1{}.0 }}}}", "0".repeat(400));
    assert_eq!(wrong(one(context, &partials, &digits)).message, RANGE);
    // A text that looks like one is a text.
    let fine = "{{ name }} {{ \"inf\" }} {{ 1 + 1 }} NaN {{ name | upper | lower }} {{ [name] }} {% include \"twice\" %}\
         {{ -most < 0 and most * -1 < most | abs }}{{ \"a\" ~ (1.5 * 2) ~ (1 / 4) }}{{ [1] | length * 2.5 }}";
    assert!(text(&one(context, &partials, fine)).starts_with("inf inf 2 NaN inf [\"inf\"] 8"));
}

#[test]
fn tests_of_other_engines_have_advice() {
    for (text, help) in [
        ("{{ title is startswith(pat=\"a\") }}", "use `starting_with`"),
        ("{{ title is matching(pat=\"a\") }}", "there are no regular expressions"),
        ("{{ rows is sequence }}", "use `array`"),
        ("{{ title is empty }}", "write `not x`"),
        ("{{ title is directory }}", "a template sees no files"),
        ("{{ title is strin }}", "did you mean `string`?"),
        ("{{ title is serch }}", "there is no `search`"),
    ] {
        let found = said(text);
        let is = found.help.as_deref().is_some_and(|found| found.starts_with(help));
        assert!(is && found.rule == "template/unknown-test", "{text}: {found:?}");
    }
}
