//! `templates/never-equal`: a variable is compared with what it may be.

use serde_json::Value;

use crate::comparisons::{self, Comparison, Literal};
use crate::findings::quoted;
use crate::known::Known;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::subject::Variable;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/never-equal",
    summary: "a variable is compared with a value that it can't have",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A boolean is not text: `use_ci == 'y'`, as templates of other tools write it, is never true, and
nothing says so. The same goes for a number and text, for a list and one of its items, and for a choice and text
that is not one of its choices; in Jinja, a variable that always has a value is never `none`. The rule checks comparisons with
literals in the manifest's expressions, and in the templates of all engines: `==`, `!=`, `in`, Liquid's `case`, and `eq`
and `ne` of Handlebars. A name that a template assigns is left out, and so is anything in a block of
Handlebars in which the name may stand for another value. In Liquid, a boolean that is true is equal to any text; a value
that is not a boolean is equal to `true` there, too, so comparing it with `true` is not reported.

## Fails

```pack
[variables.use_ci]
type = "boolean"
prompt = "CI?"
default = true

[[templates]]
source = "ci.yml.jinja"
output = "ci.yml"

==> ci.yml.jinja
{% if use_ci == 'y' %}on: push{% endif %}
```

```pack
[variables.license]
type = "choice"
prompt = "License"
choices = ["MIT", "Apache-2.0"]
default = "MIT"

[[templates]]
source = "notice.txt.jinja"
output = "notice.txt"

==> notice.txt.jinja
{{ "Permission is granted" if license in ["mit", "BSD"] else "See LICENSE" }}
```

```pack
[variables.port]
type = "integer"
prompt = "Port"
default = 80

[[templates]]
source = "server.conf.jinja"
output = "server.conf"

==> server.conf.jinja
{% if name is defined and "443" == port %}tls on{% endif %}
```

## Passes

```pack
[variables.use_ci]
type = "boolean"
prompt = "CI?"
default = true

[variables.license]
type = "choice"
prompt = "License"
choices = ["MIT", { value = "Apache-2.0", label = "Apache" }]
default = "MIT"

[variables.kind]
type = "string"
prompt = "Kind"
default = "lib"

[[templates]]
source = "ci.yml.jinja"
output = "ci.yml"

==> ci.yml.jinja
{% if use_ci and license == "Apache-2.0" and license | lower == "mit" and use_ci ~ "" == "True" %}on: push{% endif %}
{% for kind in [1, 2] if kind == 1 %}{{ kind }}{% endfor %}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let known = Known::new(subject);
    for (source, text, engine) in known.texts() {
        for comparison in comparisons::find(source, text, engine) {
            let Some(variable) = known.variable(engine, comparison.name) else { continue };
            if let Some((message, help)) = told(variable, &comparison, text, engine) {
                findings.text(source, comparison.range, format_args!("{message}"), &help);
            }
        }
    }
    let mut last = "";
    // Several templates of a folder share the condition of their entry.
    for expression in subject.facts.expressions.iter().filter(|one| std::mem::replace(&mut last, &one.at) != one.at) {
        for comparison in comparisons::in_expression(&expression.text) {
            // `item` is that of a `for_each`.
            let Some(variable) = known.declared(comparison.name).filter(|one| one.name != "item") else { continue };
            if let Some((message, help)) = told(variable, &comparison, &expression.text, "jinja") {
                findings.key(&expression.at, format_args!("{message}"), &help);
            }
        }
    }
}

/// Says of a comparison in a text what it always is, and what to write; none where it may be either.
fn told(variable: &Variable<'_>, comparison: &Comparison<'_>, text: &str, engine: &str) -> Option<(String, String)> {
    let reasons = comparison.literals.iter().map(|literal| reason(variable, *literal, comparison.negated, engine));
    let (kind, help) = reasons.collect::<Option<Vec<_>>>()?.into_iter().next()?;
    let shown = quoted(text.get(comparison.range.clone()).unwrap_or_default());
    let verdict = match (engine, variable.kind(), comparison.negated) {
        ("liquid", "boolean", true) => "this only asks whether it is false, whatever the text",
        ("liquid", "boolean", false) => "this only asks whether it is true, whatever the text",
        (_, _, true) => "this is always true",
        (_, _, false) => "this is never true",
    };
    Some((format!("{shown}: `{}` is {kind}, so {verdict}", variable.name), help))
}

/// Says why a variable can't be equal to a literal: what it is, and what to write; none where it may be.
fn reason(
    variable: &Variable<'_>,
    literal: Literal<'_>,
    negated: bool,
    engine: &str,
) -> Option<(&'static str, String)> {
    let name = variable.name;
    Some(match (variable.kind(), literal) {
        ("boolean", Literal::Text(text)) => {
            let no = matches!(text.to_ascii_lowercase().as_str(), "n" | "no" | "false" | "off" | "0" | "");
            let alone = match (engine, no != negated) {
                ("handlebars", true) => format!("(not {name})"),
                ("liquid", true) => format!("{name} == false"),
                (_, true) => format!("not {name}"),
                (_, false) => name.to_owned(),
            };
            ("a boolean", format!("write `{alone}` instead of the comparison"))
        }
        ("integer" | "number", Literal::Text(text)) => {
            let help = if text.trim().parse::<f64>().is_ok() {
                format!("write the number without quotes: `{}`", text.trim())
            } else {
                "compare it with a number".to_owned()
            };
            ("a number", help)
        }
        ("choice", Literal::Text(text)) => {
            let choices: Vec<&str> = choices(variable).collect();
            if choices.contains(&text) || text.contains('\\') {
                return None;
            }
            let listed: Vec<String> = choices.iter().take(12).map(|choice| quoted(choice)).collect();
            ("a choice without that value", format!("its choices are {}", listed.join(", ")))
        }
        ("string" | "secret" | "choice", Literal::Number(number)) => {
            ("text", format!("write the text in quotes: `\"{number}\"`"))
        }
        ("string" | "secret" | "choice", Literal::Boolean) if engine != "liquid" => {
            ("text", "compare it with text in quotes".to_owned())
        }
        // What is not asked for has no value, and what is computed may be null.
        (_, Literal::None)
            if engine != "jinja" || ["when", "compute"].iter().any(|key| variable.table.get(*key).is_some()) =>
        {
            return None;
        }
        ("choice", Literal::None) if choices(variable).any(|choice| choice == "none") => {
            ("text", "write the text in quotes: `\"none\"`".to_owned())
        }
        ("boolean" | "integer" | "number" | "choice" | "string" | "secret" | "list", Literal::None) => {
            ("never null", "leave the comparison out".to_owned())
        }
        ("list", Literal::Boolean) if engine == "liquid" => return None,
        ("list", _) => {
            let help = match engine {
                "liquid" => format!("ask whether it has the item: `{name} contains item`"),
                "handlebars" => format!("go through its items: `{{{{#each {name}}}}}`"),
                _ => format!("ask whether it has the item: `item in {name}`"),
            };
            ("a list", help)
        }
        _ => return None,
    })
}

fn choices<'a>(variable: &Variable<'a>) -> impl Iterator<Item = &'a str> {
    let choices = variable.table.get("choices").and_then(Value::as_array);
    choices.into_iter().flatten().filter_map(|choice| choice.as_str().or_else(|| choice.get("value")?.as_str()))
}
