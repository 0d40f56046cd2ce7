//! `dependencies/unbounded`: a dependency has versions that are too new.

use crate::findings::quoted;
use crate::requirement::Requirement;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::rules::dependencies::{pointer_of, requirement_of};

/// The rule.
pub const RULE: Rule = Rule {
    id: "dependencies/unbounded",
    summary: "a dependency without an upper bound",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"`>=1` accepts version 2, which exists because it breaks something. `^1` accepts only versions that promise
not to.

## Fails

```pack
[dependencies]
license-texts = { version = ">=1", optional = true }
```

## Passes

```pack
[dependencies]
license-texts = { version = "^1.0", optional = true }
icons = { version = ">=1.2, <3", optional = true }
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, dependency) in subject.table("dependencies") {
        let text = requirement_of(dependency);
        let requirement = Requirement::new(text);
        // What accepts everything is another rule's business.
        if !requirement.is_wildcard() && !requirement.has_upper_bound() {
            let message = format_args!("{} of {} accepts every later version", quoted(text), quoted(name));
            findings.key(&pointer_of(name, dependency), message, "write `^1.0`, or add an upper bound");
        }
    }
}
