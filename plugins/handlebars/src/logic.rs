//! The helpers that compare and look up. They replace the crate's, which say of what is missing that an argument is not
//! there; here it is named, and `not` takes it as false.

use std::cmp::Ordering;
use std::str::FromStr;

use handlebars::{Handlebars, Helper, JsonTruthy, PathAndJson, RenderError};
use serde_json::{Number, Value};

use crate::call::{add_test, add_value, argument};

/// Adds the helpers of this module.
pub fn add_to(engine: &mut Handlebars<'_>) {
    let comparisons: [(&str, Comparison); 6] = [
        ("eq", |one, other| one == other),
        ("ne", |one, other| one != other),
        ("gt", |one, other| compared(one, other) == Some(Ordering::Greater)),
        ("gte", |one, other| compared(one, other).is_some_and(Ordering::is_ge)),
        ("lt", |one, other| compared(one, other) == Some(Ordering::Less)),
        ("lte", |one, other| compared(one, other).is_some_and(Ordering::is_le)),
    ];
    for (name, holds) in comparisons {
        add_test(engine, name, move |helper| Ok(holds(argument(helper, 0)?, argument(helper, 1)?)));
    }
    add_test(engine, "not", |helper| Ok(!helper.param(0).is_some_and(is_true)));
    add_value(engine, "len", len);
    add_value(engine, "lookup", lookup);
}

type Comparison = fn(&Value, &Value) -> bool;

/// Whether a value counts as true; what is missing does not.
fn is_true(value: &PathAndJson<'_>) -> bool {
    !value.is_value_missing() && value.value().is_truthy(false)
}

/// `{{len a}}`: items of a list, keys of a table, bytes of text.
fn len(helper: &Helper<'_>) -> Result<Option<Value>, RenderError> {
    let length = match argument(helper, 0)? {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.len(),
        _ => 0,
    };
    Ok(Some(Value::from(length)))
}

/// `{{lookup a b}}`.
fn lookup(helper: &Helper<'_>) -> Result<Option<Value>, RenderError> {
    let (from, key) = (argument(helper, 0)?, argument(helper, 1)?);
    let found = match from {
        Value::Array(items) => key.as_u64().and_then(|at| items.get(usize::try_from(at).ok()?)),
        Value::Object(map) => key.as_str().and_then(|key| map.get(key)),
        _ => None,
    };
    if let Some(found) = found {
        return Ok(Some(found.clone()));
    }
    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    let from = helper.param(0).and_then(|from| from.relative_path()).map_or("(…)", String::as_str);
    Err(RenderError::strict_error(Some(&format!("{from}.{key}"))))
}

/// Compares numbers, texts and booleans; a text that is a number compares with numbers.
fn compared(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => numbers(one, other),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::String(other)) => numbers(one, &Number::from_str(other).ok()?),
        (Value::String(one), Value::Number(other)) => numbers(&Number::from_str(one).ok()?, other),
        _ => None,
    }
}

/// Compares numbers exactly.
fn numbers(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        (Some(one), None) => with_float(one, other.as_f64()?),
        (None, Some(other)) => with_float(other, one.as_f64()?).map(Ordering::reverse),
        (None, None) => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// Compares an integer of at most 64 bits with a float.
fn with_float(integer: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "what is larger becomes the largest, and compares the same")]
    let whole = float.trunc() as i128;
    Some(integer.cmp(&whole).then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}
