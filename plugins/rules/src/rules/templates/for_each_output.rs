//! `templates/for-each-output`: each item has a file of its own.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/for-each-output",
    summary: "a `for_each` output whose path does not read `item`",
    severity: Severity::Error,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"With `for_each`, every item has an output. If the path does not depend on the item, all outputs
go to the same place, and a list with two items fails.

## Fails

```pack
[variables.project]
type = "string"
prompt = "Project"
default = "demo"

[variables.names]
type = "list"
prompt = "Names"
default = ["one"]

[[templates]]
source = "part.md.jinja"
output = "docs/{{ project }}.md"
for_each = "names"

==> part.md.jinja
# {{ item }}
```

## Passes

```pack
[variables.names]
type = "list"
prompt = "Names"
default = ["one"]

[[templates]]
source = "part.md.jinja"
output = "docs/{{ item | kebab_case }}.md"
for_each = "names"

==> part.md.jinja
# {{ item }}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let repeated = subject.facts.templates.iter().filter(|template| template.for_each.is_some());
    for template in repeated.filter(|template| !template.engine.starts_with("plugin:")) {
        let at = format!("/templates/{}/output", template.entry);
        let expressions = subject.facts.expressions.iter().filter(|expression| {
            expression.source.as_ref() == Some(&template.source) && !expression.at.ends_with("/when")
        });
        let mut paths = expressions.peekable();
        // Without a path among the expressions, nothing can be said.
        if paths.peek().is_some() && !paths.any(|path| path.variables.iter().any(|name| name == "item")) {
            let message = format_args!("all items would go to {}", quoted(&template.output));
            findings.key(&at, message, "use the item in the path, for instance `{{ item }}.txt`");
        }
    }
}
