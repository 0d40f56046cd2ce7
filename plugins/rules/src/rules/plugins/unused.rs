//! `plugins/unused`: a component that is shipped is used.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/unused",
    summary: "a plugin that nothing refers to",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A component is code that somebody has to trust. One that no entry uses can be removed.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

==> schema.wasm
not a component
```

## Passes

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

[[templates]]
source = "api.json"
output = "src"
engine = "plugin:schema"

==> api.json
{}

==> schema.wasm
not a component
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for plugin in subject.facts.plugins.iter().filter(|plugin| !plugin.used) {
        let message = format_args!("nothing uses the plugin {}", quoted(&plugin.name));
        let help = "remove it, or name it in an entry: `engine = \"plugin:…\"`";
        findings.key(&pointer(&["plugins", &plugin.name]), message, help);
    }
}
