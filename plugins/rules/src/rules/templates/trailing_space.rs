//! `templates/trailing-space`: lines do not end with blanks.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::{extension, lines};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/trailing-space",
    summary: "white space at the end of a line",
    severity: Severity::Note,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"White space at the end of a line is invisible, and formatters remove it in the user's project: the
next update of the pack then conflicts. In Markdown, two spaces there are a line break. There is one finding for each file.

## Fails

```pack
[[templates]]
source = "main.py"
output = "main.py"

==> main.py (escaped)
x = 1\x20\x20
```

## Passes

```pack
[[templates]]
source = "notes.md"
output = "notes.md"

==> notes.md (escaped)
A line\x20\x20
and the next one
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.generated() {
        let is_markdown = matches!(extension(source.output_name()).as_str(), "md" | "markdown");
        let mut blanks = lines(text).filter_map(|(start, line)| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.ends_with([' ', '\t']) {
                return None;
            }
            let kept = line.trim_end_matches([' ', '\t']);
            let is_break = is_markdown && !kept.is_empty() && line.len() - kept.len() == 2;
            (!is_break).then_some(start + kept.len()..start + line.len())
        });
        if let Some(first) = blanks.next() {
            let count = blanks.count() + 1;
            let ending = if count == 1 { "line ends with white space" } else { "lines end with white space" };
            let message = format_args!("in {}, {count} {ending}", quoted(source.path));
            findings.text(source, first, message, "remove it");
        }
    }
}
