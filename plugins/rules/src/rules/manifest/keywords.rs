//! `manifest/keywords`: a pack can be found by a few words.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/keywords",
    summary: "no keywords, too many of them, or some that searches miss",
    severity: Severity::Note,
    options: &[("max", 10)],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Searches match keywords. This works best with a few keywords, each listed once, in lower case, with
dashes for spaces.

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
keywords = ["Rust", "cli", "cli", "command line"]
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
keywords = ["rust", "cli", "command-line"]
```

## Options

`max` (10): the most keywords that a pack may have.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let keywords = subject.value("/pack/keywords").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if keywords.is_empty() {
        let help = "name a few, for instance `keywords = [\"rust\", \"cli\"]`";
        findings.key("/pack/keywords", format_args!("the pack has no keywords"), help);
    }
    let max = findings.option("max");
    if keywords.len() > max {
        let message = format_args!("the pack has {} keywords, more than {max}", keywords.len());
        findings.key("/pack/keywords", message, "keep those that somebody would search for");
    }
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (index, keyword) in keywords.iter().enumerate() {
        let keyword = keyword.as_str().unwrap_or_default();
        let at = format!("/pack/keywords/{index}");
        if let Some(first) = seen.get(&keyword.to_lowercase()) {
            let message = format_args!("the keyword {} is listed twice", quoted(keyword));
            findings.keys(&at, first, message, "remove one of them");
            continue;
        }
        if keyword.is_empty() || keyword.chars().any(|character| character.is_uppercase() || character.is_whitespace())
        {
            let message = format_args!("the keyword {} is not a lower-case word", quoted(keyword));
            findings.key(&at, message, "write it in lower case, with `-` for spaces");
        }
        seen.insert(keyword.to_lowercase(), at);
    }
}
