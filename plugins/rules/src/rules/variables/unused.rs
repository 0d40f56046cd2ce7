//! `variables/unused`: what is asked for is used.

use crate::findings::quoted;
use crate::names;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/unused",
    summary: "a variable that nothing reads",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A question whose answer changes nothing wastes the user's time, and a reader of the pack looks
for its effect in vain. Templates, partials, the message, paths, conditions and computed values count as readers.
Where a plugin or a chain can't say what it reads, the rule says nothing.

## Fails

```pack
[variables.port]
type = "integer"
prompt = "Port"
default = 8080

[[templates]]
source = "run.sh"
output = "run.sh"

==> run.sh
exec serve --port 8080
```

## Passes

```pack
[variables.port]
type = "integer"
prompt = "Port"
default = 8080

[[templates]]
source = "run.sh.jinja"
output = "run.sh"

==> run.sh.jinja
exec serve --port {{ port }}
```

```pack
[variables.name]
type = "string"
prompt = "Name"
example = "demo"

[[templates]]
source = "notes.txt"
output = "{{ name }}.txt"

==> notes.txt
Notes
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(read) = names::read_anywhere(subject) else { return };
    for variable in subject.variables().filter(|variable| !read.contains(variable.name)) {
        let message = format_args!("nothing reads the variable {}", quoted(variable.name));
        findings.key(&variable.pointer(""), message, "use it in a template, or remove it");
    }
}
