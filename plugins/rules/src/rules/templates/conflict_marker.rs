//! `templates/conflict-marker`: no merge was left half done.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::lines;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/conflict-marker",
    summary: "merge conflict markers",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"The lines by which Git marks a conflict are text to a template engine: they land in the user's
files.

## Fails

```pack
[[templates]]
source = "port.txt"
output = "port.txt"

==> port.txt (escaped)
\x3c<<<<<< HEAD
8080
=======
8081
\x3e>>>>>> other
```

## Passes

```pack
[[templates]]
source = "heading.rst"
output = "heading.rst"

==> heading.rst
=======
Heading
=======
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.readable().filter(|(source, _)| source.has_any(b"<>|")) {
        for (start, line) in lines(text) {
            if ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|marker| line.starts_with(marker)) {
                let message = format_args!("{} has a merge conflict marker", quoted(source.path));
                findings.text(source, start..start + 7, message, "finish the merge");
            }
        }
    }
}
