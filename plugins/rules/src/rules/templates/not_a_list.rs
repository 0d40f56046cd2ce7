//! `templates/not-a-list`: what a loop goes through is a list.

use crate::findings::quoted;
use crate::known::Known;
use crate::loops;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::subject::Variable;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/not-a-list",
    summary: "a loop goes through a variable that is not a list",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Jinja and Tera go through a text character by character, and nothing says so; a loop over anything
else that is not a list is an error, perhaps only in the branch that nobody has tried. The rule looks at each `for` and
`each` over the name of a variable alone, in the templates of all engines: what was split or filtered is a list. It
leaves out names that a template assigns, and loops over a text that do not read the loop's variable: those only
repeat something, such as the characters of a line below a title.

## Fails

```pack
[variables.authors]
type = "string"
prompt = "Authors"
default = "Ann, Bob"

[[templates]]
source = "authors.txt.jinja"
output = "authors.txt"

==> authors.txt.jinja
{% for author in authors %}
- {{ author }}
{% endfor %}
```

```pack
[variables.replicas]
type = "integer"
prompt = "Replicas"
default = 3

[[templates]]
source = "hosts.txt.liquid"
output = "hosts.txt"
engine = "liquid"

==> hosts.txt.liquid
{% for i in replicas %}host{{ i }}
{% endfor %}
```

## Passes

```pack
[variables.authors]
type = "string"
prompt = "Authors"
default = "Ann, Bob"

[variables.tags]
type = "list"
prompt = "Tags"
default = ["new"]

[[templates]]
source = "authors.txt.jinja"
output = "authors.txt"

==> authors.txt.jinja
{% for author in authors.split(", ") %}- {{ author }}{% endfor %}
{% for tag in tags %}#{{ tag }}{% for _ in authors %}={% endfor %}{% endfor %}
{% for letter in authors | list %}{{ letter }} {% endfor %}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let known = Known::new(subject);
    for (source, text, engine) in known.texts() {
        for each in loops::find(source, text, engine) {
            let Some(kind) = known.declared(each.name).map(Variable::kind) else { continue };
            let is_text = matches!(kind, "string" | "secret" | "choice");
            let characters = is_text && matches!(engine, "jinja" | "tera");
            if !(is_text || matches!(kind, "integer" | "number" | "boolean"))
                || (characters && !each.is_read)
                || known.variable(engine, each.name).is_none()
            {
                continue;
            }
            let article = if kind == "integer" { "an" } else { "a" };
            let what = if characters { ": the loop goes through its characters" } else { "" };
            let message = format_args!("{} is {article} `{kind}`, not a list{what}", quoted(each.name));
            findings.text(source, each.range, message, &help(kind, each.name, engine));
        }
    }
}

/// What to write instead.
fn help(kind: &str, name: &str, engine: &str) -> String {
    let instead = match (kind, engine) {
        ("boolean", "handlebars") => format!("; `{{{{#if {name}}}}}` asks whether it is true"),
        ("boolean", _) => format!("; `{{% if {name} %}}` asks whether it is true"),
        ("integer", "jinja") => format!("; `range({name})` counts"),
        ("integer", "tera") => format!("; `range(end={name})` counts"),
        ("integer", "liquid") => format!("; `(1..{name})` counts"),
        ("integer" | "number", _) | (_, "handlebars") => String::new(),
        (_, "jinja") => format!("; `{name}.split(', ')` splits it, and `{name} | list` gives its characters"),
        (_, "tera") => format!("; `{name} | split(pat=\", \")` splits it"),
        _ => format!("; `{{% assign parts = {name} | split: \", \" %}}` splits it"),
    };
    format!("make it a variable of the type `list`{instead}")
}
