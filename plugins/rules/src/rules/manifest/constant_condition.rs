//! `manifest/constant-condition`: a condition depends on something.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/constant-condition",
    summary: "a condition that reads no variable",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A `when` that reads no variable always has the same value: what it guards is always there, or
never. Often a name was put in quotes by mistake.

## Fails

```pack
[variables.database]
type = "boolean"
prompt = "Add a database"

[[templates]]
source = "schema.sql"
output = "schema.sql"
when = "'database' == 'true'"

==> schema.sql
create table people (name text);
```

## Passes

```pack
[variables.database]
type = "boolean"
prompt = "Add a database"

[[templates]]
source = "schema.sql"
output = "schema.sql"
when = "database"

==> schema.sql
create table people (name text);
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut last = "";
    for expression in &subject.facts.expressions {
        // Several templates of a folder share the condition of their entry.
        if expression.at.ends_with("/when") && expression.variables.is_empty() && expression.at != last {
            let message = format_args!("the condition {} always has the same value", quoted(&expression.text));
            findings.key(&expression.at, message, "read a variable in it, or remove it");
            last = &expression.at;
        }
    }
}
