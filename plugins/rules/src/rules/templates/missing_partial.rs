//! `templates/missing-partial`: what a template includes is there.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::Source;
use crate::tags::Kind;
use crate::tokens;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/missing-partial",
    summary: "a partial that is not in the pack",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A template names a partial by its path in the pack, not by the way from its own folder. A file
that an entry of the manifest claims is a template and no partial.

## Fails

```pack
[[templates]]
source = "pages/index.html.jinja"
output = "index.html"

==> pages/index.html.jinja
{% include "head.jinja" %}

==> pages/head.jinja
<!DOCTYPE html>
```

## Passes

```pack
[[templates]]
source = "pages/index.html.jinja"
output = "index.html"

==> pages/index.html.jinja
{% include "pages/head.jinja" %}
{% include "pages/foot.jinja" ignore missing %}

==> pages/head.jinja
<!DOCTYPE html>
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let partials = subject.facts.partials.iter().map(|partial| (partial.path.as_str(), partial.engine.as_str()));
    let partials: BTreeSet<_> = partials.collect();
    let claimed: BTreeSet<_> = subject.facts.templates.iter().map(|template| template.source.as_str()).collect();
    for (path, rendered) in &subject.rendered() {
        let named = rendered.names.into_iter().flat_map(|names| names.partials.iter().map(String::as_str));
        let mut missing: BTreeSet<_> = named.filter(|name| !partials.contains(&(name, rendered.engine))).collect();
        if missing.is_empty() {
            continue;
        }
        let mut report = |name: &str, place: Option<(&Source<'_>, Range<usize>)>| {
            let help = if claimed.contains(name) {
                "an entry of the manifest claims the file: keep partials beside the folders that entries name"
            } else {
                "write its path in the pack, for instance `partials/head.jinja`"
            };
            let message = format_args!("{} is not a partial of this pack", quoted(name));
            match place {
                Some((source, range)) => findings.text(source, range, message, help),
                None => findings.file(path, message, help),
            }
        };
        if let Some((source, text)) = subject.source(path).and_then(|source| Some((source, source.text?))) {
            for tag in source.tags().iter().filter(|tag| tag.kind == Kind::Statement) {
                let inside = tag.inside(text);
                // A list is a choice of which one has to exist.
                let may_miss = inside.contains("ignore missing") || inside.contains(['[', '(']);
                for (name, range) in tokens::literals(inside) {
                    if missing.remove(name) && !may_miss {
                        report(name, Some((source, tag.inner.start + range.start..tag.inner.start + range.end)));
                    }
                }
            }
        }
        for name in missing {
            report(name, None);
        }
    }
}
