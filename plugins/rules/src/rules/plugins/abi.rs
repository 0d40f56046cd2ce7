//! `plugins/abi`: a plugin is built for the current interface.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/abi",
    summary: "a plugin that was not built for this version of the plugin interface",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A component names the version of packbox's plugin interface that it was built for. One that
names none is something else, and one that names an older version will stop working one day.

## Fails

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
    let current = subject.facts.abi.as_str();
    for plugin in &subject.facts.plugins {
        let at = pointer(&["plugins", &plugin.name]);
        let name = quoted(&plugin.name);
        match plugin.abi.as_deref() {
            None => {
                let message = format_args!("the plugin {name} does not have packbox's plugin interface");
                findings.key(&at, message, "build it for the world `renderer-plugin` of `packbox:plugin`");
            }
            Some(abi) if abi != current && !current.is_empty() => {
                let message = format_args!("the plugin {name} was built for the interface {}", quoted(abi));
                findings.key(&at, message, &format!("build it for {}", quoted(current)));
            }
            Some(_) => {}
        }
    }
}
