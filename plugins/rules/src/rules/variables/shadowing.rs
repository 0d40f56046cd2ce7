//! `variables/shadowing`: a variable does not hide a function of the engine.

use crate::names::{FUNCTIONS, LANGUAGE};
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/shadowing",
    summary: "a variable with a name that Jinja already uses",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Templates can call `range(3)` and `dict(a=1)`. A variable of that name hides the function in
every template and partial, including those that somebody copies in later. Names of filters and tests are no problem.

## Fails

```pack
[variables.range]
type = "integer"
prompt = "Range in metres"
default = 10
```

## Passes

```pack
[variables.range_metres]
type = "integer"
prompt = "Range in metres"
default = 10

[variables.title]
type = "string"
prompt = "Title"
default = "Radio"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables() {
        if FUNCTIONS.contains(&variable.name) || LANGUAGE.contains(&variable.name) {
            let message = format_args!("`{}` is a name that Jinja templates already use", variable.name);
            findings.key(&variable.pointer(""), message, "choose a more specific name");
        }
    }
}
