//! What packbox adds to the helpers of the engine, and the names of all helpers.

use handlebars::{Handlebars, Helper, PathAndJson, RenderError, RenderErrorReason};
use renderer::cases::CASES;
use renderer::json;
use serde_json::Value;

use crate::call::{add_value, argument};
use crate::{length, logic, refuse, standalone};

/// The names of all helpers, sorted: the engine's own and the ones of this module.
pub const HELPERS: &[&str] = &[
    "and",
    "camel_case",
    "each",
    "eq",
    "gt",
    "gte",
    "if",
    "kebab_case",
    "len",
    "log",
    "lookup",
    "lt",
    "lte",
    "ne",
    "not",
    "or",
    "pascal_case",
    "raw",
    "shouty_snake_case",
    "snake_case",
    "title_case",
    "tojson",
    "toml_string",
    "unless",
    "with",
];

/// Adds packbox's helpers: the case filters, `toml_string`, `tojson`, and those of other modules.
pub fn add_to(engine: &mut Handlebars<'_>) {
    logic::add_to(engine);
    length::add_to(engine);
    refuse::add_to(engine);
    standalone::add_to(engine);
    for (name, filter) in CASES {
        add_value(engine, name, move |helper| match argument(helper, 0)? {
            Value::String(text) => Ok(Some(Value::String(filter(text)))),
            other => {
                let (found, wanted) = (kind(other).to_owned(), "text".to_owned());
                Err(RenderErrorReason::ParamTypeMismatchForName(name, found, wanted).into())
            }
        });
    }
    add_value(engine, "tojson", tojson);
}

/// Names what a value is, as authors know it.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "none",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// `{{tojson value}}` on one line, `{{tojson value indent=2}}` on several.
fn tojson(helper: &Helper<'_>) -> Result<Option<Value>, RenderError> {
    let indent = match helper.hash_get("indent").map(PathAndJson::value) {
        None | Some(Value::Null) => None,
        Some(Value::Number(width)) if width.is_u64() => {
            Some(width.as_u64().and_then(|width| usize::try_from(width).ok()).unwrap_or(usize::MAX))
        }
        Some(_) => {
            let (name, kind) = ("indent".to_owned(), "number".to_owned());
            return Err(RenderErrorReason::HashTypeMismatchForName("tojson", name, kind).into());
        }
    };
    let text = json::to_text(argument(helper, 0)?, indent).map_err(RenderErrorReason::Other)?;
    Ok(Some(Value::String(text)))
}
