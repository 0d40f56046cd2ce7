//! Numbers are exact or an error with a place; nothing wraps, traps or is cut.

use super::*;

const LEAST: &str = "-9223372036854775808";
const MOST: &str = "9223372036854775807";
const CONTEXT: &str = r#"{"most": 9223372036854775807, "least": -9223372036854775808, "list": [1,2,3], "o": {"b": 1, "a": 2},
    "odd": 9007199254740993, "huge": 1e300, "tiny": 5e-324, "text": "a b c", "above": 18446744073709551615}"#;

fn gives(text: &str) -> String {
    self::text(&one(CONTEXT, &[], text)).to_owned()
}

/// What a template that fails says, and where.
fn fails(text: &str) -> (String, String) {
    let found = wrong(one(CONTEXT, &[], text));
    (found.message, found.span.as_ref().map(place).unwrap_or_default())
}

#[test]
fn results_out_of_range_are_errors_with_a_place() {
    for text in [
        "{{ most | plus: 1 }}",
        "{{ least | minus: 1 }}",
        "{{ most | minus: least }}",
        "{{ most | times: 2 }}",
        "{{ least | times: -1 }}",
        "{{ least | abs }}",
        "{{ least | divided_by: -1 }}",
        "{{ least | modulo: -1 }}",
        "{{ huge | round }}",
        "{{ huge | ceil }}",
        "{{ huge | floor }}",
        "{{ above | round }}",
        "{{ huge | times: huge }}",
        "{{ huge | divided_by: tiny }}",
        "{{ 'nan' | plus: 1 }}",
        "{{ 'inf' | round }}",
        "{{ 'nan' | round: 2 }}",
        "{{ 'nan' | at_most: 1 }}",
        "{{ 1 | at_most: 'inf' }}",
        "{{ huge | modulo: 'inf' }}",
        "{{ '1e999' | minus: 1 }}",
        "{{ 1 | divided_by: tiny }}",
    ] {
        let (message, place) = fails(&format!("\n {text}"));
        assert!(message.contains("out of range"), "{text}: {message}");
        assert_eq!(place, format!("2:2-2:{}", text.len() + 2), "{text}");
    }
    for text in ["{{ 1 | divided_by: 0 }}", "{{ least | modulo: 0 }}", "{{ 1 | modulo: 0.0 }}"] {
        assert!(fails(text).0.contains("can't divide by zero"), "{text}: {}", fails(text).0);
    }
}

#[test]
fn results_within_the_range_are_exact() {
    for (text, wanted) in [
        (
            "{{ most | plus: 0 }} {{ most | minus: 1 | plus: 1 }} {{ least | plus: 1 | abs }}",
            format!("{MOST} {MOST} {MOST}"),
        ),
        ("{{ least | divided_by: 1 }} {{ least | times: 1 }} {{ least | modulo: 10 }}", format!("{LEAST} {LEAST} -8")),
        (
            "{{ odd | round }} {{ odd | ceil }} {{ odd | floor }} {{ odd | round: 2 }}",
            "9007199254740993 ".repeat(4).trim().into(),
        ),
        ("{{ most | round }} {{ least | floor }} {{ most | round: 400 }}", format!("{MOST} {LEAST} {MOST}")),
        (
            "{{ most | at_least: 1 }} {{ least | at_most: 1 }} {{ 1 | at_most: least }}",
            format!("{MOST} {LEAST} {LEAST}"),
        ),
        (
            "{{ 1.25 | round: 400 }} {{ 1.25 | round: 1 }} {{ 1.5 | round: -400 }} {{ 2.5 | round: 308 }}",
            "1.25 1.3 2 2.5".into(),
        ),
        (
            "{{ 7 | divided_by: 2 }} {{ 7.0 | divided_by: 2 }} {{ -7 | modulo: 3 }} {{ '7' | plus: '3' }}",
            "3 3.5 -1 10".into(),
        ),
    ] {
        assert_eq!(gives(text), wanted, "{text}");
    }
}

