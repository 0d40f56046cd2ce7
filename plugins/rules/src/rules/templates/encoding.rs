//! `templates/encoding`: texts are UTF-8 without a byte order mark.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::extension;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/encoding",
    summary: "a text file that is not UTF-8, or begins with a byte order mark",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A template that is not UTF-8 can't be rendered, and compilers and browsers misread a copied text file
that is not. A byte order mark breaks scripts (`#!` is no longer at the beginning), and in a partial it lands in the
middle of a file. Whether a file is a text file is decided by its name.

## Fails

```pack
[[templates]]
source = "caf.txt"
output = "caf.txt"

==> caf.txt (escaped)
caf\xe9
```

```pack
[[templates]]
source = "run.sh"
output = "run.sh"

==> run.sh (escaped)
\u{feff}#!/bin/sh
```

## Passes

```pack
[[templates]]
source = "caf.txt"
output = "caf.txt"

[[templates]]
source = "icon.png"
output = "icon.png"

==> caf.txt
café

==> icon.png (escaped)
\x89PNG\r
```
"#;

/// Endings of texts that programs expect to be UTF-8.
const TEXTS: &[&str] = &[
    "c", "cfg", "conf", "cpp", "cs", "css", "go", "h", "htm", "html", "java", "js", "json", "kt", "md", "py", "rb",
    "rs", "rst", "scss", "sh", "sql", "svg", "tf", "toml", "ts", "tsx", "txt", "xml", "yaml", "yml",
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for source in subject.sources.iter().filter(|source| source.role.is_generated()) {
        if source.bytes.starts_with(b"\xef\xbb\xbf") {
            let message = format_args!("{} begins with a byte order mark", quoted(source.path));
            findings.text(source, 0..3, message, "save it as UTF-8 without one");
            continue;
        }
        let is_text = source.role != Role::Copy || TEXTS.contains(&extension(source.output_name()).as_str());
        let Err(error) = std::str::from_utf8(source.bytes) else { continue };
        if is_text {
            let at = error.valid_up_to();
            let message = format_args!("{} is not UTF-8", quoted(source.path));
            findings.text(source, at..at + 1, message, "save it as UTF-8");
        }
    }
}
