//! What authors know from Jinja2: how arguments are given, what is out of range, and what is said of what there is not.
//! `plugins/corpus/jinja2.json` has the rest.

use super::*;

fn said(text: &str) -> (String, String) {
    let found = wrong(text);
    (found.message, found.help.unwrap_or_default())
}

#[test]
fn arguments_are_given_by_place_or_by_name() {
    for (by_place, by_name, wanted) in [
        ("['b', 'A'] | sort(true, true)", "['b', 'A'] | sort(case_sensitive=true, reverse=true)", "['b', 'A']"),
        ("['a', 'A'] | unique(true) | list", "['a', 'A'] | unique(case_sensitive=true) | list", "['a', 'A']"),
        ("['a', 'B'] | max(true)", "['a', 'B'] | max(case_sensitive=true)", "a"),
        ("'-a-' | trim('-')", "'-a-' | trim(chars='-')", "a"),
        ("[[2], [1]] | sort(false, false, 0)", "[[2], [1]] | sort(attribute=0)", "[[1], [2]]"),
        ("[[2], [1]] | min(false, 0)", "[[2], [1]] | min(attribute=0)", "[1]"),
        ("[[2], [1]] | max(false, 0)", "[[2], [1]] | max(attribute=0)", "[2]"),
        ("[[2], [2]] | unique(false, 0) | list", "[[2], [2]] | unique(attribute=0) | list", "[[2]]"),
        ("([[2, 3]] | groupby(0))[0][0]", "([[2, 3]] | groupby(attribute=0))[0].grouper", "2"),
        ("[[2], [1]] | sum(0)", "[[2], [1]] | sum(attribute=0, start=0)", "3"),
        ("[[2], [1]] | join(',', 0)", "[[2], [1]] | join(',', attribute=0)", "2,1"),
        ("'%5.1f%% %s' | format(1.25, 'a')", "'%(a)s' | format(a='1.2% a') | replace('1', '  1', 1)", "  1.2% a"),
        ("'aa' | replace('a', 'b', 1)", "'aa' | replace(new='b', old='a', count=1)", "ba"),
        ("'' | default('x', true)", "'' | default(boolean=true, default_value='x')", "x"),
        ("[1, 2, 3] | batch(2, 0) | list", "[1, 2, 3] | batch(fill_with=0, linecount=2) | list", "[[1, 2], [3, 0]]"),
        ("'a\\nb' | indent('> ', true)", "'a\\nb' | indent(first=true, width='> ')", "> a\n> b"),
        ("1024 | filesizeformat(true)", "1024 | filesizeformat(binary=true)", "1.0 KiB"),
    ] {
        assert_eq!(rendered(&format!("{{{{ {by_place} }}}}")), wanted, "{by_place}");
        assert_eq!(rendered(&format!("{{{{ {by_name} }}}}")), wanted, "{by_name}");
    }
    assert_eq!(rendered("[{{ '' | default(boolean=true) }}]"), "[]");
    for (text, message) in [
        ("{{ [1] | sort(1, 2, 3, 4) }}", "too many arguments: `sort` takes `reverse`, `case_sensitive`, `attribute`"),
        (
            "{{ [1] | sort(revers=1) }}",
            "`sort` has no argument `revers`: it takes `reverse`, `case_sensitive`, `attribute`",
        ),
        ("{{ [1] | sort(true, reverse=1) }}", "`sort` is given `reverse` twice, by position and by name"),
        (
            "{{ [[1]] | sort(attribute=-1) }}",
            "`attribute` of `sort` must be a key, or the index of an item, counted from 0",
        ),
        (
            "{{ [[1]] | sum(attribute=[0]) }}",
            "`attribute` of `sum` must be a key, or the index of an item, counted from 0",
        ),
        ("{{ '%s %s' | format(1, 2, 3) }}", "`format` is given 3 values, but its text takes 2"),
        ("{{ 'a' | indent(nope) }}", "`nope` is undefined"),
        ("{{ nope | sort }}", "`nope` is undefined"),
    ] {
        assert_eq!(said(text).0, message, "{text}");
    }
}

