//! `security/bidi-control`: a text is read in the order in which it is written.

use crate::characters::{code_point, is_bidi_control};
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::rules::security::report_characters;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/bidi-control",
    summary: "characters that change the direction of text",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Some characters make an editor show a line in a different order than a compiler reads it: a reviewer
sees a comment where there is code. See [Trojan Source](https://trojansource.codes/). Text in the manifest and names
of files count, too.

## Fails

```pack
[[templates]]
source = "main.py"
output = "main.py"

==> main.py (escaped)
admin = False  # \u{202e}eurt = nimda
```

```pack
[pack]
name = "demo"
version = "1.0.0"
description = "Makes a \u202Egnp.exe"
```

## Passes

```pack
[[templates]]
source = "greeting.txt"
output = "greeting.txt"

==> greeting.txt (escaped)
שלום\u{200f}!
```

## Otherwise

Write the character as an escape of the generated language, so that it can be seen.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    report_characters(subject, findings, is_bidi_control, |character| {
        format!("{} changes the direction of the text after it", code_point(character))
    });
}
