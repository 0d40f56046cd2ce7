//! `manifest/readme`: a pack comes with a text for people.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/readme",
    summary: "a pack without a README",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = "A README shows what the pack makes and which command to type. It is read before anything is run.

## Fails

```pack
==> docs/README.md
This is a page of the documentation, and not the pack's.
```

## Passes

```pack
==> README.md
# Rust command-line tool

    packbox generate rust-cli --output my-tool
```
";

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let is_readme = |path: &str| {
        let name = path.split('.').next().unwrap_or(path);
        name.eq_ignore_ascii_case("readme") && !path.contains('/')
    };
    if !subject.facts.files.iter().any(|file| is_readme(&file.path)) {
        let help = "add a `README.md` beside `pack.toml`; it may be short";
        findings.key("/pack", format_args!("the pack has no README"), help);
    }
}
