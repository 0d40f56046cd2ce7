//! `security/invisible-character`: what is in a text can be seen.

use crate::characters::{code_point, is_invisible};
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::rules::security::report_characters;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/invisible-character",
    summary: "characters that can't be seen",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Zero-width spaces, tags and fillers are part of names and text, but nobody sees them: two names
that look alike are not the same, and text that machines read can be hidden from people. The joiners, which scripts
and emoji need, and a byte order mark at the beginning are not reported.

## Fails

```pack
[[templates]]
source = "main.js"
output = "main.js"

==> main.js (escaped)
const user\u{200b}Name = "";
```

## Passes

```pack
[[templates]]
source = "team.txt"
output = "team.txt"

==> team.txt (escaped)
\u{1f469}\u{200d}\u{1f4bb} Ada
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    report_characters(subject, findings, is_invisible, |character| format!("{} is invisible", code_point(character)));
}
