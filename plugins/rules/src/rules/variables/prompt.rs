//! `variables/prompt`: what is needed can be asked for.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/prompt",
    summary: "a variable with neither a prompt nor a value of its own",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A variable that has neither `default` nor `compute` needs an answer. Without a `prompt` the user
is asked for a bare name such as `svc_ns`, and has to guess what it means.

## Fails

```pack
[variables.svc_ns]
type = "string"
example = "orders"

[[templates]]
source = "service.yml.jinja"
output = "service.yml"

==> service.yml.jinja
namespace: {{ svc_ns }}
```

## Passes

```pack
[variables.svc_ns]
type = "string"
prompt = "Namespace of the service"
example = "orders"

[variables.replicas]
type = "integer"
default = 1

[[templates]]
source = "service.yml.jinja"
output = "service.yml"

==> service.yml.jinja
namespace: {{ svc_ns }}
replicas: {{ replicas }}
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables() {
        if !["prompt", "default", "compute"].iter().any(|key| variable.has(key)) {
            let message = format_args!("the variable {} needs an answer but has no `prompt`", quoted(variable.name));
            findings.key(&variable.pointer(""), message, "ask for it in words: `prompt = \"…\"`");
        }
    }
}