#[test]
fn counts_of_any_size_count() {
    for (text, wanted) in [
        ("{% for i in (1..9223372036854775807) limit:2 %}{{ i }}{{ forloop.last }}{% endfor %}", "1false2true"),
        (
            "{% for i in (9223372036854775806..9223372036854775807) %}{{ i }},{% endfor %}",
            "9223372036854775806,9223372036854775807,",
        ),
        ("{% for i in (-9223372036854775808..9223372036854775807) limit:2 offset:-1 %}<{{ i }}>{% endfor %}", "<><>"),
        (
            "{% for i in (-9223372036854775808..9223372036854775807) limit:1 offset:9223372036854775807 %}{{ i }}{% endfor %}",
            "-1",
        ),
        ("{% for i in (1..4294967297) limit:1 offset:4294967296 %}{{ i }}{% endfor %}", "4294967297"),
        (
            "{% for i in list limit:4294967297 %}{{ i }}{% endfor %}{% for i in list limit:-1 %}{{ i }}{% endfor %}",
            "123123",
        ),
        ("{% for i in list offset:4294967296 %}{{ i }}{% else %}none{% endfor %}", "none"),
        ("{% for i in list offset:-1 %}{{ i }}{% else %}none{% endfor %}", "none"),
        (
            "{% tablerow i in list cols:-1 %}{{ i }}{% endtablerow %}",
            "<tr class=\"row1\"><td class=\"col1\">1</td><td class=\"col2\">2</td><td class=\"col3\">3</td></tr>",
        ),
        (
            "{% tablerow i in (1..1) cols:9223372036854775807 %}{{ tablerow.col_last }}{% endtablerow %}",
            "<tr class=\"row1\"><td class=\"col1\">true</td></tr>",
        ),
        ("{% tablerow i in nil cols:0 %}{{ i }}{% endtablerow %}", ""),
        (
            "{{ text | slice: 4294967296 }}|{{ text | slice: 0, 4294967297 }}|{{ text | slice: -9223372036854775808, 1 }}",
            "|a b c|",
        ),
        ("{{ text | slice: -1, most }}|{{ list | slice: 1, most | join }}|{{ text | slice: most, most }}", "c|2 3|"),
        (
            "{{ text | truncate: 4294967297 }}|{{ text | truncate: least }}|{{ text | truncate: 4, '' }}",
            "a b c|a b c|a b ",
        ),
        (
            "{{ text | truncatewords: 4294967297 }}|{{ text | truncatewords: most }}|{{ text | truncatewords: -1 }}|{{ text | truncatewords: 1 }}",
            "a b c|a b c|a b c|a...",
        ),
        ("{{ list[9223372036854775807] | default: 'x' }}", ""),
    ] {
        if text.starts_with("{{ list[") {
            assert!(fails(text).0.contains("9223372036854775807"), "{}", fails(text).0);
            continue;
        }
        assert_eq!(gives(text), wanted, "{text}");
    }
    assert_eq!(
        fails("{% tablerow i in list cols:0 %}{% endtablerow %}"),
        ("expected a number of columns, found 0".into(), "1:1-1:32".into())
    );
}

#[test]
fn integers_that_do_not_fit_are_refused_where_they_stand() {
    for text in [
        "\n{{ 9223372036854775808 }}",
        "\n{{ 1|plus:99999999999999999999 }}",
        "\n{% assign x = -9223372036854775809 %}",
        "\n{% comment %}{% assign x = 99999999999999999999 %}{% endcomment %}",
    ] {
        let (message, place) = fails(text);
        assert!(message.contains("more than 64 bits"), "{text}: {message}");
        assert!(place.starts_with("2:"), "{text}: {place}");
    }
    for text in [format!("\n{{{{ 1{}.5 }}}}", "0".repeat(400)), format!("\n{{% assign x = -1{}.0 %}}", "0".repeat(309))]
    {
        let (message, place) = fails(&text);
        assert_eq!(message, "the number is out of range: floats go up to 1.8e308");
        assert!(place.starts_with("2:"), "{place}");
    }
    assert_eq!(gives(&format!("{{{{ 1{}.0 | size }}}}", "0".repeat(308))), "309");
    let fine = "{{ -9223372036854775808 }} {{ '99999999999999999999' }} 99999999999999999999 {{ 0.99999999999999999999 }}\
                {% raw %}{{ 99999999999999999999 }}{% endraw %}{% assign x99999999999999999999 = 1 %}";
    assert_eq!(
        gives(fine),
        "-9223372036854775808 99999999999999999999 99999999999999999999 1{{ 99999999999999999999 }}"
    );
    let partials = [("p", "\n\n{{ 99999999999999999999 }}")];
    let found = wrong(one("{}", &partials, "{% include 'p' %}"));
    assert_eq!(found.span.as_ref().map(place).unwrap(), "p:3:4");
}

/// Where the plain crate has a result, it is the same.
#[test]
fn the_plain_crate_gives_the_same() {
    let context = r#"{"list": [1, 2, 3]}"#;
    for input in ["0", "1", "-1", "7", "2.5", "-2.5", "'3'", "'1.5'", "1000000007", "true", "nil", "'x'", "list"] {
        for filter in [
            "abs",
            "ceil",
            "floor",
            "round",
            "round: 1",
            "round: -1",
            "round: 20",
            "plus: 2",
            "plus: '2'",
            "plus: 1.5",
            "minus: 3",
            "minus: 'x'",
            "times: 4",
            "times: -1.5",
            "divided_by: 2",
            "divided_by: 2.0",
            "divided_by: 0",
            "modulo: 3",
            "modulo: 0.5",
            "modulo: 0",
            "at_least: 2",
            "at_least: 1.5",
            "at_most: 2",
            "at_most: '1'",
            "plus: nil",
            "slice: 0",
            "slice: 1, 2",
            "slice: -1",
            "slice: 0, 0",
            "truncate: 1",
            "truncate: 2, ''",
            "truncate",
            "truncatewords: 1",
            "truncatewords",
            "size",
        ] {
            let text = format!("{{{{ {input} | {filter} }}}} {{{{ {input} | {filter} | divided_by: 2 }}}}");
            let ours = one(context, &[], &text);
            let plain = twin::render(&text, &[], context, "{}");
            match (ours, plain) {
                (Ok(ours), Ok(plain)) => {
                    assert_eq!(String::from_utf8_lossy(&ours.outputs[0].contents), plain, "{text}");
                }
                (Err(_), Err(_)) => {}
                (ours, plain) => panic!("{text}: {ours:?} and {plain:?}"),
            }
        }
    }
}
