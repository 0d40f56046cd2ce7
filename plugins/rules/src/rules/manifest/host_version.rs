//! `manifest/host-version`: a pack says which versions of packbox it works with.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/host-version",
    summary: "a pack that does not say which packbox it needs",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A pack that is used with a version of packbox that it was not made for should fail with a clear
message, and not somewhere in a template.

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
packbox = ">=0.1, <0.2"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.value("/pack/packbox").is_none() {
        let message = format_args!("the pack does not say which versions of packbox it works with");
        findings.key("/pack", message, "for instance `packbox = \">=0.1, <0.2\"`");
    }
}
