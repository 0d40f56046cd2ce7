//! `manifest/authors`: somebody answers for a pack.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/authors",
    summary: "a pack without authors, or an author that can't be read",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A pack's code and texts end up in other people's projects. Those people should know whom to ask. An
author is a name, with an address in angle brackets if there is one.

## Fails

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
authors = ["Ada Example <ada at example.org>"]
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
authors = ["Ada Example <ada@example.org>", "The platform team"]
```
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let authors = subject.value("/pack/authors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if authors.is_empty() {
        findings.key(
            "/pack/authors",
            format_args!("the pack names no authors"),
            "for instance `authors = [\"Ada Example\"]`",
        );
    }
    for (index, author) in authors.iter().enumerate() {
        let author = author.as_str().unwrap_or_default();
        if let Some(problem) = problem(author) {
            let at = format!("/pack/authors/{index}");
            findings.key(
                &at,
                format_args!("the author {} {problem}", quoted(author)),
                "write `Name <mail@example.org>`",
            );
        }
    }
}

fn problem(author: &str) -> Option<&'static str> {
    let (name, address) = match author.split_once('<') {
        Some((name, rest)) => match rest.trim_end().strip_suffix('>') {
            Some(address) => (name, Some(address)),
            None => return Some("does not close its angle bracket"),
        },
        None if author.contains('>') => return Some("does not open its angle bracket"),
        None => (author, None),
    };
    let is_address = |address: &str| {
        let parts = address.split_once('@');
        parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
            && !address.contains(char::is_whitespace)
    };
    match address {
        _ if name.trim().is_empty() => Some("has no name"),
        Some(address) if !is_address(address) && !address.starts_with("http") => Some("has an invalid address"),
        _ => None,
    }
}
