//! `plugins/limits`: a plugin is content with the default limits.

use serde_json::Value;

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};
use crate::subject::pointer;

/// The rule.
pub const RULE: Rule = Rule {
    id: "plugins/limits",
    summary: "a plugin that asks for higher limits than the defaults",
    severity: Severity::Note,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"The default limits are ample for turning a template into files. A plugin that needs more costs
everybody memory or time, and fails where a user's own limits are lower.

## Fails

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

[plugins.schema.limits]
memory = "512MiB"

==> schema.wasm
not a component
```

## Passes

```pack
[plugins.schema]
component = "schema.wasm"
sha256 = "39024c986ea90a9be90212d23b6a6df368b4e6d53162126b0a6b004c58275313"

[plugins.schema.limits]
memory = "32MiB"
time = "500ms"

==> schema.wasm
not a component
```

## Otherwise

Say in the pack's README why it needs more, and turn the rule off.
"#;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for (name, plugin) in subject.table("plugins") {
        for (limit, value) in plugin.get("limits").and_then(Value::as_object).into_iter().flatten() {
            let (fact, wanted) = if limit == "time" {
                ("time_ms", value.as_str().and_then(milliseconds))
            } else {
                (limit.as_str(), value.as_u64().or_else(|| value.as_str().and_then(bytes)))
            };
            let default = subject.facts.limits.get(fact);
            if let (Some(wanted), Some(default)) = (wanted, default)
                && wanted > *default
            {
                let message = format_args!("the plugin {} asks for more {limit} than the default", quoted(name));
                findings.key(&pointer(&["plugins", name, "limits", limit]), message, "lower it, or leave it out");
            }
        }
    }
}

/// Reads a size such as `64MiB`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Reads a time such as `500ms`.
fn milliseconds(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    match unit {
        "us" | "µs" => Some(number / 1_000),
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" | "min" => number.checked_mul(60_000),
        _ => None,
    }
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.replace('_', "").parse().ok()?, unit.trim()))
}
