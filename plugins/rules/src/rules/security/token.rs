//! `security/token`: no access token is published with a pack.

use memchr::memchr3_iter;

use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::rules::security::{ANCHORS, KINDS, is_word, matches_at};

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/token",
    summary: "an access key or token in plain text",
    severity: Severity::Error,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Anyone who has the pack has the token. Revoke it even if the pack is not published yet: it is in
the history of the files. The rule knows the shapes of the keys and tokens of AWS, GitHub, GitLab, Google, npm, PyPI,
Slack and Stripe; keys that are marked as an `EXAMPLE` are not reported.

## Fails

```pack
[[templates]]
source = "deploy.sh"
output = "deploy.sh"

==> deploy.sh (escaped)
export GITHUB_TOKEN=\x67hp_abcdefghijklmnopqrstuvwxyz0123456789
```

## Passes

```pack
[[templates]]
source = "deploy.sh.jinja"
output = "deploy.sh"

==> deploy.sh.jinja (escaped)
export GITHUB_TOKEN="${GITHUB_TOKEN:?}"{# the name of a variable #}
export AWS_ACCESS_KEY_ID=\x41KIAIOSFODNN7EXAMPLE
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (source, text) in subject.readable() {
        let bytes = text.as_bytes();
        let mut end = 0;
        let [first, second, third] = ANCHORS;
        for anchor in memchr3_iter(first, second, third, bytes) {
            let found = KINDS.iter().find_map(|shape| {
                let at = anchor.checked_sub(shape.anchor()).filter(|at| *at >= end)?;
                let is_word_inside = at > 0 && bytes.get(at - 1).copied().is_some_and(is_word);
                if is_word_inside { None } else { Some((shape, at, matches_at(shape, bytes, at)?)) }
            });
            let Some((shape, at, found_end)) = found else { continue };
            end = found_end;
            if !text.get(at..end).is_some_and(|token| token.contains("EXAMPLE")) {
                let help = "revoke it, and let the program read it from its environment";
                findings.text(source, at..end, format_args!("this looks like {}", shape.owner), help);
            }
        }
    }
}