#[test]
fn what_a_function_takes_is_said() {
    let takes = |name: &str| {
        format!(
            "`{name}` takes a table or a list of pairs: `{name}(a=1)`, `{name}({{'a': 1}})` or `{name}([('a', 1)])`"
        )
    };
    for wrong in ["'ab'", "5", "['ab']", "[1]", "[(1, 2, 3)]", "true"] {
        assert_eq!(said(&format!("{{{{ dict({wrong}) }}}}")).0, takes("dict"), "{wrong}");
        assert_eq!(said(&format!("{{{{ namespace({wrong}) }}}}")).0, takes("namespace"), "{wrong}");
    }
    assert_eq!(rendered("{{ dict([('a', 1), ['b', 2], ('a', 3)], c=4) }}"), "{'a': 3, 'b': 2, 'c': 4}");
    assert_eq!(said("{{ cycler() }}").0, "`cycler` takes at least one value");
}

#[test]
fn what_there_is_not_has_advice() {
    for (text, message, help) in [
        ("{{ loop.index }}", "`loop` is undefined", "`loop` exists only between `{% for %}` and `{% endfor %}`"),
        ("{{ self }}", "`self` is undefined", "`self.name()` writes a block of this template"),
        ("{{ caller() }}", "unknown function `caller`", "`caller()` exists only in a macro"),
        ("{{ _('a') }}", "unknown function `_`", "there are no translations"),
        ("{% do 1 %}", "`do` and `call` take a call: `{% do f(x) %}`", ""),
        ("{% macro m() %}{% endmacro %}{{ m(1) }}", "too many arguments", "filters and macros take the arguments"),
        ("{{ services | selectattr('port', 'evn') | list }}", "unknown test `evn`", "did you mean `even`?"),
        ("{{ services | map('lenth') | list }}", "unknown filter `lenth`", "did you mean `length`?"),
        ("{% for x in port %}{% endfor %}", "`port` is a number, not a list or a table", ""),
        ("{{ [] | max }}", "an undefined value was used", "`default` gives a value where there is none"),
        ("{{ 'x' | float }}", "the text is not a number; `float(default=0.0)` sets a fallback", ""),
        ("{{ '%r' | format(1) }}", "invalid conversion type 'r' in format spec at offset 1", "write `%s`"),
    ] {
        let found = said(text);
        assert!(found.0 == message && found.1.starts_with(help), "{text}: {found:?}");
    }
}

