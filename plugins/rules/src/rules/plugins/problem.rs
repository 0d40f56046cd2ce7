//! `plugins/problem`: a plugin can run.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/problem",
    summary: "a plugin that can't run",
    severity: Severity::Error,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A file that is not a component, one that was not built for packbox's plugin interface, one that was
built for a version of it that is not offered, and one that imports more than packbox gives: each stops every
generation that needs it.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

==> schema.wasm
not a component
```

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "24eaf3439a60c96764c4f2c92a0a81b52bd4fe5d5b91f090184a0f6486b1bf29"

==> schema.wasm (escaped, no newline)
\x00asm\x0d\x00\x01\x00
```

## Passes

```pack
[[templates]]
source = "index.html"
output = "index.html"

==> index.html
<!DOCTYPE html>
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for plugin in &subject.facts.plugins {
        if let Some(problem) = &plugin.problem {
            let message = format_args!("the plugin {} can't run: {problem}", quoted(&plugin.name));
            let at = pointer(&["plugins", &plugin.name, "component"]);
            findings.key(&at, message, "build it again; `packbox plugin inspect` says what it is");
        }
    }
}
