//! What to do instead of what other languages have and Tera does not, in plain words.

use std::ops::Range;

use renderer::hints;

use crate::filters::FILTERS;

/// What to do instead of a filter.
#[must_use]
pub fn filter(name: &str) -> Option<&'static str> {
    Some(match name {
        "lowercase" | "downcase" | "toLowerCase" => "use `lower`",
        "uppercase" | "upcase" | "toUpperCase" => "use `upper`",
        "slugify" => "use `kebab_case`, or `snake_case` for `_` between the words",
        "len" | "size" | "count" => "use `length`",
        "strip" => "use `trim`",
        "json" | "json_encode" | "to_json" | "toJson" | "jsonify" => "use `tojson`",
        "date" => "there is no clock: make the date a variable",
        "concat" => "use `~` for text: `a ~ b`",
        "urlencode" | "filesizeformat" => "there is no such filter: make it a variable",
        _ => return None,
    })
}

/// What to do instead of a test.
#[must_use]
pub fn test(name: &str) -> Option<String> {
    let instead = match name {
        "startswith" | "starts_with" | "startingwith" | "starts" => {
            "use `starting_with`: `x is starting_with(pat=\"a\")`"
        }
        "endswith" | "ends_with" | "endingwith" | "ends" => "use `ending_with`: `x is ending_with(pat=\"a\")`",
        "contains" | "has" | "in" => "write `\"a\" in x`",
        "null" | "nil" => "use `none`",
        "divisible" | "divisibleby" => "use `divisible_by`: `x is divisible_by(divisor=3)`",
        "dict" | "mapping" | "object" | "hash" => "use `map`",
        "list" | "sequence" | "tuple" => "use `array`",
        "boolean" => "use `bool`",
        "str" | "text" => "use `string`",
        "int" => "use `integer`",
        "true" => "write `x` alone",
        "false" => "write `not x`",
        "eq" | "equalto" | "sameas" | "same" => "write `a == b`",
        "ne" => "write `a != b`",
        "gt" | "greaterthan" => "write `a > b`",
        "ge" => "write `a >= b`",
        "lt" | "lessthan" => "write `a < b`",
        "le" => "write `a <= b`",
        "lower" | "lowercase" => "write `x == x | lower`",
        "upper" | "uppercase" => "write `x == x | upper`",
        _ => return hints::foreign_test(name, false),
    };
    Some(instead.to_owned())
}

/// What to do instead of a function.
#[must_use]
pub fn function(name: &str) -> Option<String> {
    Some(match name {
        "now" | "today" => "there is no clock: make the date a variable".to_owned(),
        "get_env" | "getenv" | "env" => "there is no environment: make it a variable".to_owned(),
        "get_random" | "random" | "uuid" => {
            "there are no random numbers: the same variables give the same text".to_owned()
        }
        "len" => "use the filter `length`: `x | length`".to_owned(),
        name if FILTERS.contains(&name) => format!("use the filter `{name}`: `x | {name}`"),
        _ => return None,
    })
}

/// The message and help for what the engine refuses because of a type.
#[must_use]
pub fn operation(message: &str, text: &str) -> Option<(String, Option<&'static str>)> {
    let mut types = message.split('`').skip(1).step_by(2);
    if message.starts_with("Iteration not possible on type") {
        let shown = if text.trim().is_empty() { "the value".to_owned() } else { format!("`{}`", text.trim()) };
        return Some((format!("{shown} is {}, not a list or a table", kind(types.next()?)), None));
    }
    if message.starts_with("Invalid type for the value, expected ") {
        let (wanted, found) = (types.next()?, types.next()?);
        return Some((format!("the value is {}, but must be {}", kind(found), kind(wanted)), None));
    }
    if message.starts_with("`+` requires both operands") {
        let (found, other) = (types.nth(1)?, types.next()?);
        let message = format!("`+` adds numbers, not {} and {}", kind(found), kind(other));
        return Some((message, Some("`~` joins values as text: `a ~ b`")));
    }
    None
}

fn kind(name: &str) -> &str {
    match name {
        "u64" | "i64" | "u128" | "i128" | "f64" => "a number",
        "bool" => "a boolean",
        "string" => "text",
        "array" => "a list",
        "map" | "struct" | "map/struct" => "a table",
        other => other,
    }
}

/// The message and help for what the engine can't read at a place.
#[must_use]
pub fn syntax(text: &str, message: &str, at: &Range<usize>) -> Option<(String, String)> {
    let (before, rest) = (text.get(..at.start)?, text.get(at.start..)?);
    let tag = &before[before.rfind("{{").max(before.rfind("{%"))?..];
    let said = message.to_lowercase();
    if said.starts_with("function calls are only allowed") {
        let name = text.get(at.clone())?.trim_matches(['.', '(', ')', ' ']);
        let near =
            Some(name).filter(|name| FILTERS.contains(name)).or_else(|| hints::nearest(name, FILTERS.iter().copied()));
        let near = near.map_or_else(
            || "use a filter: `x | lower`".to_owned(),
            |near| format!("use the filter `{near}`: `x | {near}`"),
        );
        return Some(("values have no methods".to_owned(), near));
    }
    let operator = match () {
        () if rest.starts_with("&&") => Some(("&&", "write `and`")),
        () if rest.starts_with("||") => Some(("||", "write `or`")),
        () if rest.starts_with('!') && !rest.starts_with("!=") => Some(("!", "write `not`")),
        () if rest.starts_with('=') && !rest.starts_with("==") && !tag.contains('(') => {
            Some(("=", "write `==` to compare"))
        }
        () if rest.starts_with('?') => Some(("?", "write `a if condition else b`")),
        () => None,
    };
    if let Some((sign, help)) = operator {
        return Some((format!("unexpected `{sign}`"), help.to_owned()));
    }
    if said.contains("expected string") && (tag.contains("include") || tag.contains("extends")) {
        let help =
            "write its path: `{% include \"partials/a.tera\" %}`, or choose between several with `if`".to_owned();
        return Some(("a partial is named by a text in quotes".to_owned(), help));
    }
    if !said.contains("expected identifier") && !said.contains("expected =") {
        return None;
    }
    if before.ends_with('.') && rest.starts_with(|first: char| first.is_ascii_digit()) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        return Some(("the index of a list item is written in brackets".to_owned(), format!("write `list[{digits}]`")));
    }
    let (call, _) = tag.rsplit_once('(')?;
    let name = call.trim_end().rsplit(|sign: char| !(sign == '_' || sign.is_alphanumeric())).next()?;
    if let Some(help) = function(name).filter(|_| !call.contains('|')) {
        return Some((format!("unknown function `{name}`"), help));
    }
    let example = match name {
        "replace" => "from=\"a\", to=\"b\"",
        "default" => "value=\"x\"",
        "truncate" => "length=10",
        "join" => "sep=\", \"",
        "split" => "pat=\",\"",
        "range" => "end=3",
        "round" => "precision=2",
        "nth" => "n=0",
        "get" => "key=\"a\"",
        "group_by" | "sort" | "unique" => "attribute=\"name\"",
        _ => "name=value",
    };
    (!name.is_empty()).then(|| ("arguments are given by name".to_owned(), format!("write `{name}({example})`")))
}
