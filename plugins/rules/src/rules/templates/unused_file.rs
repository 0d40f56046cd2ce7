//! `templates/unused-file`: what is in a pack belongs to it.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/unused-file",
    summary: "a file that nothing refers to",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A file that no entry, plugin or query of the manifest refers to is shipped with the pack and
never used: an entry was forgotten, or `.packboxignore` should leave the file out. A README, licenses and the like,
files whose names begin with a dot, and the folders `docs`, `examples` and `tests` are expected.

## Fails

```pack
[[templates]]
source = "index.html"
output = "index.html"

==> index.html
<!DOCTYPE html>

==> old/index.html
<!DOCTYPE html>
```

## Passes

```pack
[[templates]]
source = "index.html"
output = "index.html"

==> index.html
<!DOCTYPE html>

==> README.md
# A page

==> LICENSE-MIT
Permission is hereby granted

==> docs/design.md
Why it is as it is
```
"#;

/// Beginnings of the names of files at the top that people expect in any folder.
const EXPECTED: &[&str] = &[
    "authors",
    "changelog",
    "changes",
    "code_of_conduct",
    "contributing",
    "copying",
    "history",
    "licence",
    "license",
    "news",
    "notice",
    "readme",
    "security",
    "support",
];

/// Folders at the top that are for people.
const FOLDERS: &[&str] = &["docs", "examples", "tests"];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for file in subject.facts.files.iter().filter(|file| file.role == Role::Other) {
        let expected = if let Some((folder, _)) = file.path.split_once('/') {
            FOLDERS.contains(&folder) || folder.starts_with('.')
        } else {
            let name = file.path.to_ascii_lowercase();
            name.starts_with('.') || EXPECTED.iter().any(|expected| name.starts_with(expected))
        };
        if !expected {
            let message = format_args!("nothing refers to {}", quoted(&file.path));
            findings.file(&file.path, message, "use it in an entry, name it in `.packboxignore`, or remove it");
        }
    }
}
