//! `dependencies/pre-release`: a pack does not depend on what is not released.

use crate::findings::quoted;
use crate::requirement::Requirement;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::rules::dependencies::{pointer_of, requirement_of};

/// The rule.
pub const RULE: Rule = Rule {
    id: "dependencies/pre-release",
    summary: "a dependency on a pre-release",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A pre-release may change in any way before it is released, or vanish.

## Fails

```pack
[dependencies]
license-texts = { version = "^2.0.0-beta.1", optional = true }
```

## Passes

```pack
[dependencies]
license-texts = { version = "^2.0.0", optional = true }
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, dependency) in subject.table("dependencies") {
        if let Some(version) = Requirement::new(requirement_of(dependency)).pre_release() {
            let message = format_args!("the dependency {} asks for the pre-release {}", quoted(name), quoted(version));
            findings.key(&pointer_of(name, dependency), message, "depend on a released version");
        }
    }
}
