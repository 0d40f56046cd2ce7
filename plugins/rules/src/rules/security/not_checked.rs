//! `security/not-checked`: what was not looked at is named.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/not-checked",
    summary: "a file that was too large to be checked",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"What is handed to the rules is limited, by default to 16 MiB for a pack. The other rules say
nothing about a file that was left out, which must not be taken for approval. Components are checked by other means.

## Fails

```pack
[[templates]]
source = "data.csv"
output = "data.csv"

==> data.csv (repeat 1200000)
0123456789,abcd
```

## Passes

```pack
[[templates]]
source = "data.csv"
output = "data.csv"

==> data.csv
0123456789,abcd
```

## Otherwise

With `--limit input=64MiB`, larger files are checked, too.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for file in subject.facts.files.iter().filter(|file| !file.handed && file.role != Role::Plugin) {
        let message = format_args!("{} ({} bytes) was not checked", quoted(&file.path), file.bytes);
        findings.file(&file.path, message, "raise the limit: `--limit input=64MiB`");
    }
}
