//! `templates/output-clash`: two outputs are two files, on every system.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/output-clash",
    summary: "two outputs that go to the same place",
    severity: Severity::Error,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Windows and macOS treat `README.md` and `readme.md` as the same file, and no system can have a file and a
folder with the same name. Generation fails as soon as both outputs are wanted. Entries that have conditions are compared
only as they are with the values of the examples and defaults.

## Fails

```pack
[[templates]]
source = "a.md"
output = "README.md"

[[templates]]
source = "b.md"
output = "Readme.md"

==> a.md
One

==> b.md
Two
```

```pack
[[templates]]
source = "a.md"
output = "docs"

[[templates]]
source = "b.md"
output = "docs/b.md"

==> a.md
One

==> b.md
Two
```

## Passes

```pack
[variables.short]
type = "boolean"
prompt = "A short README"
default = true

[[templates]]
source = "a.md"
output = "README.md"
when = "short"

[[templates]]
source = "b.md"
output = "README.md"
when = "not short"

==> a.md
One

==> b.md
Two
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let facts = &subject.facts;
    // A plugin's output may be a folder, which several may share.
    let certain = facts.templates.iter().filter(|template| {
        template.when.is_none() && template.for_each.is_none() && !template.engine.starts_with("plugin:")
    });
    let declared = certain.map(|template| (template.output.as_str(), template.entry));
    let planned = facts.outputs.iter().flatten().map(|output| (output.path.as_str(), output.entry));
    let mut places: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for list in [declared.collect::<Vec<_>>(), planned.collect()] {
        places.clear();
        for (path, entry) in list {
            let Some(&(other, first)) = places.get(&folded(path)) else {
                places.insert(folded(path), (path, entry));
                continue;
            };
            if reported.insert((path, entry)) {
                let message = format_args!("{} and {} are the same file on some systems", quoted(other), quoted(path));
                let help = "choose another name, or conditions that exclude each other";
                findings.keys(&key(entry), &key(first), message, help);
            }
        }
        for (at, (path, entry)) in &places {
            let folders = at.match_indices('/').filter_map(|(end, _)| at.get(..end));
            for (file, first) in folders.filter_map(|folder| places.get(folder)) {
                if reported.insert((path, *entry)) {
                    let message = format_args!("{} is a file, but {} needs a folder there", quoted(file), quoted(path));
                    findings.keys(&key(*entry), &key(*first), message, "choose another name");
                }
            }
        }
    }
}

fn folded(path: &str) -> String {
    path.to_lowercase()
}

fn key(entry: usize) -> String {
    format!("/templates/{entry}/output")
}
