//! `templates/forgotten-suffix`: what has expressions is rendered.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::tags::{Kind, Tag};
use crate::tokens;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/forgotten-suffix",
    summary: "a copied file that has an expression with a variable of the pack",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Only files whose extension names an engine, such as `.jinja`, are rendered. Any other file with `{{ name }}`
in it, where `name` is a variable of the pack, was probably meant to be rendered, too.

## Fails

```pack
[variables.crate_name]
type = "string"
prompt = "Crate name"
default = "demo"

[[templates]]
source = "Cargo.toml"
output = "Cargo.toml"

==> Cargo.toml
[package]
name = "{{ crate_name }}"
```

## Passes

```pack
[variables.crate_name]
type = "string"
prompt = "Crate name"
default = "demo"

[variables.matrix]
type = "boolean"
prompt = "Test on several systems"
default = true

[[templates]]
source = "ci.yml"
output = "{{ crate_name }}/ci.yml"
when = "matrix"

==> ci.yml
runs-on: ${{ matrix.os }}
```

## Otherwise

`engine = "copy"` in an entry of its own says that the file is to be copied as it is.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.generated().filter(|(source, _)| source.role == Role::Copy) {
        let mut tags = source.tags().iter().filter(|tag| tag.kind == Kind::Expression);
        let is_read = |tag: &Tag| {
            // `${{ … }}` is another language's.
            let is_other = text.get(..tag.whole.start).is_some_and(|before| before.ends_with('$'));
            let names = tokens::names(tag.inside(text));
            !is_other && names.first().is_some_and(|first| !first.is_member && subject.declares(first.name))
        };
        let Some(tag) = tags.find(|tag| is_read(tag)) else { continue };
        let entry = subject.facts.templates.iter().find(|template| template.source == source.path);
        let said = entry.and_then(|entry| subject.string(&format!("/templates/{}/engine", entry.entry)));
        if said.is_none() {
            let message = format_args!("{} has an expression but is copied", quoted(source.path));
            findings.text(source, tag.whole.clone(), message, "add `.jinja` to its name, or write `engine = \"copy\"`");
        }
    }
}
