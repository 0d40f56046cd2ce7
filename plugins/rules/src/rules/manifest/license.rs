//! `manifest/license`: a pack says what may be done with its output.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/license",
    summary: "a pack without a license",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"What a pack generates contains the pack's texts. Without a license nobody knows whether they may
be used at all.

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
license = "MIT OR Apache-2.0"
```

## Otherwise

A pack that nobody else may use says `license = "LicenseRef-proprietary"`.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.value("/pack/license").is_none() {
        let help = "name one by its SPDX identifier, for instance `license = \"MIT\"`";
        findings.key("/pack", format_args!("the pack has no `license`"), help);
    }
}
