//! `security/executable-data`: data can't be run.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::{extension, output_name};

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/executable-data",
    summary: "an executable file whose name says that it is data",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A text file or an image needs no executable bit. If it has one, it came from a file system without
such bits, or its name is wrong. Text that begins with `#!` is a script, whatever its name.

## Fails

```pack
[[templates]]
source = "notes.md"
output = "notes.md"

==> notes.md (executable)
# Notes
```

```pack
[[templates]]
source = "settings.toml"
output = "settings.toml"
executable = true

==> settings.toml
port = 8080
```

## Passes

```pack
[[templates]]
source = "run.sh"
output = "run.sh"

==> run.sh (executable)
#!/bin/sh
exec serve
```
"#;

/// Endings of files that are never run.
const DATA: &[&str] = &[
    "conf", "css", "csv", "gif", "htm", "html", "ico", "ini", "jpeg", "jpg", "json", "lock", "md", "pdf", "png", "rst",
    "svg", "toml", "txt", "webp", "xml", "yaml", "yml",
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let is_data = |path: &str| DATA.contains(&extension(output_name(path)).as_str());
    let is_script = |path: &str| subject.source(path).is_some_and(|source| source.bytes.starts_with(b"#!"));
    for file in subject.facts.files.iter().filter(|file| file.executable) {
        if is_data(&file.path) && !is_script(&file.path) {
            let message = format_args!("{} is executable", quoted(&file.path));
            findings.file(&file.path, message, "remove the executable bit: `chmod -x`");
        }
    }
    let own_bit = |path: &str| subject.file(path).is_some_and(|file| file.executable);
    for template in subject.facts.templates.iter().filter(|template| template.executable) {
        if is_data(&template.output) && !own_bit(&template.source) && !is_script(&template.source) {
            let at = format!("/templates/{}/executable", template.entry);
            let message = format_args!("the output {} is executable", quoted(&template.output));
            findings.key(&at, message, "remove `executable`");
        }
    }
}
