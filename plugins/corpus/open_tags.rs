//! What Tera and Liquid say of tags that are never closed, or close nothing: the same, as far as they have the same tags.

use renderer::{Diagnostic, Span};

/// A template, what is said of it, and where.
pub type Row = (&'static str, &'static str, &'static str);

const BOTH: &[Row] = &[
    ("a\n{% if title %}\nb", "`{% if %}` in line 2 has no `{% endif %}`", "2:1-2:15"),
    ("{% if title %}{% endfor %}", "`{% endfor %}` closes nothing: `{% if %}` in line 1 is open", "1:15-1:27"),
    ("{% endif %}", "`{% endif %}` closes nothing: no `{% if %}` is open", "1:1-1:12"),
    ("{% for i in rows %}a", "`{% for %}` in line 1 has no `{% endfor %}`", "1:1-1:20"),
    ("{% raw %}a", "`{% raw %}` in line 1 has no `{% endraw %}`", "1:1-1:10"),
    ("{{ title", "`{{` in line 1 is never closed", "1:1-1:3"),
    ("{{ title }\nb", "`{{` in line 1 is closed by `}`", "1:10-1:11"),
    ("{% if title }}", "`{%` in line 1 is closed by `}}`", "1:13-1:15"),
    ("{{ 'a }}", "the string that begins in line 1 is never closed", "1:4-1:5"),
];

/// Checks the rows of both and those of one engine.
pub fn check(own: &[Row], said: impl Fn(&str) -> Diagnostic, place: impl Fn(&Span) -> String) {
    for (text, message, at) in BOTH.iter().chain(own) {
        let found = said(text);
        assert_eq!((found.message.as_str(), place(found.span.as_ref().unwrap()).as_str()), (*message, *at), "{text}");
        assert!(found.rule == "template/syntax" && found.help.is_some(), "{text}");
    }
}
