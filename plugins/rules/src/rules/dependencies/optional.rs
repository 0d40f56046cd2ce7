//! `dependencies/optional`: an optional dependency has no effect yet.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::rules::dependencies::pointer_of;

/// The rule.
pub const RULE: Rule = Rule {
    id: "dependencies/optional",
    summary: "an optional dependency, which has no effect yet",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"This version of packbox reads optional dependencies but does nothing with them: nothing from them
can be included. Readers of the manifest may think otherwise.

## Fails

```pack
[dependencies]
license-texts = { version = "^1.0", optional = true }
```

## Passes

```pack
[[templates]]
source = "license.txt"
output = "LICENSE"

==> license.txt
The text is here, and nothing else is needed.
```

## Otherwise

To keep it for a later version of packbox, turn the rule off.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, dependency) in subject.table("dependencies") {
        if dependency.get("optional").and_then(Value::as_bool) == Some(true) {
            let message = format_args!("the optional dependency {} has no effect yet", quoted(name));
            findings.key(&pointer_of(name, dependency), message, "copy what you need from it into this pack");
        }
    }
}
