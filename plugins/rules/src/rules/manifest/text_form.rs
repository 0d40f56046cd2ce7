//! `manifest/text-form`: titles and descriptions fit into the lists that show them.

use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/text-form",
    summary: "a title or description that does not fit in a list",
    severity: Severity::Note,
    options: &[("description", 160), ("title", 60)],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Titles and descriptions are shown one below the other, one line each. They look alike if they
are short, on one line, and without a full stop at the end.

## Fails

```pack
[pack]
name = "docs-site"
version = "1.0.0"
title = "Documentation site."
```

```pack
[pack]
name = "docs-site"
version = "1.0.0"
description = """
A documentation site
with search"""
```

## Passes

```pack
[pack]
name = "docs-site"
version = "1.0.0"
title = "Documentation site"
description = "A documentation site with search, versions, etc."
```

## Options

`description` (160), `title` (60): how many characters they may have.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for key in ["title", "description"] {
        let at = format!("/pack/{key}");
        let Some(text) = subject.string(&at) else { continue };
        let (length, most) = (text.chars().count(), findings.option(key));
        if length > most {
            let message = format_args!("the {key} has {length} characters, more than {most}");
            findings.key(&at, message, "shorten it, and put the rest in the README");
        }
        if text.trim() != text {
            findings.key(&at, format_args!("the {key} begins or ends with white space"), "remove it");
        } else if text.contains('\n') {
            findings.key(&at, format_args!("the {key} has several lines"), "write it on one line");
        }
        // An abbreviation at the end needs its full stop.
        if text.ends_with('.') && !text.ends_with("etc.") && !text.ends_with("..") {
            findings.key(
                &at,
                format_args!("the {key} ends with a full stop"),
                "leave it out: entries in a list are not sentences",
            );
        }
    }
}
