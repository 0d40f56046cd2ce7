//! `manifest/version`: a published pack has a version that others can depend on.

use crate::findings::quoted;
use crate::requirement::is_pre_release;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/version",
    summary: "the version 0.0.0, or a pre-release",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"`0.0.0` usually means that nobody has thought of a version yet, and a requirement such as `^1.0`
never selects a pre-release.

## Fails

```pack
[pack]
name = "rust-cli"
version = "0.0.0"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0-rc.1"
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "0.1.0"
```

## Otherwise

Before a release, turn the rule off in `[lints]`.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let version = subject.string("/pack/version").unwrap_or_default();
    let at = "/pack/version";
    if is_pre_release(version) {
        let message = format_args!("the version {} is a pre-release", quoted(version));
        findings.key(at, message, "give it a plain version before you publish the pack");
    } else if version.split('+').next() == Some("0.0.0") {
        findings.key(at, format_args!("the version is `0.0.0`"), "begin with `0.1.0`");
    }
}
