//! `variables/prompt-form`: questions look alike.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/prompt-form",
    summary: "a prompt that does not look like the others",
    severity: Severity::Note,
    options: &[("max", 80)],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"On a terminal, a question mark is shown before the prompt, and the answer after it. A prompt that
has a colon of its own, or fills more than a line, looks broken there. Explanations belong in `help`.

## Fails

```pack
[variables.port]
type = "integer"
prompt = "Port: "
default = 8080
```

```pack
[variables.port]
type = "integer"
prompt = """
Port that the service
listens on"""
default = 8080
```

## Passes

```pack
[variables.port]
type = "integer"
prompt = "Port that the service listens on"
help = "Ports below 1024 need special rights."
default = 8080

[variables.database]
type = "boolean"
prompt = "Add a database?"
default = false
```

## Options

`max` (80): how many characters a prompt may have.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let max = findings.option("max");
    for variable in subject.variables() {
        let Some(prompt) = variable.string("prompt") else { continue };
        let trimmed = prompt.trim();
        let (problem, help) = if trimmed.is_empty() {
            ("is empty", "say what is asked for")
        } else if trimmed.ends_with(':') {
            ("ends with a colon", "leave the colon out")
        } else if trimmed.contains('\n') {
            ("has several lines", "ask on one line, and explain in `help`")
        } else if trimmed.chars().count() > max {
            ("is longer than a line", "shorten it, and explain in `help`")
        } else if trimmed.len() != prompt.len() {
            ("begins or ends with white space", "remove it")
        } else {
            continue;
        };
        let message = format_args!("the prompt of {} {problem}", quoted(variable.name));
        findings.key(&variable.pointer("prompt"), message, help);
    }
}
