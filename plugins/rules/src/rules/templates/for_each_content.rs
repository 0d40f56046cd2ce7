//! `templates/for-each-content`: what is made for each item depends on the item.

use crate::engines::is_built_in;
use crate::findings::quoted;
use crate::names;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/for-each-content",
    summary: "a `for_each` template that never reads `item`",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"With `for_each`, a template is rendered once for each item of a list. If neither it nor a
partial of it reads `item`, all these files are alike, which is seldom intended, except for copied files.

## Fails

```pack
[variables.names]
type = "list"
prompt = "Names"
default = ["one"]

[[templates]]
source = "part.md.jinja"
output = "{{ item }}.md"
for_each = "names"

==> part.md.jinja
There are {{ names | length }} parts.
```

## Passes

```pack
[variables.names]
type = "list"
prompt = "Names"
default = ["one"]

[[templates]]
source = "part.md.jinja"
output = "{{ item }}.md"
for_each = "names"

==> part.md.jinja
# {{ item }}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let all = subject.rendered();
    let reads_item = |path: &str| {
        let names = all.get(path).and_then(|rendered| rendered.names);
        names.is_none_or(|names| names.variables.iter().any(|name| name == "item"))
    };
    let repeated = subject.facts.templates.iter().filter(|template| template.for_each.is_some());
    for template in repeated
        .filter(|template| is_built_in(&template.engine) && template.names.is_some() && template.then.is_empty())
    {
        if !names::family(&all, &template.source).iter().any(|path| reads_item(path)) {
            let message = format_args!("{} is rendered for each item but never reads `item`", quoted(&template.source));
            findings.key(&format!("/templates/{}/for_each", template.entry), message, "use `item`, or copy the file");
        }
    }
}
