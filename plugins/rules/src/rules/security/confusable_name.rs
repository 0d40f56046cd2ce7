//! `security/confusable-name`: a file is what its name looks like.

use std::collections::BTreeSet;

use crate::characters::{code_point, looks_like, script};
use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/confusable-name",
    summary: "a path with letters that look like others",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A Cyrillic `а` looks like a Latin one, and a division slash like a separator. A name that mixes
scripts within a word, or has such a symbol, is easily mistaken for another file. Names in one script are fine, whichever
it is.

## Fails

```pack
[[templates]]
source = "mаin.py"
output = "main.py"

==> mаin.py
print("a Cyrillic letter is in the name")
```

```pack
[[templates]]
source = "a.txt"
output = "docs∕a.txt"

==> a.txt
A division slash is in the output
```

## Passes

```pack
[[templates]]
source = "заметки.md"
output = "заметки.md"

[[templates]]
source = "résumé.md"
output = "résumé.md"

==> заметки.md
Notes

==> résumé.md
Summary
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let help = "rename it with letters of one script";
    for file in subject.facts.files.iter().filter(|file| !file.path.is_ascii()) {
        if let Some(problem) = problem(&file.path) {
            findings.file(&file.path, format_args!("the name of {} {problem}", quoted(&file.path)), help);
        }
    }
    let templates = subject.facts.templates.iter().map(|template| (&template.output, template.entry));
    let outputs = subject.facts.outputs.iter().flatten().map(|output| (&output.path, output.entry));
    let mut seen = BTreeSet::new();
    for (path, entry) in templates.chain(outputs).filter(|(path, _)| !path.is_ascii()) {
        // The name of the source says it already.
        if subject.file(path).is_some() || !seen.insert(path) {
            continue;
        }
        if let Some(problem) = problem(path) {
            let message = format_args!("the output {} {problem}", quoted(path));
            findings.key(&format!("/templates/{entry}/output"), message, help);
        }
    }
}

fn problem(path: &str) -> Option<String> {
    if let Some((found, like)) = path.chars().find_map(|found| Some((found, looks_like(found)?))) {
        return Some(format!("has {}, which looks like `{like}`", code_point(found)));
    }
    path.split(|character: char| !character.is_alphabetic()).find_map(|word| {
        let scripts: BTreeSet<_> = word.chars().filter_map(script).collect();
        let mut names = scripts.iter().map(|script| script.name());
        let (first, second) = (names.next()?, names.next()?);
        Some(format!("mixes {first} and {second} letters in one word"))
    })
}
