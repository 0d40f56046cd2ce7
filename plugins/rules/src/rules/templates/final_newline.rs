//! `templates/final-newline`: a text ends with a line feed.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/final-newline",
    summary: "a text file without a line feed at its end",
    severity: Severity::Note,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Formatters, linters and `git diff` complain about a last line without a line feed, and they do so
in the user's project. Partials and the message are not reported: they may end in any way.

## Fails

```pack
[[templates]]
source = "main.py"
output = "main.py"

==> main.py (no newline)
print("hello")
```

## Passes

```pack
[[templates]]
source = "main.py.jinja"
output = "main.py"

==> main.py.jinja
{% include "print.jinja" %}

==> print.jinja (no newline)
print("hello")
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let outputs = subject.generated().filter(|(source, _)| matches!(source.role, Role::Template | Role::Copy));
    for (source, text) in outputs {
        if !text.is_empty() && !text.ends_with('\n') {
            let message = format_args!("{} does not end with a line feed", quoted(source.path));
            findings.text(source, text.len()..text.len(), message, "add a line feed at the end");
        }
    }
}
