//! `manifest/title`: a pack has a name for people.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/title",
    summary: "a pack without a title",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"`name` is for machines: lower-case, with dashes. Lists and prompts show `title`, which can be
ordinary text for people.

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
title = "Rust command-line tool"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.value("/pack/title").is_none() {
        let help = "give the pack a name for people: `title = \"…\"`";
        findings.key("/pack", format_args!("the pack has no `title`"), help);
    }
}
