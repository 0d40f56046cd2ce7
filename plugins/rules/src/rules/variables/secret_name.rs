//! `variables/secret-name`: what sounds like a secret is one.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/secret-name",
    summary: "a text variable that sounds like a secret",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"What is typed into a variable of type `string` is shown on the screen and stands in plans and in the answers that are kept
of a run that failed.
A password belongs in a variable of type `secret`, of which nothing stands there.

## Fails

```pack
[variables.admin_password]
type = "string"
prompt = "Password of the administrator"
example = "hunter2"
```

## Passes

```pack
[variables.admin_password]
type = "secret"
prompt = "Password of the administrator"

[variables.token_url]
type = "string"
prompt = "Where tokens come from"
default = "https://example.org/token"

[variables.password_length]
type = "integer"
prompt = "Length of passwords"
default = 16
```

## Otherwise

A name such as `token` that means something else can say what: `token_kind`.
"#;

/// What the last words of a secret's name are.
const ENDINGS: &[&str] = &[
    "access_key",
    "api_key",
    "apikey",
    "auth_token",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "secret_key",
    "token",
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables().filter(|variable| variable.kind() == "string" && !variable.has("compute")) {
        let is_secret = ENDINGS.iter().any(|ending| {
            let rest = variable.name.strip_suffix(ending);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        });
        if is_secret {
            let message = format_args!("the variable {} sounds like a secret but is a `string`", quoted(variable.name));
            findings.key(&variable.pointer("type"), message, "write `type = \"secret\"`");
        }
    }
}