#[test]
fn a_number_out_of_range_is_an_error_where_it_arises() {
    const RANGE: &str = "the number is out of range: floats go up to 1.8e308";
    const NONE: &str = "the result is not a number";
    for (text, message) in [
        ("1e308 * 10", RANGE),
        ("10.0 ** 400", RANGE),
        ("-1e308 * 10", RANGE),
        ("1e308 / 1e-10", RANGE),
        ("1e308 + 1e308", RANGE),
        ("1e999", RANGE),
        ("'inf' | float", RANGE),
        ("'1e999' | float", RANGE),
        ("'nan' | float", NONE),
        ("(1e308 * 10) - (1e308 * 10)", NONE),
        ("(0 - 8) ** 0.5", NONE),
        ("[1e308, 1e308] | sum", RANGE),
        ("(1e308 * 10) | round", RANGE),
        ("(1e308 * 10) | string", RANGE),
        ("(1e308 * 10) | pprint", RANGE),
        ("(1e308 * 10) | filesizeformat", RANGE),
        ("'%f' | format(1e308 * 10)", RANGE),
        ("'{}'.format(1e308 * 10)", RANGE),
        ("[1, [1e308 * 10]]", RANGE),
        ("{'a': 1e308 * 10}", RANGE),
        ("[1e308 * 10] | join(',')", RANGE),
        ("1.7e308 | round(-308)", "rounded value is too large to represent"),
        ("2 ** 200", "the result of `2 ** 200` is out of range: integers have 128 bits, floats go up to 1.8e308"),
        ("0.0 ** -1", "division by zero"),
        ("1.0 / 0", "division by zero"),
    ] {
        assert_eq!(said(&format!("{{{{ {text} }}}}")).0, message, "{text}");
    }
    for (text, message, at) in [
        ("{% if 1e308 * 10 > 5 %}a{% endif %}", RANGE, "1:7-1:17"),
        ("{% if ratio * 1e308 * 10 == 5 %}a{% endif %}", RANGE, "1:7-1:25"),
        ("{{ 'a' ~ 10.0 ** 400 }}", RANGE, "1:10-1:21"),
        ("{{ 'a' ~ ratio ** 4000 }}", RANGE, "1:10-1:23"),
        ("{{ 1 if 1e999 > 5 else 2 }}", RANGE, "1:9-1:14"),
        ("{{ 1 / (ratio * 1e308) }}", RANGE, "1:9-1:22"),
        ("{% set x = ratio * 1e308 %}", RANGE, "1:12-1:25"),
        ("{{ 'a' if ratio * 1e308 in [1] else 'b' }}", RANGE, "1:11-1:24"),
        ("{{ [3, ratio * 1e308] | max > 5 }}", RANGE, "1:8-1:21"),
        ("{{ [3, ratio * 1e308] | sort | length }}", RANGE, "1:8-1:21"),
        ("{{ [3, ratio * 1e308] | length }}", RANGE, "1:8-1:21"),
        ("{% macro m(a) %}{{ 1 if a * a > 1 else 2 }}{% endmacro %}{{ m(1e200) }}", RANGE, "1:25-1:30"),
        (
            "{% set n = namespace(x=ratio) %}{% for i in range(11) %}{% set n.x = n.x * n.x %}{% endfor %}",
            RANGE,
            "1:70-1:79",
        ),
    ] {
        let found = wrong(text);
        assert_eq!((found.message.as_str(), place(&found)), (message, format!("main.jinja:{at}")), "{text}");
    }
    let found =
        only(render_with(&[("p.jinja", "\n{% if ratio * 1e308 > 1 %}a{% endif %}")], "a\n{% include 'p.jinja' %}"));
    assert_eq!((found.message.as_str(), place(&found).as_str()), (RANGE, "p.jinja:2:7-2:20"));
    assert_eq!(write_span(&found.related[0]), "main.jinja:2:4-2:21");
    let fine = "{{ ratio * 2 > 3 }} {{ 'a' ~ -ratio / 4 }} {{ port * 1.5 is divisibleby 3 }} {{ [1] + [2] | map('float') | list }}";
    assert_eq!(rendered(fine), "True a-0.5 0 [1, 2.0]");
    assert_eq!(rendered("{{ 'nan' | float(0) }} {{ '1e999' | float(default=1) }} {{ 1e308 }}").len(), 4 + 311);
}

#[test]
fn small_numbers_are_out_of_range_only_where_much_is_computed() {
    let product = |factors: usize| {
        let product = vec!["x"; factors].join(" * ");
        format!("{{% for x in [{}.0] %}}{{{{ {product} > 1 }}}}{{% endfor %}}", "9".repeat(37))
    };
    assert_eq!(rendered(&product(7)), "True");
    assert!(said(&product(9)).0.starts_with("the number is out of range"));
    for text in [
        "{% set ns = namespace(x=2.5) %}{% for i in range(12) %}{% set ns.x = ns.x * ns.x %}{% endfor %}{{ ns.x > 1 }}",
        "{% macro m(x, n) %}{% if n %}{{ m(x * x, n - 1) }}{% else %}{{ x > 1 }}{% endif %}{% endmacro %}{{ m(2.5, 12) }}",
        "{% for x in [2.5] recursive %}{% if x < 1e300 %}{{ loop([x * x]) }}{% endif %}{% endfor %}",
        "{{ ('1e300' | float) * ('1e300' | float) > 1 }}",
    ] {
        assert!(said(text).0.starts_with("the number is out of range"), "{text}: {:?}", said(text));
    }
}
