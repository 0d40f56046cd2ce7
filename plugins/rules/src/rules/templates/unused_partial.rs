//! `templates/unused-partial`: what could be included is.

use std::collections::BTreeSet;

use crate::engines::is_built_in;
use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::Source;
use crate::tags::{Kind, first_word};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/unused-partial",
    summary: "a partial that nothing includes",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A template file that no entry claims is a partial. If nothing includes it either, then an entry
or an `include` was forgotten, or the file can be removed. Where a template computes the names of its partials, the rule says
nothing.

## Fails

```pack
[[templates]]
source = "index.html"
output = "index.html"

==> index.html
<!DOCTYPE html>

==> about.html.jinja
<!DOCTYPE html>
```

## Passes

```pack
[[templates]]
source = "index.html.jinja"
output = "index.html"

==> index.html.jinja
{% include "head.jinja" %}

==> head.jinja
<!DOCTYPE html>
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let all = subject.rendered();
    let stages = subject.facts.templates.iter().flat_map(|template| &template.then);
    if stages.into_iter().any(|engine| is_built_in(engine)) {
        // What a stage includes stands in what the stage before it makes.
        return;
    }
    let mut included = BTreeSet::new();
    for (path, rendered) in &all {
        // What can't be asked may include anything.
        let Some(names) = rendered.names else { return };
        if is_built_in(rendered.engine) && subject.source(path).is_none_or(computes_partials) {
            return;
        }
        // A partial that includes itself is not used for that.
        included.extend(names.partials.iter().map(String::as_str).filter(|partial| partial != path));
    }
    for partial in &subject.facts.partials {
        if !included.contains(partial.path.as_str()) {
            let message = format_args!("nothing includes {}", quoted(&partial.path));
            findings.file(&partial.path, message, "give it a `[[templates]]` entry, include it, or remove it");
        }
    }
}

/// Says whether a statement names a partial by anything but a string.
fn computes_partials(source: &Source<'_>) -> bool {
    let Some(text) = source.text else { return true };
    source.tags().iter().filter(|tag| tag.kind != Kind::Comment).any(|tag| {
        let inside = tag.inside(text);
        if tag.kind == Kind::Expression {
            // Handlebars: `{{> (lookup …)}}`.
            let partial = inside.trim_start_matches(['~', '#', ' ']).strip_prefix('>');
            return partial.is_some_and(|name| name.trim_start().starts_with('('));
        }
        let word = first_word(inside);
        let is_inclusion = matches!(word, "include" | "extends" | "import" | "from" | "render");
        let after = inside.split_once(word).map_or("", |(_, after)| after).trim_start();
        is_inclusion && !after.starts_with(['"', '\''])
    })
}
