//! What packbox adds to the helpers of the engine, and the names of all helpers.

use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use renderer::cases::{CASES, TextFilter};
use renderer::json;
use serde_json::Value;

use crate::length;
use crate::logic::{self, argument};
use crate::standalone;

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

/// Adds packbox's helpers: the case filters, `toml_string`, `tojson`, and those of [`logic`].
pub fn add_to(engine: &mut Handlebars<'_>) {
    logic::add_to(engine);
    length::add_to(engine);
    standalone::add_to(engine);
    for (name, filter) in CASES {
        engine.register_helper(name, Box::new(Text { name, filter }));
    }
    engine.register_helper("tojson", Box::new(ToJson));
}

/// A helper from text to text: `{{snake_case name}}`.
struct Text {
    name: &'static str,
    filter: TextFilter,
}

impl HelperDef for Text {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = argument(helper, self.name, 0)?;
        if let Value::String(text) = value {
            return Ok(ScopedJson::Derived(Value::String((self.filter)(text))));
        }
        let (found, kind) = (kind(value).to_owned(), "text".to_owned());
        Err(RenderErrorReason::ParamTypeMismatchForName(self.name, found, kind).into())
    }
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
struct ToJson;

impl HelperDef for ToJson {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let indent = match helper.hash_get("indent").map(handlebars::PathAndJson::value) {
            None | Some(Value::Null) => None,
            Some(Value::Number(width)) if width.is_u64() => {
                Some(width.as_u64().and_then(|width| usize::try_from(width).ok()).unwrap_or(usize::MAX))
            }
            Some(_) => {
                let (name, kind) = ("indent".to_owned(), "number".to_owned());
                return Err(RenderErrorReason::HashTypeMismatchForName("tojson", name, kind).into());
            }
        };
        let text = json::to_text(argument(helper, "tojson", 0)?, indent).map_err(RenderErrorReason::Other)?;
        Ok(ScopedJson::Derived(Value::String(text)))
    }
}
