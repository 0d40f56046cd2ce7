//! `manifest/shouting`: a title in capitals.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/shouting",
    summary: "a title in capitals",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Capitals are hard to read.

## Fails

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
title = "RUST"
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
title = "Rust"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let title = subject.value("/pack/title").and_then(serde_json::Value::as_str).unwrap_or_default();
    if title.len() > 1 && title.chars().all(|letter| letter.is_uppercase()) {
        findings.key("/pack/title", format_args!("the title is in capitals"), "write it as people write");
    }
}
