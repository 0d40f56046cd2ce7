//! `manifest/host-version-bound`: a pack does not promise to work with every later packbox.

use crate::findings::quoted;
use crate::requirement::Requirement;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/host-version-bound",
    summary: "a requirement on packbox without an upper bound",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Nobody knows what the next incompatible version of packbox will change. A requirement without an
upper bound promises that the pack will work with it.

## Fails

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
packbox = ">=0.1"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
packbox = "*"
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
packbox = ">=0.1, <0.2"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
packbox = "0.1"
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(text) = subject.string("/pack/packbox") else { return };
    if !Requirement::new(text).has_upper_bound() {
        let message = format_args!("the requirement {} accepts every later version of packbox", quoted(text));
        findings.key("/pack/packbox", message, "add an upper bound, for instance `>=0.1, <0.2`");
    }
}
