//! `plugins/grants`: a plugin asks for nothing.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/grants",
    summary: "a plugin that asks for more than its arguments",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A plugin turns bytes into bytes and needs nothing else. This version of packbox grants nothing,
and does not run a pack that asks.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"
grants = ["network"]

==> schema.wasm
not a component
```

## Passes

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"
grants = []

==> schema.wasm
not a component
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, plugin) in subject.table("plugins") {
        let grants = plugin.get("grants").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, grant) in grants.iter().enumerate() {
            let grant = quoted(grant.as_str().unwrap_or_default());
            let message = format_args!("the plugin {} asks for {grant}, which is not granted", quoted(name));
            let at = pointer(&["plugins", name, "grants", &index.to_string()]);
            findings.key(&at, message, "hand in what it needs as a template, a partial or an option");
        }
    }
}
