//! `dependencies/wildcard`: a dependency names versions.

use crate::findings::quoted;
use crate::requirement::Requirement;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::rules::dependencies::{pointer_of, requirement_of};

/// The rule.
pub const RULE: Rule = Rule {
    id: "dependencies/wildcard",
    summary: "a dependency that accepts any version",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"The requirement `*` accepts every version, present and future, including those that break this
pack.

## Fails

```pack
[dependencies]
license-texts = { version = "*", optional = true }
```

## Passes

```pack
[dependencies]
license-texts = { version = "^1.2", optional = true }
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, dependency) in subject.table("dependencies") {
        if Requirement::new(requirement_of(dependency)).is_wildcard() {
            let message = format_args!("the dependency {} accepts any version", quoted(name));
            findings.key(
                &pointer_of(name, dependency),
                message,
                "name the version that the pack was made with: `^1.2`",
            );
        }
    }
}
