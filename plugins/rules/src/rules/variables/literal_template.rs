//! `variables/literal-template`: what looks like an expression is evaluated.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::{Variable, each_string};
use crate::tokens;

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/literal-template",
    summary: "an expression where a variable takes plain text",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Defaults, examples, choices and questions are plain text: braces in them stay as they are, even in
the generated project. A value that is made from other variables belongs in `compute`.

## Fails

```pack
[variables.slug]
type = "string"
prompt = "Short name"
default = "shop"

[variables.mail]
type = "string"
default = "{{ slug }}@example.org"
```

```pack
[variables.slug]
type = "string"
prompt = "Short name"
default = "shop"

[variables.hosts]
type = "list"
prompt = "Hosts of {{ slug }}"
default = ["www", "{% if slug %}api{% endif %}"]
```

```pack
[variables.slug]
type = "string"
prompt = "Short name"
default = "shop"

[variables.region]
type = "choice"
prompt = "Region"
choices = ["eu", { value = "us", label = "<%= slug %> in the US" }]
```

## Passes

```pack
[variables.slug]
type = "string"
prompt = "Short name"
default = "shop"

[variables.mail]
type = "string"
compute = "slug ~ '@example.org'"

[variables.title]
type = "string"
prompt = "Format of titles"
default = "{{ title_of_page }} - ${{ github.repository }}"
```

## Otherwise

For text that is meant to have such braces, because another tool reads them, add a comment with the reason:
`# packbox: allow(variables/literal-template) the site's generator fills it in`.
"#;

/// What other tools and packbox's engines put around expressions.
const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// The keys of a variable that are plain text.
const KEYS: [&str; 5] = ["default", "example", "choices", "prompt", "help"];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables() {
        for key in KEYS {
            let Some(value) = variable.table.get(key) else { continue };
            each_string(&variable.pointer(key), value, &mut |at, text| {
                if let Some(found) = expression(text, subject) {
                    let shown = quoted(found);
                    let message = format_args!("{shown} in the {key} of {} stays as it is", quoted(variable.name));
                    findings.key(at, message, &help(key, text, variable));
                }
            });
        }
    }
}

/// The first expression in a text that names a variable of the pack; one behind a dollar sign is another tool's.
fn expression<'t>(text: &'t str, subject: &Subject<'_>) -> Option<&'t str> {
    let tag = |(start, end): (usize, usize)| text.get(start..end);
    let tags = MARKS.iter().flat_map(|(open, close)| tags(text, open, close)).filter_map(tag);
    tags.into_iter().find(|tag| tokens::names(tag).iter().any(|token| subject.declares(token.name)))
}

/// Where tags stand.
fn tags<'t>(text: &'t str, open: &'t str, close: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find(open)?;
            let end = start + text.get(start..)?.find(close)? + close.len();
            at = end;
            if !text.get(..start).is_some_and(|before| before.ends_with('$')) {
                return Some((start, end));
            }
        }
    })
}

fn help(key: &str, text: &str, variable: Variable<'_>) -> String {
    if key != "default" || !matches!(variable.kind(), "string" | "choice") {
        return match key {
            "default" => "make the value with `compute` instead of `default`".to_owned(),
            _ => format!("write plain text: nothing in `{key}` is evaluated"),
        };
    }
    match computed(text) {
        Some(computed) => format!("make it with `compute = \"{computed}\"` instead of `default`"),
        None => "make it with `compute` instead of `default`".to_owned(),
    }
}

/// The expression that a text of plain parts and `{{ expressions }}` stands for; none where it would have to be escaped.
fn computed(text: &str) -> Option<String> {
    if text.len() > 200 || text.contains(['"', '\'', '\\', '\n', '%']) {
        return None;
    }
    let mut parts = Vec::new();
    let mut at = 0;
    for (start, end) in tags(text, "{{", "}}") {
        let (before, inside) = (text.get(at..start)?, text.get(start + 2..end.checked_sub(2)?)?);
        if !before.is_empty() {
            parts.push(format!("'{before}'"));
        }
        let inside = inside.trim_matches(['-', '~', ' ']);
        let is_name = !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        parts.push(if is_name { inside.to_owned() } else { format!("({inside})") });
        at = end;
    }
    let rest = text.get(at..)?;
    if !rest.is_empty() {
        parts.push(format!("'{rest}'"));
    }
    Some(parts.join(" ~ "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_written_as_an_expression() {
        for (text, expected) in [
            ("{{ slug }}@example.org", Some("slug ~ '@example.org'")),
            ("a{{- x | lower -}}{{y}}", Some("'a' ~ (x | lower) ~ y")),
            ("{{ slug }}", Some("slug")),
            ("it's {{ slug }}", None),
        ] {
            assert_eq!(computed(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn tags_end_and_dollars_are_another_tools() {
        let all = |text: &'static str| tags(text, "{{", "}}").map(|(start, end)| &text[start..end]).collect::<Vec<_>>();
        assert_eq!(all("{{ a }} ${{ b }} {{c}}"), ["{{ a }}", "{{c}}"]);
        assert_eq!(all("{{ é"), Vec::<&str>::new());
    }
}
