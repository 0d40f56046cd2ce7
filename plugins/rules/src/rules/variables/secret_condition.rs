//! `variables/secret-condition`: a secret does not decide which files there are.

use crate::findings::quoted;
use crate::names;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/secret-condition",
    summary: "a condition that reads a secret",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Whether a file exists can be seen by everybody who sees the output, and in the plan. A condition
on a secret tells them something about it. Ask a second question instead.

## Fails

```pack
[variables.token]
type = "secret"
prompt = "Token, or nothing"

[[templates]]
source = "publish.sh"
output = "publish.sh"
when = "token != ''"

==> publish.sh
exec publish
```

## Passes

```pack
[variables.publish]
type = "boolean"
prompt = "Publish releases"
default = false

[variables.token]
type = "secret"
prompt = "Token"
when = "publish"

[[templates]]
source = "publish.sh"
output = "publish.sh"
when = "publish"

==> publish.sh
exec publish
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let secrets = names::secrets(subject);
    let mut last = "";
    for expression in subject.facts.expressions.iter().filter(|expression| expression.at.ends_with("/when")) {
        let Some(name) = expression.variables.iter().find(|name| secrets.contains(name.as_str())) else { continue };
        // Several templates of a folder share the condition of their entry.
        if expression.at != last {
            let message = format_args!("the condition reads the secret {}", quoted(name));
            findings.key(&expression.at, message, "use a variable of type `boolean` to ask whether it is wanted");
            last = &expression.at;
        }
    }
}
