//! What to do instead of what other Handlebars have, or JavaScript, and this one does not.

use renderer::hints;
use serde_json::Value;

use crate::helpers::HELPERS;

/// What to do instead of a helper that there is not; `value` is that of the variable of its name.
#[must_use]
pub fn helper(name: &str, value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Array(_)) => return Some(format!("`{name}` is a list: use `{{{{#each {name}}}}}`")),
        Some(Value::Object(_)) => {
            return Some(format!("`{name}` is a table: use `{{{{#with {name}}}}}` or `{{{{#each {name}}}}}`"));
        }
        Some(_) => return Some(format!("`{name}` is a variable: use `{{{{#if {name}}}}}`, or `{{{{{name}}}}}` alone")),
        None => {}
    }
    let instead = match name {
        "lower" | "lowercase" | "toLowerCase" | "downcase" | "upper" | "uppercase" | "toUpperCase" | "upcase"
        | "capitalize" | "title" | "slugify" => {
            "the helpers that change case are `snake_case`, `kebab_case`, `pascal_case`, `camel_case`, `shouty_snake_case`, \
             `title_case`"
        }
        "equals" | "equal" | "is" | "ifEquals" | "ifEq" | "ifeq" | "ifCond" | "compare" => {
            "use `eq`: `{{#if (eq a b)}}`"
        }
        "json" | "toJson" | "toJSON" | "stringify" | "JSONstringify" => "use `tojson`",
        "length" | "size" | "count" => "use `len`: `{{len list}}`",
        _ => "",
    };
    if !instead.is_empty() {
        return Some(instead.to_owned());
    }
    hints::nearest(name, HELPERS.iter().copied()).is_none().then(|| {
        let shown = HELPERS.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        format!("the helpers are {shown}")
    })
}

/// What to write instead of an operator, which tags do not have; `rest` begins where a tag can't be read.
#[must_use]
pub fn operator(rest: &str, before: &str) -> Option<String> {
    // The first `=` is read as that of a named value.
    let before = if rest.starts_with('=') { before.trim_end_matches('=') } else { before };
    let left = before.trim_end().rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '{')).next().unwrap_or("a");
    let after = rest.trim_start_matches(['=', '!', '<', '>', '&', '|']);
    let right = after.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ')' | '}')).next().unwrap_or("b");
    let (left, right) = (if left.is_empty() { "a" } else { left }, if right.is_empty() { "b" } else { right });
    let name = match () {
        () if rest.starts_with("!=") => "ne",
        () if rest.starts_with('=') => "eq",
        () if rest.starts_with(">=") => "gte",
        () if rest.starts_with('>') => "gt",
        () if rest.starts_with("<=") => "lte",
        () if rest.starts_with('<') => "lt",
        () if rest.starts_with("&&") => "and",
        () if rest.starts_with("||") => "or",
        () if rest.starts_with('!') => return Some(format!("there are no operators; write `(not {right})`")),
        () if rest.starts_with('|') => return Some("there are no filters; write `{{helper value}}`".to_owned()),
        () => return None,
    };
    Some(format!("there are no operators; write `({name} {left} {right})`"))
}
