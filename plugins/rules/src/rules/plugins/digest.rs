//! `plugins/digest`: a pack says which bytes its plugins are.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/digest",
    summary: "a plugin without a digest",
    severity: Severity::Error,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A plugin runs only if the manifest names the digest of its file, so a component can't be
replaced without a change that a reviewer sees.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"

==> schema.wasm
not a component
```

## Passes

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

==> schema.wasm
not a component
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, plugin) in subject.table("plugins") {
        if plugin.get("sha256").is_none() {
            let sha256 = subject.facts.plugins.iter().find(|plugin| plugin.name == name).map(|plugin| &plugin.sha256);
            let help = match sha256 {
                Some(sha256) if !sha256.is_empty() => format!("add `sha256 = \"{sha256}\"`"),
                _ => "add the SHA-256 of its file as `sha256`".to_owned(),
            };
            let message = format_args!("the plugin {} has no digest, and can't be used", quoted(name));
            findings.key(&pointer(&["plugins", name]), message, &help);
        }
    }
}
