//! `templates/empty`: a template has a text.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/empty",
    summary: "a template or partial without text",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A template with nothing in it was probably not finished. A file that is meant to be empty needs
no engine.

## Fails

```pack
[[templates]]
source = "main.py.jinja"
output = "main.py"

==> main.py.jinja (no newline)

```

## Passes

```pack
[[templates]]
source = "__init__.py"
output = "__init__.py"

==> __init__.py (no newline)

```

## Otherwise

Name the file without `.jinja`: a file that is copied may be empty.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let rendered = subject.generated().filter(|(source, _)| source.role != Role::Copy);
    for (source, _) in rendered.filter(|(_, text)| text.trim().is_empty()) {
        let message = format_args!("{} is empty", quoted(source.path));
        findings.text(source, 0..0, message, "fill it, remove it, or drop `.jinja` from its name to copy it");
    }
}
