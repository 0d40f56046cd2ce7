//! `templates/machine-path`: a text does not name the author's folders.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "templates/machine-path",
    summary: "a path in somebody's home folder",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A path in a home folder works on one machine, and tells everybody a user name. Paths with
placeholders and with the accounts of well-known images (`/home/runner`) are fine.

## Fails

```pack
[[templates]]
source = "run.sh"
output = "run.sh"

==> run.sh
exec /home/ada/bin/serve
```

```pack
[[templates]]
source = "run.toml"
output = "run.toml"

==> run.toml
program = 'C:\Users\Ada\serve.exe'
```

## Passes

```pack
[variables.account]
type = "string"
prompt = "Account"
default = "service"

[[templates]]
source = "run.sh.jinja"
output = "run.sh"

==> run.sh.jinja
cd /home/{{ account }}
cp "/home/$USER/settings" /home/user/
exec "$HOME/bin/serve"
```
"#;

/// Names that are nobody's.
const NOBODY: &[&str] = &[
    "all", "app", "build", "default", "example", "git", "jovyan", "me", "name", "node", "nobody", "nonroot", "public",
    "runner", "shared", "ubuntu", "user", "username", "vscode", "you", "your", "yourname",
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.generated() {
        if !source.has_any(b"/\\") {
            continue;
        }
        for folder in ["/home/", "/Users/", ":\\Users\\", ":\\\\Users\\\\"] {
            for (at, _) in text.match_indices(folder) {
                let rest = text.get(at + folder.len()..).unwrap_or_default();
                let end = rest.find(|character: char| !character.is_alphanumeric() && !"_-.".contains(character));
                let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                let before = text.get(..at).and_then(|before| before.chars().next_back());
                // `example.org/home/index` is an address.
                let inside =
                    before.is_some_and(|character| character.is_alphanumeric() || "./-_}$".contains(character));
                let inside = inside && !folder.starts_with(':');
                if name.is_empty() || inside || NOBODY.contains(&name.to_ascii_lowercase().as_str()) {
                    continue;
                }
                let range = at..at + folder.len() + name.len();
                let shown = quoted(text.get(range.clone()).unwrap_or_default().trim_start_matches(':'));
                findings.text(
                    source,
                    range,
                    format_args!("{shown} is a folder on one machine"),
                    "use a relative path or a variable",
                );
            }
        }
    }
}
