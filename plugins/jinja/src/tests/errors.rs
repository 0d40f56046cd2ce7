//! What errors say and where they point.

use super::*;
use crate::inspect;

fn help(diagnostic: &Diagnostic) -> &str {
    diagnostic.help.as_deref().unwrap_or_default()
}

#[test]
fn an_undefined_variable_is_named_with_its_neighbours() {
    let diagnostic = wrong("first\n  {{ create_name | upper }}");
    assert_eq!(diagnostic.rule, "template/undefined-variable");
    assert_eq!(diagnostic.message, "`create_name` is undefined");
    assert_eq!(place(&diagnostic), "main.jinja:2:6-2:17");
    assert!(
        help(&diagnostic).starts_with("did you mean `crate_name`? the pack declares: `crate_name`, "),
        "{}",
        help(&diagnostic)
    );
    let far = wrong("{{ qqqqqqqq }}");
    assert!(help(&far).starts_with("the pack declares: "), "{}", help(&far));
    let none = only(render::render(b"{}", vec![], &[job("a", "{{ x }}")]).remove(0));
    assert_eq!(help(&none), "the pack declares no variables");
}

#[test]
fn strictness_reaches_everywhere() {
    for text in [
        "{{ x }}",
        "{{ x.y }}",
        "{% if x %}{% endif %}",
        "{% for a in x %}{% endfor %}",
        "{{ x ~ 'a' }}",
        "{{ x == 1 }}",
        "{{ 'a' in x }}",
        "{{ x | snake_case }}",
        "{{ x | tojson }}",
        "{{ [x] | tojson }}",
        "{{ user.nmae }}",
        "{{ x | toml_string }}",
    ] {
        assert_eq!(wrong(text).rule, "template/undefined-variable", "{text}");
    }
    assert_eq!(rendered("{{ x is defined }}{{ x | default('d') }}{{ user.x is defined }}"), "FalsedFalse");
}

#[test]
fn a_missing_attribute_is_named_with_its_siblings() {
    let diagnostic = wrong("{{ user.nmae }}");
    assert_eq!(diagnostic.message, "`user.nmae` is undefined");
    assert_eq!(place(&diagnostic), "main.jinja:1:9-1:13");
    assert_eq!(help(&diagnostic), "did you mean `name`? it has: `email`, `name`");
    let item = wrong("{% for s in services %}{{ s['prot'] + 1 }}{% endfor %}");
    assert_eq!(place(&item), "main.jinja:1:30-1:34");
    assert_eq!(help(&item), "did you mean `port`? it has: `name`, `port`");
    assert_eq!(help(&wrong("{{ user.a.b.c }}")), "it has: `email`, `name`");
}

#[test]
fn columns_count_bytes() {
    assert_eq!(place(&wrong("äö{{ nope }}")), "main.jinja:1:8-1:12");
}

#[test]
fn unknown_filters_tests_and_functions() {
    let filter = wrong("{{ port | upper | snakecase }}");
    assert_eq!(
        (filter.rule.as_str(), filter.message.as_str()),
        ("template/unknown-filter", "unknown filter `snakecase`")
    );
    assert_eq!((place(&filter).as_str(), help(&filter)), ("main.jinja:1:19-1:28", "did you mean `snake_case`?"));
    let test = wrong("{{ port is deffined }}");
    assert_eq!((test.rule.as_str(), help(&test)), ("template/unknown-test", "did you mean `defined`?"));
    assert_eq!(place(&test), "main.jinja:1:12-1:20");
    let function = wrong("{% macro field_type() %}{% endmacro %}{{ feild_type() }}");
    assert_eq!((function.rule.as_str(), help(&function)), ("template/unknown-function", "did you mean `field_type`?"));
    assert_eq!(place(&function), "main.jinja:1:42-1:52");
    assert_eq!(help(&wrong("{{ rnage(3) }}")), "did you mean `range`?");
    assert_eq!(wrong("{{ user.nope() }}").rule, "template/unknown-function");
}

