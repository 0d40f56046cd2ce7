//! What the guest says of mistakes.

use super::*;

const CONTEXT: &str = r#"{"title": "t", "rows": [{"name": "b"}], "hollow": {}}"#;

fn said(text: &str) -> Diagnostic {
    wrong(one(CONTEXT, &[], text))
}

#[test]
fn what_is_open_is_named() {
    let own = &[
        ("{% when 1 %}", "`{% when %}` stands outside of `{% case %}`", "1:1-1:13"),
        ("{% case title %}{% when 1 %}a", "`{% case %}` in line 1 has no `{% endcase %}`", "1:1-1:17"),
        ("{% capture x %}a", "`{% capture %}` in line 1 has no `{% endcapture %}`", "1:1-1:16"),
        ("{% comment %}a", "`{% comment %}` in line 1 has no `{% endcomment %}`", "1:1-1:14"),
        ("{% assign x = {{ title }} %}", "`{{ … }}` stands within a tag", "1:15-1:26"),
        ("{{ title title }}", "this tag can't be read", "1:1-1:18"),
        ("{{ 1 + 2 }}", "this tag can't be read", "1:1-1:12"),
    ];
    open_tags::check(own, said, place);
    let found = said("{% elseif title %}");
    assert_eq!((found.message.as_str(), found.help.as_deref()), ("unknown tag `elseif`", Some("write `elsif`")));
    assert_eq!(said("{% iff title %}{% endif %}").message, "unknown tag `iff`");
    assert_eq!(said("{{ title | upcas }}").help.as_deref(), Some("did you mean `upcase`?"));
    let found = said("{{ title | append 'x' }}");
    assert_eq!(found.help.as_deref(), Some("arguments follow a colon: `{{ x | plus: 1 }}`"), "{}", found.message);
    let found = said("{% if title == none %}{% endif %}");
    assert_eq!(found.help.as_deref(), Some("write `nil` for no value, or `'none'` for the text"), "{}", found.message);
}

#[test]
fn what_lacks_a_key_is_named_with_what_it_has() {
    let help = |text: &str| said(text).help.unwrap_or_default();
    assert_eq!(help("{{ rows[0].port }}"), "it has: `name`");
    assert_eq!(help("{{ hollow.port }}"), "it has no keys");
    assert_eq!(help("{{ rows.port }}"), "it is a list, which has no keys");
    assert_eq!(help("{{ title.port }}"), "it is text or a number, which has no keys");
}

#[test]
fn a_recursion_is_named_once() {
    for (partials, message) in [
        (&[("a", "{% include 'b' %}"), ("b", "{% include 'a' %}")][..], "a partial includes itself: a → b → a"),
        (&[("a", "{% render 'a' %}")][..], "a partial includes itself: a → a"),
    ] {
        let found = wrong(one("{}", partials, "{% include 'a' %}"));
        assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/error", message));
        assert!(found.related.len() <= 3, "{:?}", found.related);
    }
}

#[test]
fn what_a_partial_is_given_is_named() {
    let context = r#"{"name": "a", "user": {"name": "Ada"}}"#;
    for (text, message, at) in [
        ("{% render 'p', x: nope %}", "`nope` is undefined", "1:19-1:23"),
        ("{% render 'p', y: name, x: user.nam %}", "`user.nam` is undefined", "1:33-1:36"),
        ("{% include 'p' x: user.nam %}", "`user.nam` is undefined", "1:24-1:27"),
        ("{% render 'p' with user.nam as x %}", "`user.nam` is undefined", "1:25-1:28"),
    ] {
        let found = wrong(one(context, &[("p", "{{ x }}")], text));
        assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/undefined-variable", message), "{text}");
        assert_eq!(place(&found.span.unwrap()), at, "{text}");
    }
}
