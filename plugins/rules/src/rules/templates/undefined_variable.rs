//! `templates/undefined-variable`: what a template reads exists.

use packbox_facts::Template;

use crate::findings::quoted;
use crate::names::{self, LANGUAGE};
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::tokens;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/undefined-variable",
    summary: "a name that is neither declared nor assigned",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"An undefined name stops generation, perhaps only in the branch that nobody has tried. Names
count as defined if the pack declares them, if they are assigned in the template, in one that it includes or in one that includes it, or
if they are read in a way that lets them be missing (`is defined`, `default`). `item` exists where the entry has `for_each`.
The rule looks at Jinja templates; those of other engines fail when they are rendered, for instance by `validate`.

## Fails

```pack
[variables.name]
type = "string"
prompt = "Name"
default = "demo"

[[templates]]
source = "hello.txt.jinja"
output = "hello.txt"

==> hello.txt.jinja
Hello {{ nmae }}!
```

```pack
[variables.name]
type = "string"
prompt = "Name"
default = "demo"

[[templates]]
source = "{{ name }}.txt.jinja"
output = "{{ item }}.txt"

==> {{ name }}.txt.jinja
Hello {{ name }}!
```

## Passes

```pack
[variables.name]
type = "string"
prompt = "Name"
default = "demo"

[variables.parts]
type = "list"
prompt = "Parts"
default = ["one"]

[[templates]]
source = "part.txt.jinja"
output = "{{ item }}.txt"
for_each = "parts"

==> part.txt.jinja
{% set greeting = "Hello" %}
{% include "line.jinja" %}
{% for other in parts if other != item %}{{ loop.index }}: {{ other }}{% endfor %}

==> line.jinja
{{ greeting }} {{ name }}, this is {{ item }}{{ mark | default("!") }}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let all = subject.rendered();
    let repeated = |path: &str| {
        let is_repeated = |template: &Template| template.for_each.is_some() && template.source == path;
        subject.facts.templates.iter().any(is_repeated)
    };
    for (path, rendered) in all.iter().filter(|(_, rendered)| rendered.engine == "jinja") {
        let read = rendered.names.into_iter().flat_map(|names| &names.variables).map(String::as_str);
        let mut unknown = read.filter(|name| !subject.declares(name) && !LANGUAGE.contains(name)).peekable();
        if unknown.peek().is_none() {
            continue;
        }
        let family = names::family(&all, path);
        let assigned = names::assigned_in(subject, &family);
        let uses = subject.source(path).map(|source| (source, tokens::uses(source)));
        for name in unknown {
            let is_item = name == "item" && family.iter().any(|path| repeated(path));
            let place = uses.as_ref().and_then(|(source, uses)| Some((source, uses.get(name)?)));
            if is_item || assigned.contains(name) || place.is_some_and(|(_, place)| place.is_optional) {
                continue;
            }
            let message = format_args!("{} is neither a variable of the pack nor assigned", quoted(name));
            let help = help(name);
            match place {
                Some((source, place)) => findings.text(source, place.range.clone(), message, help),
                None => findings.file(path, message, help),
            }
        }
    }
    let mut last = ("", "");
    for expression in &subject.facts.expressions {
        for name in expression.variables.iter().map(String::as_str).filter(|name| !subject.declares(name)) {
            let repeated = expression.source.as_deref().is_some_and(repeated);
            // Several templates of a folder share the condition of their entry.
            if (name == "item" && repeated) || (expression.at.as_str(), name) == last {
                continue;
            }
            let message = format_args!("the expression reads {}, which is not a variable of the pack", quoted(name));
            findings.key(&expression.at, message, help(name));
            last = (&expression.at, name);
        }
    }
}

fn help(name: &str) -> &'static str {
    if name == "item" {
        "`item` exists where the entry has `for_each`"
    } else {
        "declare it in `pack.toml`, or correct the name"
    }
}