#[test]
fn syntax_errors_have_places() {
    let diagnostic = wrong("line\n{% if port %}\n{{ port }\n");
    assert_eq!(diagnostic.rule, "template/syntax");
    assert_eq!(diagnostic.span.as_ref().map(|span| span.start.line), Some(3));
    assert_eq!(wrong("{% endfor %}").rule, "template/syntax");
    assert_eq!(wrong("{{ '\\ud800' }}").rule, "template/syntax");
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(1000), ")".repeat(1000));
    assert_eq!(wrong(&deep).rule, "template/syntax");
}

#[test]
fn types_and_other_errors_differ() {
    for text in [
        "{{ port + 'a' }}",
        "{{ 1 // 0 }}",
        "{{ port | snake_case }}",
        "{{ 'a' | round }}",
        "{% for a, b in [1] %}{% endfor %}",
        "{{ port | upper(1, 2) }}",
        "{{ range | tojson }}",
        "{{ -'a' }}",
    ] {
        assert_eq!(wrong(text).rule, "template/type", "{text}");
    }
    for text in ["{{ super() }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"] {
        assert_eq!(wrong(text).rule, "template/error", "{text}");
    }
}

#[test]
fn a_missing_partial_is_suggested() {
    let diagnostic = only(render_with(&[("partials/head.txt", "")], "a\n{% include 'partials/haed.txt' %}"));
    assert_eq!(
        (diagnostic.rule.as_str(), help(&diagnostic)),
        ("template/missing-partial", "did you mean `partials/head.txt`?")
    );
    assert_eq!(diagnostic.message, "the pack has no file `partials/haed.txt`");
    assert_eq!(diagnostic.span.as_ref().map(|span| span.start.line), Some(2));
    for text in ["{% extends 'x' %}", "{% import 'x' as x %}", "{% from 'x' import y %}", "{% include ['x', 'y'] %}"] {
        assert_eq!(wrong(text).rule, "template/missing-partial", "{text}");
    }
}

#[test]
fn an_error_in_a_partial_points_there_and_names_the_way() {
    let partials = [
        ("inner.txt", "x\n{{ nope }}"),
        ("outer.txt", "{% include 'inner.txt' %}"),
        ("broken.txt", "\n\n{% if %}"),
        ("base.txt", "{{ nope }}{% block b %}{% endblock %}"),
        ("macros.txt", "{% macro m() %}{{ nope }}{% endmacro %}"),
    ];
    let related = |text: &str| {
        let diagnostic = only(render_with(&partials, text));
        (place(&diagnostic), diagnostic.related.iter().map(write_span).collect::<Vec<_>>())
    };
    let (at, way) = related("a\n{% include 'outer.txt' %}");
    assert_eq!(at, "inner.txt:2:4-2:8");
    assert_eq!(way, ["outer.txt:1:4-1:23", "main.jinja:2:4-2:23"]);
    assert_eq!(
        related("{% include 'broken.txt' %}"),
        ("broken.txt:3:7-3:9".into(), vec!["main.jinja:1:4-1:24".into()])
    );
    assert_eq!(related("{% extends 'base.txt' %}"), ("base.txt:1:4-1:8".into(), vec!["main.jinja:1:4-1:22".into()]));
    assert_eq!(related("{% from 'macros.txt' import m %}{{ m() }}").0, "macros.txt:1:19-1:23");
    assert_eq!(related("{% from 'macros.txt' import m %}{{ m() }}").1, ["main.jinja:1:4-1:30"]);
}

