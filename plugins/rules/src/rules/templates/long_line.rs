//! `templates/long-line`: a template can be read.

use packbox_facts::Role;

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::lines;

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/long-line",
    summary: "a template line that is too long for anybody to read to its end",
    severity: Severity::Note,
    options: &[("max", 500)],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Text far to the right is not seen in a review, and that is where things are hidden. Data
such as an embedded image can be a file that is copied. Copied files are not checked.

## Fails

```pack
[variables.name]
type = "string"
prompt = "Name"
default = "demo"

[[templates]]
source = "a.txt.jinja"
output = "a.txt"

==> a.txt.jinja
{{ name }}                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        {{ name }}
```

## Passes

```pack
[variables.name]
type = "string"
prompt = "Name"
default = "demo"

[[templates]]
source = "a.txt.jinja"
output = "a.txt"

==> a.txt.jinja
{{ name }}
{{ name }}
```

## Options

`max` (500): how many characters a line may have.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let max = findings.option("max");
    for (source, text) in subject.generated().filter(|(source, _)| source.role != Role::Copy) {
        for (start, line) in lines(text).filter(|(_, line)| line.len() > max) {
            let length = line.chars().count();
            if length > max {
                let message =
                    format_args!("a line of {} has {length} characters, more than {max}", quoted(source.path));
                findings.text(source, start..start, message, "break it, or copy the data from a file");
            }
        }
    }
}
