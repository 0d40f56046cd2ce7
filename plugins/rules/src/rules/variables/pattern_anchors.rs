//! `variables/pattern-anchors`: a pattern describes the whole value.

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables/pattern-anchors",
    summary: "a pattern that any part of a value may match",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"A pattern is satisfied by any part of the value that matches: `[a-z]+` accepts `Hello; rm -rf
/`. Write `^…$` to describe the whole value. Alternatives need parentheses: `^a|b$` anchors each of them on one side only.

## Fails

```pack
[variables.crate_name]
type = "string"
prompt = "Crate name"
pattern = "[a-z][a-z0-9_-]*"
default = "demo"
```

```pack
[variables.level]
type = "string"
prompt = "Level"
pattern = "^debug|info$"
default = "info"
```

## Passes

```pack
[variables.crate_name]
type = "string"
prompt = "Crate name"
pattern = "^[a-z][a-z0-9_-]*$"
default = "demo"

[variables.level]
type = "string"
prompt = "Level"
pattern = "^(debug|info)$"
default = "info"
```

## Otherwise

A pattern that only a part is meant to match can say so: `^.*@.*$`.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for variable in subject.variables() {
        let Some(pattern) = variable.string("pattern") else { continue };
        let at = variable.pointer("pattern");
        let whole = without_flags(pattern);
        let begins = whole.starts_with('^') || whole.starts_with("\\A");
        let ends = (whole.ends_with('$') && !whole.ends_with("\\$")) || whole.ends_with("\\z");
        if !(begins && ends) {
            let message = format_args!("the pattern of {} may match any part of a value", quoted(variable.name));
            findings.key(&at, message, "write `^…$` for the whole value");
        } else if has_top_level_alternative(whole) {
            let message = format_args!(
                "the alternatives of the pattern of {} are anchored on one side only",
                quoted(variable.name)
            );
            findings.key(&at, message, "put them in parentheses: `^(a|b)$`");
        }
    }
}

/// Takes off flags such as `(?i)` at the beginning.
fn without_flags(pattern: &str) -> &str {
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    match flags {
        Some((flags, rest)) if flags.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') => rest,
        _ => pattern,
    }
}

/// Says whether a `|` stands outside of all groups and sets, so that anchors hold for one alternative only. Where every
/// alternative has both, that is fine.
fn has_top_level_alternative(pattern: &str) -> bool {
    let (mut depth, mut in_set, mut escaped) = (0_i32, false, false);
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, byte) in pattern.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b']' => in_set = false,
            _ if in_set => {}
            b'[' => in_set = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'|' if depth == 0 => {
                parts.push(pattern.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(pattern.get(start..).unwrap_or_default());
    parts.len() > 1 && !parts.iter().all(|part| part.starts_with('^') && part.ends_with('$'))
}
