//! `security/private-key`: no private key is published with a pack.

use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/private-key",
    summary: "a private key",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A key that everybody has is not private: all projects made from the pack could be impersonated
by anybody. Let the user make one.

## Fails

```pack
[[templates]]
source = "server.key"
output = "server.key"

==> server.key (escaped)
\x2d----BEGIN PRIVATE KEY-----
MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAq7BFUpkGp3+LQmlQ
\x2d----END PRIVATE KEY-----
```

## Passes

```pack
[variables.key]
type = "string"
prompt = "Key"
multiline = true
default = "none"

[[templates]]
source = "server.key.jinja"
output = "server.key"

==> server.key.jinja (escaped)
\x2d----BEGIN PRIVATE KEY-----
{{ key }}
\x2d----END PRIVATE KEY-----
```
"#;

/// What follows the dashes before a private key's kind.
const BEGIN: &str = "-----BEGIN ";

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.readable().filter(|(source, _)| source.has_any(b"-")) {
        for (at, _) in text.match_indices(BEGIN) {
            let rest = text.get(at + BEGIN.len()..).unwrap_or_default();
            let (title, body) = rest.split_once('\n').unwrap_or((rest, ""));
            let Some(kind) = title.trim_end().strip_suffix("-----") else { continue };
            let is_private = kind.ends_with("PRIVATE KEY") || kind.ends_with("PRIVATE KEY BLOCK");
            // A placeholder is no key.
            let is_data = body
                .trim_start()
                .bytes()
                .take(20)
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-: ,\r\n".contains(&byte));
            if is_private && is_data && !body.trim_start().is_empty() {
                let range = at..at + BEGIN.len() + title.trim_end().len();
                let message = format_args!("this is a private key");
                findings.text(source, range, message, "replace the key wherever it is used, and remove it here");
            }
        }
    }
}
