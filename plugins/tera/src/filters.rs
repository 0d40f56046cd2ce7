//! What packbox adds to the filters of the engine, and the names of all filters, tests and functions.

use renderer::{cases, json};
use tera::value::Key;
use tera::{Error, Kwargs, Map, State, Tera, TeraResult, Value};

use crate::{finite, undefined};

/// The names of all filters, sorted: the engine's own and the ones of this module.
pub const FILTERS: &[&str] = &[
    "abs",
    "camel_case",
    "capitalize",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "kebab_case",
    "keys",
    "last",
    "length",
    "lower",
    "newlines_to_br",
    "nth",
    "pairs",
    "pascal_case",
    "pluralize",
    "replace",
    "reverse",
    "round",
    "safe",
    "shouty_snake_case",
    "snake_case",
    "sort",
    "split",
    "str",
    "title",
    "title_case",
    "tojson",
    "toml_string",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "values",
    "wordcount",
];

/// The names of all tests, sorted.
pub const TESTS: &[&str] = &[
    "array",
    "bool",
    "containing",
    "defined",
    "divisible_by",
    "ending_with",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "none",
    "number",
    "odd",
    "starting_with",
    "string",
    "undefined",
];

/// The names of all functions, sorted.
pub const FUNCTIONS: &[&str] = &["range", "super", "throw"];

/// Adds the filters of this module: the case filters, `toml_string`, `tojson`, and a `group_by` with an order.
pub fn add_to(engine: &mut Tera) {
    for (name, filter) in cases::CASES {
        engine.register_filter(name, move |text: &str, _: Kwargs, _: &State| filter(text));
    }
    engine.register_filter("tojson", tojson);
    engine.register_filter("group_by", group_by);
    engine.register_filter("round", round);
    engine.register_filter("float", float);
    engine.register_filter("str", text);
    engine.register_filter("join", join);
    engine.register_filter("safe", safe);
}

/// The engine's `str`, which also takes what is not finite.
fn text(value: &Value, _arguments: Kwargs, _state: &State) -> TeraResult<String> {
    undefined::check(value)?;
    finite::check(value).map(|()| value.to_string())
}

/// The engine's `safe`, which also takes what is undefined.
fn safe(value: &Value, _arguments: Kwargs, _state: &State) -> TeraResult<Value> {
    undefined::check(value)?;
    Ok(value.as_str().map_or_else(|| Value::safe_string(&value.to_string()), Value::safe_string))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over")]
/// The engine's `join`, which also takes what is not finite.
fn join(items: &[Value], arguments: Kwargs, _state: &State) -> TeraResult<String> {
    let separator = arguments.get::<&str>("sep")?.unwrap_or_default();
    items.iter().try_for_each(|item| undefined::check(item).and_then(|()| finite::check(item)))?;
    Ok(items.iter().map(Value::to_string).collect::<Vec<_>>().join(separator))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over")]
/// `tojson` on one line, `tojson(indent=2)` on several.
fn tojson(value: &Value, arguments: Kwargs, _state: &State) -> TeraResult<String> {
    undefined::check(value)?;
    let indent = arguments.get::<usize>("indent")?;
    json::to_text(value, indent).map_err(Error::message)
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over")]
/// The engine's `round`, which gives what is no number where the precision is large.
fn round(value: f64, arguments: Kwargs, _state: &State) -> TeraResult<f64> {
    let method = arguments.get::<&str>("method")?;
    let factor = 10.0_f64.powi(arguments.get::<i32>("precision")?.unwrap_or_default());
    let scaled = factor * value;
    if factor == 0.0 {
        return Err(Error::message("Invalid precision: it is below -300"));
    }
    if !scaled.is_finite() {
        // There are no digits at that precision.
        return Ok(value);
    }
    let rounded = match method {
        None => scaled.round() / factor,
        Some("ceil") => scaled.ceil() / factor,
        Some("floor") => scaled.floor() / factor,
        Some(other) => {
            let message = format!("Invalid argument for `method`: {other}; use `ceil` or `floor`");
            return Err(Error::message(message));
        }
    };
    finite::check(&Value::from(rounded)).map(|()| rounded)
}

/// The engine's `float`, which also gives what is no number, or infinite.
fn float(value: &Value, _arguments: Kwargs, _state: &State) -> TeraResult<f64> {
    let number = match value.as_str() {
        Some(text) => text.trim().parse::<f64>().ok(),
        None => value.as_number().map(|number| number.as_float()),
    };
    number.filter(|number| number.is_finite()).ok_or_else(|| {
        let what =
            value.as_str().map_or_else(|| format!("a value of type {}", value.name()), |text| format!("`{text}`"));
        Error::message(format!("Cannot make a finite number of {what}"))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over")]
/// The engine's `group_by`, which keeps groups in a hash map: here they stand in the order in which they first occur.
fn group_by(items: &[Value], arguments: Kwargs, _state: &State) -> TeraResult<Map> {
    let mut groups: Vec<(Key<'static>, Vec<Value>)> = Vec::new();
    let mut positions: std::collections::BTreeMap<Key<'static>, usize> = std::collections::BTreeMap::new();
    if items.is_empty() {
        return Ok(Map::new());
    }
    let attribute = arguments.must_get::<&str>("attribute")?;
    for (at, item) in items.iter().enumerate() {
        let value = item.get_from_path(attribute).ok_or_else(|| {
            Error::message(format!(
                "Value at index {at} (a {}) does not have an attribute at path: {attribute}",
                item.name()
            ))
        })?;
        if value.is_none() {
            continue;
        }
        let key = key(value)?;
        let position = *positions.entry(key.clone()).or_insert(groups.len());
        if position == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[position].1.push(item.clone());
    }
    Ok(groups.into_iter().map(|(key, items)| (key, Value::from(items))).collect())
}

/// Returns a value as the key of a map: a string, an integer or a boolean.
fn key(value: &Value) -> TeraResult<Key<'static>> {
    if let Some(text) = value.as_str() {
        return Ok(Key::from(text.to_owned()));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Key::Bool(flag));
    }
    if !value.is_f64() {
        if let Some(number) = value.as_u64() {
            return Ok(Key::U64(number));
        }
        if let Some(number) = value.as_i64() {
            return Ok(Key::I64(number));
        }
    }
    Err(Error::message(format!("Invalid type for a key of a group: `{}`", value.name())))
}
