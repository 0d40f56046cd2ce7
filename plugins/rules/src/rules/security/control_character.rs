//! `security/control-character`: a text does not control the terminal.

use crate::characters::{code_point, is_control};
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::rules::security::report_characters;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/control-character",
    summary: "terminal escapes and other control characters",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"An escape sequence in a text can hide or fake what a terminal shows, and change its title or its
keys. packbox escapes what it shows itself; `cat` does not. Tabs, line ends and form feeds are not reported.

## Fails

```pack
[[templates]]
source = "notes.txt"
output = "notes.txt"

==> notes.txt (escaped)
\x1b[8mhidden\x1b[0m
```

```pack
[pack]
name = "demo"
version = "1.0.0"
description = "A demo\u001B[2J"
```

## Passes

```pack
[[templates]]
source = "colors.sh"
output = "colors.sh"

==> colors.sh
printf '\033[1mbold\033[0m\n'
```

## Otherwise

Write the character as an escape of the generated language, so that it can be seen.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    report_characters(subject, findings, is_control, |character| {
        format!("{} is a control character", code_point(character))
    });
}
