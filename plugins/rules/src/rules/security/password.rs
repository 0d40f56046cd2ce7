//! `security/password`: no password is published with a pack.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::lines;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/password",
    summary: "a password that looks real",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A password in a template is the same in every project that is made from it. The rule looks for
assignments to names such as `password` or `api_key` whose value mixes letters and digits as passwords do;
placeholders, expressions, words and paths are not reported.

## Fails

```pack
[[templates]]
source = "settings.toml"
output = "settings.toml"

==> settings.toml
password = "k3Jx9Qm2vT7w"
```

## Passes

```pack
[variables.admin]
type = "string"
prompt = "Administrator"
default = "root"

[[templates]]
source = "settings.toml.jinja"
output = "settings.toml"

==> settings.toml.jinja
user = {{ admin | tojson }}
password = "changeme"
api_key = "${API_KEY}"
secret = "<your secret 1 here>"
password_file = "/run/secrets/db1"
token = "{{ admin }}-token-1234567"
```
"#;

/// How the names of such settings end.
const NAMES: &[&str] = &["password", "passwd", "secret", "token", "api_key", "apikey", "access_key", "private_key"];

/// Shorter values are words or placeholders more often than passwords.
const LEAST: usize = 10;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.generated().filter(|(source, _)| source.has_any(b"=:")) {
        for (start, line) in lines(text) {
            let Some(at) = line.find(['=', ':']) else { continue };
            let (left, right) = line.split_at(at);
            let name = left.trim_end().trim_end_matches(['"', '\'']);
            let Some(ending) = NAMES.iter().find(|ending| ends_with_ignoring_case(name, ending)) else { continue };
            let value = right.trim_start_matches(['=', ':', ' ', '\t']);
            let Some(quote) = value.chars().next().filter(|first| matches!(first, '"' | '\'')) else { continue };
            let Some((value, _)) = value.get(1..).and_then(|rest| rest.split_once(quote)) else { continue };
            if looks_random(value) {
                let offset = start + line.len() - right.len() + right.find(value).unwrap_or_default();
                let message = format_args!("this looks like a real {}", quoted(ending));
                findings.text(
                    source,
                    offset..offset + value.len(),
                    message,
                    "ask for it, or let the program read it at run time",
                );
            }
        }
    }
}

fn ends_with_ignoring_case(name: &str, ending: &str) -> bool {
    let start = name.len().checked_sub(ending.len());
    start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// Says whether a value mixes letters and digits, without anything that a placeholder or a path has.
fn looks_random(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=!@#%^&*-_".contains(&byte);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let lower = value.bytes().filter(u8::is_ascii_lowercase).count();
    let upper = value.bytes().filter(u8::is_ascii_uppercase).count();
    let changes =
        value.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    value.len() >= LEAST
        && value.bytes().all(is_allowed)
        && digits >= 2
        && lower >= 2
        && (upper >= 2 || digits >= 4)
        && changes >= 4
}