#[test]
fn wrong_options_name_the_nearest() {
    let run = |options: &str| {
        only(render::render(b"{}", vec![], &[Job { options: options.as_bytes().to_vec(), ..job("a", "") }]).remove(0))
    };
    let unknown = run(r#"{"trim_block": true}"#);
    assert_eq!((unknown.rule.as_str(), unknown.message.as_str()), ("template/option", "unknown option `trim_block`"));
    assert_eq!(help(&unknown), "did you mean `trim_blocks`?");
    assert_eq!(help(&run(r#"{"zzz": 1}"#)), "the options are `lstrip_blocks`, `trim_blocks`");
    assert_eq!(run(r#"{"trim_blocks": 1}"#).message, "the option `trim_blocks` is not a boolean");
    assert_eq!(run("[]").rule, "template/option");
}

#[test]
fn input_that_is_not_what_it_should_be() {
    for context in ["[]", "{", "", "\u{feff}{}", r#"{"a":"\ud800"}"#] {
        assert_eq!(only(render::render(context.as_bytes(), vec![], &[job("a", "")]).remove(0)).rule, "template/error");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(only(render::render(deep.as_bytes(), vec![], &[job("a", "")]).remove(0)).rule, "template/error");
    let bytes = File { path: "bin".to_owned(), contents: b"ok\n\xff\xfe".to_vec() };
    let job_of = |template: File| Job { template, locals: b"{}".to_vec(), options: b"{}".to_vec() };
    let diagnostic = only(render::render(b"{}", vec![], &[job_of(bytes.clone())]).remove(0));
    assert_eq!((diagnostic.rule.as_str(), place(&diagnostic).as_str()), ("template/syntax", "bin:2:1"));
    assert_eq!(only(inspect::inspect(&bytes)).rule, "template/syntax");
    let partial = render::render(b"{}", vec![bytes], &[job("a", "{% include 'bin' %}")]).remove(0);
    assert!(only(partial).message.contains("is not UTF-8"));
    let locals = render::render(b"{}", vec![], &[Job { locals: b"1".to_vec(), ..job("a", "") }]).remove(0);
    assert!(only(locals).message.starts_with("the locals cannot be read"));
}

#[test]
fn what_is_open_is_named_where_the_text_ends_too_early() {
    for (text, message, at) in [
        ("a\n\n\n{% if port %}\nb", "`{% if %}` in line 4 has no `{% endif %}`", "4:1-4:14"),
        ("\n{% if port %}{% endfor %}", "`{% endfor %}` closes nothing: `{% if %}` in line 2 is open", "2:14-2:26"),
        ("{% for s in services %}{{ s }}", "`{% for %}` in line 1 has no `{% endfor %}`", "1:1-1:24"),
        ("{% block b %}", "`{% block %}` in line 1 has no `{% endblock %}`", "1:1-1:14"),
        ("{% macro m() %}", "`{% macro %}` in line 1 has no `{% endmacro %}`", "1:1-1:16"),
        ("{% set x %}a", "`{% set %}` in line 1 has no `{% endset %}`", "1:1-1:12"),
        ("{% filter upper %}a", "`{% filter %}` in line 1 has no `{% endfilter %}`", "1:1-1:19"),
        ("{% with a = 1 %}a", "`{% with %}` in line 1 has no `{% endwith %}`", "1:1-1:17"),
        ("{% raw %}a", "`{% raw %}` in line 1 has no `{% endraw %}`", "1:1-1:10"),
        ("{% macro m() %}{% endmacro %}{% call m() %}", "`{% call %}` in line 1 has no `{% endcall %}`", "1:30-1:44"),
        ("a\n{# b", "`{#` in line 2 is never closed", "2:1-2:3"),
        ("{% endif %}", "`{% endif %}` closes nothing: no `{% if %}` is open", "1:1-1:12"),
        ("{% else %}", "`{% else %}` stands outside of `{% if %}` or `{% for %}`", "1:1-1:11"),
        ("{{ port", "`{{` in line 1 is never closed", "1:1-1:3"),
        ("{{ port }\nb", "`{{` in line 1 is closed by `}`", "1:9-1:10"),
        ("{% if port", "`{%` in line 1 is never closed", "1:1-1:3"),
        ("{% if port }}", "`{%` in line 1 is closed by `}}`", "1:12-1:14"),
        ("{{ 'a }}", "the string that begins in line 1 is never closed", "1:4-1:5"),
        ("{% set x = {{ port }} %}", "`{{ … }}` stands within a tag", "1:12-1:22"),
        ("{% elseif port %}", "unknown tag `elseif`", "1:4-1:10"),
        ("{% fro x in y %}", "unknown tag `fro`", "1:4-1:7"),
    ] {
        let found = wrong(text);
        assert_eq!((found.message.as_str(), place(&found)), (message, format!("main.jinja:{at}")), "{text}");
        assert!(found.rule == "template/syntax" && found.help.is_some(), "{text}");
    }
    // What the engine saw first is what is shown.
    assert_eq!(place(&wrong("{% if port %}{{ 1 + }}")), "main.jinja:1:21-1:23");
    assert_eq!(help(&wrong("{% elseif port %}")), "write `elif`");
    assert_eq!(help(&wrong("{% fro x in y %}")), "did you mean `for`?");
}

#[test]
fn a_method_that_there_is_not_says_what_does_it() {
    let said = |text: &str| {
        let found = wrong(text);
        assert_eq!(found.rule, "template/unknown-function", "{text}");
        (found.message.clone(), help(&found).to_owned(), place(&found))
    };
    let (message, help, at) = said("{{ crate_name.trim() }}");
    assert_eq!(message, "text has no method `trim`");
    assert_eq!(
        (help.as_str(), at.as_str()),
        ("use the method `strip` or the filter `trim`: `x | trim`", "main.jinja:1:15-1:19")
    );
    assert_eq!(said("{{ crate_name.length() }}").1, "use the filter `length`: `x | length`");
    assert_eq!(said("{{ crate_name.uper() }}").1, "did you mean `upper`?");
    assert!(said("{% do services.append(1) %}").1.contains("{% set list = list + [item] %}"));
    assert_eq!(said("{{ services.first() }}").1, "use the filter `first`: `x | first`");
    assert!(said("{% do user.update({}) %}").1.contains("dict(table, key=value)"));
    assert_eq!(said("{{ port.bit_length() }}").0, "a number has no method `bit_length`");
    assert_eq!(wrong("{{ nope.lower() }}").rule, "template/undefined-variable");
}

#[test]
fn what_other_jinjas_have_is_answered() {
    assert_eq!(
        help(&wrong("{{ port | random }}")),
        "there are no random numbers: the same variables give the same text"
    );
    assert_eq!(
        help(&wrong("{{ port | slugfy }}")),
        "there is no `slugify`: use `kebab_case`, or `snake_case` for `_` between the words"
    );
    let workflow = help(&wrong("run: ${{ secrets.TOKEN }}")).to_owned();
    assert!(workflow.starts_with("`${{ … }}` belongs to the workflow: put it between `{% raw %}`"), "{workflow}");
    assert!(help(&wrong("${{ a }} {{ secrets.TOKEN }}")).starts_with("`${{"));
    assert!(help(&wrong("${{ port }} {{ secrets.TOKEN }}")).starts_with("the pack declares"));
    assert!(help(&wrong("run: ${{ create_name }}")).starts_with("did you mean `crate_name`?"));
    assert_eq!(help(&wrong("{{ len(user) }}")), "use the filter `length`: `x | length`");
    assert_eq!(help(&wrong("{{ '%s' % port }}")), "use the filter `format`: `'%s-%03d' | format(a, b)`");
    assert_eq!(help(&wrong("{{ 'a' + 1 }}")), "`~` joins values as text: `a ~ b`");
}

#[test]
fn what_is_too_wide_is_an_error() {
    for text in [
        "{{ 'x' * 10**9 }}",
        "{{ 'x'.center(10**9) }}",
        "{{ 'x'.ljust(10**18) }}",
        "{{ 'x'.zfill(10**9) }}",
        "{{ '\t'.expandtabs(10**9) }}",
        "{{ 'x' | center(10**9) }}",
        "{{ 'x' | wordwrap(0) }}",
        "{{ range(10**12) | list }}",
        "{{ [0] * 10**12 }}",
        "{{ 10**400 }}",
        "{{ 1 % 0 }}",
        "{{ 1 / 0 }}",
        "{{ 1.0 // 0 }}",
        "{{ (-9223372036854775808) // 0 }}",
    ] {
        assert!(matches!(wrong(text).rule.as_str(), "template/type" | "template/error"), "{text}: {:?}", wrong(text));
    }
    assert_eq!(rendered("{{ 'x' | truncate(10**18) }}{{ 'x'.center(-5) }}{{ 2.5 | round(400) }}"), "xx2.5");
    assert_eq!(rendered("{{ -9223372036854775808 % -1 }} {{ -9223372036854775808 // -1 }}"), "0 9223372036854775808");
}

#[test]
fn what_lacks_a_key_is_named_with_what_it_has() {
    let rows = r#"{"rows": [{"name": "a", "port": 1}, {"name": "b"}], "empty": {}, "text": "t"}"#;
    let said =
        |text: &str| help(&only(render::render(rows.as_bytes(), vec![], &[job("a", text)]).remove(0))).to_owned();
    assert_eq!(said("{% for r in rows %}{{ r.port }}{% endfor %}"), "it has: `name`");
    assert_eq!(said("{% set r = rows[1] %}{{ r.port }}"), "it has: `name`");
    assert_eq!(said("{% with r = rows[1] %}{{ r['port'] }}{% endwith %}"), "it has: `name`");
    assert_eq!(said("{{ rows[1].port }}"), "it has: `name`");
    assert_eq!(said("{{ empty.port }}"), "it has no keys");
    assert_eq!(said("{{ rows[2] }}"), "the list has 2 items, and indexes start at 0");
    assert_eq!(said("{{ rows.port }}"), "it is a list, which has no keys");
    assert_eq!(said("{{ text.port }}"), "it is text, which has no keys");
    assert_eq!(said("{{ namespace(a=1).b }}"), "");
}

#[test]
fn a_recursion_is_named_once() {
    let partials = [
        ("self.txt", "{% include 'self.txt' %}"),
        ("a.txt", "x{% include 'b.txt' %}"),
        ("b.txt", "{% include 'a.txt' %}"),
        ("base.txt", "{% extends 'base.txt' %}"),
    ];
    let said = |text: &str| {
        let found = only(render_with(&partials, text));
        (found.message.clone(), found.related.iter().map(write_span).collect::<Vec<_>>())
    };
    let (message, way) = said("{% include 'self.txt' %}");
    assert_eq!(message, "a template includes itself: self.txt → self.txt");
    assert_eq!(way, ["main.jinja:1:4-1:22"]);
    let (message, way) = said("{% include 'a.txt' %}");
    assert!(
        message == "a template includes itself: a.txt → b.txt → a.txt"
            || message == "a template includes itself: b.txt → a.txt → b.txt",
        "{message}"
    );
    assert_eq!(way.len(), 2);
    let (message, way) = said("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    assert_eq!(message, "a macro or a loop calls itself endlessly");
    assert!(way.len() <= 2, "{way:?}");
    let (message, _) = said("{% extends 'base.txt' %}");
    assert_eq!(message, "a template extends itself, or another one that extends it: base.txt");
}

#[test]
fn operators_of_other_languages_are_answered() {
    for (text, message, advice, at) in [
        (
            "{% if port = 1 %}{% endif %}",
            "unexpected `=`: the tag should end here",
            "write `==` to compare",
            "1:12-1:13",
        ),
        ("{{ port && debug }}", "unexpected `&&`", "write `and`", "1:9-1:11"),
        ("{{ port || debug }}", "unexpected `|`: a name is missing here", "write `or`", "1:9-1:11"),
        ("{{ !debug }}", "unexpected `!`", "write `not`", "1:4-1:5"),
        ("{{ debug ? 1 : 2 }}", "unexpected `?`", "write `a if condition else b`", "1:10-1:11"),
    ] {
        let found = wrong(text);
        assert_eq!(
            (found.message.as_str(), help(&found), place(&found)),
            (message, advice, format!("main.jinja:{at}"))
        );
    }
    assert_eq!(help(&wrong("{{ null }}")), "write `none`");
    assert_eq!(help(&wrong("{{ crate_name.lenght() }}")), "did you mean the filter `length`?");
}

#[test]
fn a_partial_of_an_undefined_name_says_which() {
    const NO_TEXT: &str = "the name of a partial must be text";
    for (text, message, at) in [
        ("{% include nme %}", "`nme` is undefined", "1:12-1:15"),
        ("{% extends nme %}", "`nme` is undefined", "1:12-1:15"),
        ("{% import nme as x %}", "`nme` is undefined", "1:11-1:14"),
        ("{% from nme import y %}", "`nme` is undefined", "1:9-1:12"),
        ("{% include ['a', nme] %}", "`nme` is undefined", "1:18-1:21"),
        ("{% include nme if debug else 'a' %}", "`nme` is undefined", "1:12-1:15"),
        ("{% include user.nmae %}", "`user.nmae` is undefined", "1:17-1:21"),
        ("{% for s in services %}{% include s.pth %}{% endfor %}", "`s.pth` is undefined", "1:37-1:40"),
        ("{% include port %}", NO_TEXT, "1:4-1:16"),
        ("{% set x = 1 %}{% include x %}", NO_TEXT, "1:19-1:28"),
        ("{% macro m(x) %}{% include x %}{% endmacro %}{{ m(1) }}", NO_TEXT, "1:20-1:29"),
    ] {
        let found = only(render_with(&[], text));
        let rule = if message == NO_TEXT { "template/type" } else { "template/undefined-variable" };
        let place = place(&found);
        assert_eq!(
            (found.rule.as_str(), found.message.as_str(), place),
            (rule, message, format!("main.jinja:{at}")),
            "{text}"
        );
    }
}

#[test]
fn tests_of_other_jinjas_have_advice() {
    for (text, help) in [
        ("{{ crate_name is startswith('a') }}", "use `startingwith`, or `x.startswith('a')`"),
        ("{{ crate_name is match('a') }}", "there are no regular expressions"),
        ("{{ crate_name is file }}", "a template sees no files"),
        ("{{ crate_name is version('1.0', '>=') }}", "versions are not compared"),
        ("{{ services is empty }}", "write `not x`"),
        ("{{ port is divisible_by(3) }}", "use `divisibleby`: `x is divisibleby 3`"),
        ("{{ services | rejectattr('name', 'contains', 'a') | list }}", "write `'a' in x`"),
        ("{{ services | select('mapp') | list }}", "did you mean `mapping`?"),
        ("{{ crate_name is not serch('a') }}", "there is no `search`: there are no regular expressions"),
    ] {
        let found = wrong(text);
        let is = found.help.as_deref().is_some_and(|found| found.starts_with(help));
        assert!(is && found.rule == "template/unknown-test", "{text}: {found:?}");
    }
    for (text, help) in [
        ("{% if crate_name starts with 'a' %}{% endif %}", "write `a.startswith(b)`"),
        ("{% if crate_name contains 'a' %}{% endif %}", "write `b in a`"),
        ("{{ crate_name matches '^a' }}", "there are no regular expressions"),
    ] {
        let found = wrong(text);
        assert!(found.help.as_deref().is_some_and(|found| found.starts_with(help)), "{text}: {found:?}");
    }
}

#[test]
fn a_bracket_that_is_open_is_what_is_missing() {
    for (text, message, advice, at) in [
        ("{{ services | join(\", \" }}", "`(` in line 1 is never closed", "add `)`", "1:19-1:20"),
        ("a\n{{ [port, (1, 2) }}", "`[` in line 2 is never closed", "add `]`", "2:4-2:5"),
        ("{% if f('(', port %}{% endif %}", "`(` in line 1 is never closed", "add `)`", "1:8-1:9"),
        (
            "{{ services | join(',' port) }}",
            "unexpected name: `,` or `)` is missing here",
            "write `,` if more follows, or `)` where `(` should end",
            "1:24-1:28",
        ),
    ] {
        let found = wrong(text);
        assert_eq!((found.message.as_str(), found.help.as_deref()), (message, Some(advice)), "{text}");
        assert_eq!((found.rule.as_str(), place(&found)), ("template/syntax", format!("main.jinja:{at}")), "{text}");
    }
}
