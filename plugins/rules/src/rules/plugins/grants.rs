//! `plugins/grants`: a plugin asks for nothing that it does not need.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/grants",
    summary: "a plugin that asks for a grant that it does not need",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A plugin turns bytes into bytes, and most need nothing else. The only grant, `wasi-stub`,
gives an empty WASI to components of a plain `wasm32-wasip2` build. It confers no authority, but it has a cost: each template
gets an instance of its own. A plugin that imports no WASI should not ask for it.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"
grants = ["wasi-stub"]

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
        let facts = subject.facts.plugins.iter().find(|facts| facts.name == *name);
        if facts.is_some_and(|facts| facts.imports.iter().any(|import| import.starts_with("wasi:"))) {
            continue;
        }
        let grants = plugin.get("grants").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, grant) in grants.iter().enumerate() {
            let grant = quoted(grant.as_str().unwrap_or_default());
            let message = format_args!("the plugin {} asks for {grant}, which it does not need", quoted(name));
            let at = pointer(&["plugins", name, "grants", &index.to_string()]);
            findings.key(&at, message, "leave it out");
        }
    }
}
