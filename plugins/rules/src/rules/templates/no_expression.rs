//! `templates/no-expression`: what is rendered needs rendering.

use crate::engines::is_built_in;
use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/no-expression",
    summary: "a template that could be copied",
    severity: Severity::Note,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A Jinja template without a tag gives the same text every time. A copy is quicker, can't fail,
and shows the reader that nothing depends on the variables.

## Fails

```pack
[[templates]]
source = "robots.txt.jinja"
output = "robots.txt"

==> robots.txt.jinja
User-agent: *
```

## Passes

```pack
[[templates]]
source = "robots.txt"
output = "robots.txt"

==> robots.txt
User-agent: *
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let templates = subject.facts.templates.iter().filter(|template| is_built_in(&template.engine));
    let mut last = "";
    for template in templates {
        let Some(source) = subject.source(&template.source).filter(|source| source.path != last) else { continue };
        last = source.path;
        if source.text.is_some_and(|text| !text.trim().is_empty()) && source.tags().is_empty() {
            let message = format_args!("{} has no expressions", quoted(source.path));
            findings.text(
                source,
                0..0,
                message,
                "remove the extension that marks a template, so that the file is copied",
            );
        }
    }
}
