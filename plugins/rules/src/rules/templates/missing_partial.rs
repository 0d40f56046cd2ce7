//! `templates/missing-partial`: what a template includes is there.

use std::collections::BTreeSet;
use std::ops::Range;

use packbox_facts::Role;

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

const PAGE: &str = r#"A template names a partial by its path in the pack, not relative to its own folder. A file
that an entry of the manifest claims is a template and not a partial. A file without an extension of the
template's engine is not a partial, either, unless `partials` in the manifest names it.

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

```pack
[[templates]]
source = "notice.md.jinja"
output = "notice.md"

==> notice.md.jinja
{% include "LICENSE.txt" %}

==> LICENSE.txt
All rights reserved.
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
    for (path, rendered) in &subject.rendered() {
        let named = rendered.names.into_iter().flat_map(|names| names.partials.iter().map(String::as_str));
        let mut missing: BTreeSet<_> = named.filter(|name| !partials.contains(&(name, rendered.engine))).collect();
        if missing.is_empty() {
            continue;
        }
        let mut report = |name: &str, place: Option<(&Source<'_>, Range<usize>)>| {
            let help = &help(subject, name, &partials);
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

/// What to do about a name that is no partial: another path, or a line in the manifest.
fn help(subject: &Subject<'_>, name: &str, partials: &BTreeSet<(&str, &str)>) -> String {
    match subject.file(name).map(|file| file.role) {
        Some(Role::Manifest | Role::IgnoreFile | Role::Message | Role::Plugin | Role::Query) => {
            "packbox itself reads the file: put what both need into a file of its own".to_owned()
        }
        Some(role) => {
            let or_move =
                if role.is_generated() { "; or move it to where no entry of the manifest claims it" } else { "" };
            format!("the file is there: name it in the manifest, `partials = [\"{name}\"]` under `[pack]`{or_move}")
        }
        None => {
            let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
            match partials.iter().find(|(path, _)| last(path) == last(name)) {
                Some((path, _)) => format!("did you mean `{path}`? a partial is named by its path in the pack"),
                None => "write its path in the pack, for instance `partials/head.jinja`".to_owned(),
            }
        }
    }
}
