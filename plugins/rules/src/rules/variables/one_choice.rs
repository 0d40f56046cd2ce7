//! `variables/one-choice`: a choice leaves a choice.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/one-choice",
    summary: "a choice between fewer than two values",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A choice with one value is a question with one answer. Write the value into the templates, or
ask when there is a second one.

## Fails

```pack
[variables.database]
type = "choice"
prompt = "Database"
choices = ["postgres"]
default = "postgres"
```

## Passes

```pack
[variables.database]
type = "choice"
prompt = "Database"
choices = ["postgres", "none"]
default = "postgres"
```

## Otherwise

A pack that will get more values later may turn the rule off.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables().filter(|variable| variable.kind() == "choice") {
        let choices = variable.table.get("choices").and_then(Value::as_array).map_or(0, Vec::len);
        if choices < 2 {
            let message = format_args!("the choice {} leaves no choice", quoted(variable.name));
            findings.key(&variable.pointer("choices"), message, "add a value, or don't ask");
        }
    }
}
