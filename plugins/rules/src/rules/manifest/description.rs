//! `manifest/description`: a pack says in a sentence what it makes.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/description",
    summary: "a pack without a description",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"People who find a pack in a list decide by its description. Without one they have to read the
templates.

## Fails

```pack
[pack]
name = "docs-site"
version = "1.0.0"
```

## Passes

```pack
[pack]
name = "docs-site"
version = "1.0.0"
description = "A documentation site with search, built by mkdocs"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.value("/pack/description").is_none() {
        let help = "say in one sentence what the pack makes: `description = \"…\"`";
        findings.key("/pack", format_args!("the pack has no `description`"), help);
    }
}
