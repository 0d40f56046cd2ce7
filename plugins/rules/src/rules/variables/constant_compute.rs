//! `variables/constant-compute`: what is computed depends on something.

use crate::findings::quoted;
use crate::names;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/constant-compute",
    summary: "a computed value that reads no variable",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A `compute` that reads no variable always gives the same value. `default` says the same, and is
checked against the type without running anything.

## Fails

```pack
[variables.image]
type = "string"
prompt = "Image"
compute = "'debian' ~ ':12'"
```

## Passes

```pack
[variables.release]
type = "string"
prompt = "Release of Debian"
default = "12"

[variables.image]
type = "string"
prompt = "Image"
compute = "'debian:' ~ release"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, expression) in names::computed(subject) {
        if expression.variables.is_empty() {
            let message = format_args!("the value of {} is computed and always the same", quoted(name));
            findings.key(&expression.at, message, "write it as `default`, or read a variable");
        }
    }
}
