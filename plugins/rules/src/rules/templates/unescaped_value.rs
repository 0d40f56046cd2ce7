//! `templates/unescaped-value`: an answer with a quote in it does not break the file.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::extension;
use crate::tags::Kind;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/unescaped-value",
    summary: "text put between quotes in TOML or JSON without escaping",
    severity: Severity::Note,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"An answer may contain quotes, backslashes and line feeds. Between the quotes of a TOML or JSON
file it then ends the string early: the file is broken, or says something else. `toml_string` and `tojson` add
quotes of their own. A variable with a `pattern` is trusted to have a safe one.

## Fails

```pack
[variables.description]
type = "string"
prompt = "What it does"
default = "Nothing yet"

[[templates]]
source = "package.json.jinja"
output = "package.json"

==> package.json.jinja
{ "description": "{{ description }}" }
```

## Passes

```pack
[variables.description]
type = "string"
prompt = "What it does"
default = "Nothing yet"

[variables.name]
type = "string"
prompt = "Name"
pattern = "^[a-z-]+$"
default = "demo"

[[templates]]
source = "package.json.jinja"
output = "package.json"

==> package.json.jinja
{ "name": "{{ name }}", "description": {{ description | tojson }} }
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let templates = subject.facts.templates.iter().filter(|template| template.engine == "jinja");
    let mut last = "";
    for template in templates {
        let format = extension(crate::source::output_name(&template.source));
        let filter = match format.as_str() {
            "toml" => "write `{{ … | toml_string }}` without quotes around it",
            "json" => "write `{{ … | tojson }}` without quotes around it",
            _ => continue,
        };
        let Some(source) = subject.source(&template.source).filter(|source| source.path != last) else { continue };
        let Some(text) = source.text else { continue };
        last = source.path;
        for tag in source.tags().iter().filter(|tag| tag.kind == Kind::Expression) {
            let name = tag.inside(text).trim_matches(['-', '+', ' ']);
            let before = text.get(..tag.whole.start).is_some_and(|before| before.ends_with('"'));
            let after = text.get(tag.whole.end..).is_some_and(|after| after.starts_with('"'));
            let variable = subject.variables().find(|variable| variable.name == name);
            let is_free = variable.is_some_and(|variable| {
                variable.kind() == "string" && !variable.has("pattern") && !variable.has("compute")
            });
            if before && after && is_free {
                let message = format_args!("a quote in {} would end the string around it", quoted(name));
                findings.text(source, tag.whole.clone(), message, filter);
            }
        }
    }
}
