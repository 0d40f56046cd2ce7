//! `variables/secret-output`: a secret is not written into files.

use crate::findings::quoted;
use crate::names;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::tokens;

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/secret-output",
    summary: "a secret that a template reads",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Generated files are committed, copied and backed up, and a secret in them is no longer secret.
Let the program read it from its environment. A value that is computed from a secret is a secret, too.

## Fails

```pack
[variables.db_password]
type = "secret"
prompt = "Password of the database"

[[templates]]
source = "settings.toml.jinja"
output = "settings.toml"

==> settings.toml.jinja
password = {{ db_password | toml_string }}
```

```pack
[variables.db_password]
type = "secret"
prompt = "Password of the database"

[variables.db_url]
type = "string"
compute = "'postgres://app:' ~ db_password ~ '@localhost'"

[[templates]]
source = "env.jinja"
output = ".env"

==> env.jinja
DATABASE_URL={{ db_url }}
```

## Passes

```pack
[[templates]]
source = "settings.toml"
output = "settings.toml"

==> settings.toml
# The password comes from the variable DB_PASSWORD.
user = "app"
```

## Otherwise

A pack that makes files which are never committed may turn the rule off and ignore them in its `.gitignore`.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let secrets = names::secrets(subject);
    if secrets.is_empty() {
        return;
    }
    for (path, rendered) in &subject.rendered() {
        let read = rendered.names.into_iter().flat_map(|names| &names.variables);
        let mut read = read.filter(|name| secrets.contains(name.as_str())).peekable();
        if read.peek().is_none() {
            continue;
        }
        let uses = subject.source(path).map(|source| (source, tokens::uses(source)));
        for name in read {
            let message = format_args!("{} reads the secret {}", quoted(path), quoted(name));
            let help = "let the generated program read it at run time, for instance from its environment";
            match uses.as_ref().and_then(|(source, uses)| Some((source, uses.get(name.as_str())?))) {
                Some((source, place)) => findings.text(source, place.range.clone(), message, help),
                None => findings.file(path, message, help),
            }
        }
    }
}
