//! `manifest/category`: a pack says where it belongs in a catalogue.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/category",
    summary: "a pack without a category",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Catalogues group packs by `category`. A pack without one ends up under “other”.

## Fails

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
category = "cli"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.value("/pack/category").is_none() {
        let help = "one word is enough, for instance `category = \"web\"`";
        findings.key("/pack", format_args!("the pack has no `category`"), help);
    }
}
