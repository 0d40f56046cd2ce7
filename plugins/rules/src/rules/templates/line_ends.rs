//! `templates/line-ends`: lines end with a line feed.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::extension;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/line-ends",
    summary: "carriage returns at the ends of lines",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A shell does not run a script whose lines end with carriage returns, and a file with both kinds
of line ends shows changes that nobody made. packbox copies what is there. Batch files and PowerShell scripts may have
carriage returns, if they are on every line.

## Fails

```pack
[[templates]]
source = "run.sh"
output = "run.sh"

==> run.sh (escaped)
#!/bin/sh\r
exec serve
```

## Passes

```pack
[[templates]]
source = "run.sh"
output = "run.sh"

[[templates]]
source = "run.bat"
output = "run.bat"

==> run.sh
#!/bin/sh
exec serve

==> run.bat (escaped)
@echo off\r
serve\r
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.generated().filter(|(source, _)| source.has_any(b"\r")) {
        let Some(first) = text.find("\r\n") else { continue };
        let feeds = text.bytes().filter(|byte| *byte == b'\n').count();
        let pairs = text.matches("\r\n").count();
        let is_windows = matches!(extension(source.output_name()).as_str(), "bat" | "cmd" | "ps1" | "psm1");
        if pairs < feeds {
            let message =
                format_args!("{pairs} of the {feeds} lines of {} end with a carriage return", quoted(source.path));
            findings.text(source, first..first + 1, message, "end all lines in the same way");
        } else if !is_windows {
            let message = format_args!("the lines of {} end with carriage returns", quoted(source.path));
            findings.text(source, first..first + 1, message, "save it with line feeds only");
        }
    }
}
