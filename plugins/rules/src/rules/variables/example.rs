//! `variables/example`: every variable can be filled in without the user.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/example",
    summary: "a variable without an example, default or computed value",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Examples are shown at the prompt and in messages, and they let tools generate the pack to see
what comes out. If one variable has no value at all, no tool can. A secret needs no example.

## Fails

```pack
[variables.region]
type = "string"
prompt = "Region"

[[templates]]
source = "main.tf.jinja"
output = "main.tf"

==> main.tf.jinja
region = {{ region | tojson }}
```

## Passes

```pack
[variables.region]
type = "string"
prompt = "Region"
example = "eu-north-1"

[[templates]]
source = "main.tf.jinja"
output = "main.tf"

==> main.tf.jinja
region = {{ region | tojson }}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables().filter(|variable| variable.kind() != "secret") {
        if !["example", "default", "compute"].iter().any(|key| variable.has(key)) {
            let message = format_args!("the variable {} has no `example`", quoted(variable.name));
            findings.key(&variable.pointer(""), message, "add a value that somebody could give: `example = …`");
        }
    }
}
