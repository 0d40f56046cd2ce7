//! What packbox adds to the filters of the engine, what it takes from them, and the names of all filters and tags.

use std::fmt;

use liquid_core::model::KString;
use liquid_core::parser::{FilterArguments, FilterReflection, ParameterReflection, ParseFilter};
use liquid_core::{Error, Expression, Filter, Result, Runtime, Value, ValueView};
use liquid_lib::stdlib;
use renderer::cases::{CASES, TextFilter};
use renderer::json;
use serde::{Serialize, Serializer};

use crate::arrays::Seeing;

/// The names of all filters, sorted: the engine's own and the ones of this module.
pub const FILTERS: &[&str] = &[
    "abs",
    "append",
    "at_least",
    "at_most",
    "camel_case",
    "capitalize",
    "ceil",
    "compact",
    "concat",
    "date",
    "default",
    "divided_by",
    "downcase",
    "escape",
    "escape_once",
    "first",
    "floor",
    "join",
    "kebab_case",
    "last",
    "lstrip",
    "map",
    "minus",
    "modulo",
    "newline_to_br",
    "pascal_case",
    "plus",
    "prepend",
    "remove",
    "remove_first",
    "replace",
    "replace_first",
    "reverse",
    "round",
    "rstrip",
    "shouty_snake_case",
    "size",
    "slice",
    "snake_case",
    "sort",
    "sort_natural",
    "split",
    "strip",
    "strip_html",
    "strip_newlines",
    "times",
    "title_case",
    "tojson",
    "toml_string",
    "truncate",
    "truncatewords",
    "uniq",
    "upcase",
    "url_decode",
    "url_encode",
    "where",
];

/// The names of all tags, sorted.
pub const TAGS: &[&str] = &[
    "assign",
    "break",
    "capture",
    "case",
    "comment",
    "continue",
    "cycle",
    "decrement",
    "for",
    "if",
    "ifchanged",
    "include",
    "increment",
    "raw",
    "render",
    "tablerow",
    "unless",
];

/// Returns the filters of this module: the case filters, `toml_string`, `tojson`, and a `date` without a clock.
#[must_use]
pub fn all() -> Vec<Box<dyn ParseFilter>> {
    let mut filters: Vec<Box<dyn ParseFilter>> = Vec::with_capacity(CASES.len() + 2);
    for (name, filter) in CASES {
        filters.push(Box::new(Text { name, filter }));
    }
    filters.push(Box::new(Seeing(ParseToJson)));
    filters.push(Box::new(ParseDate));
    filters
}

/// A filter from text to text; other values are an error, because their text is a matter of taste.
#[derive(Debug, Clone, Copy)]
struct Text {
    name: &'static str,
    filter: TextFilter,
}

impl ParseFilter for Text {
    fn parse(&self, mut arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        if arguments.positional.next().is_some() || arguments.keyword.next().is_some() {
            return Err(Error::with_msg(format!("the filter `{}` takes no arguments", self.name)));
        }
        Ok(Box::new(*self))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl FilterReflection for Text {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &'static str {
        "Writes text in another form."
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Filter for Text {
    fn evaluate(&self, input: &dyn ValueView, _runtime: &dyn Runtime) -> Result<Value> {
        match string(input) {
            Some(text) => Ok(Value::scalar(KString::from_string((self.filter)(&text)))),
            None => Err(Error::with_msg(format!("expected a string, got a value of type {}", input.type_name()))),
        }
    }
}

/// Returns the text of a string.
fn string(value: &dyn ValueView) -> Option<String> {
    if value.type_name() != "string" {
        return None;
    }
    value.as_scalar().map(|scalar| scalar.into_string().into_string())
}

/// `tojson` on one line, `tojson: indent: 2` on several.
#[derive(Debug, Clone, Copy)]
struct ParseToJson;

impl ParseFilter for ParseToJson {
    fn parse(&self, mut arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        if arguments.positional.next().is_some() {
            return Err(Error::with_msg("the filter `tojson` takes its argument by name: `tojson: indent: 2`"));
        }
        let mut indent = None;
        for (name, value) in arguments.keyword {
            if name != "indent" {
                return Err(Error::with_msg(format!("the filter `tojson` has no argument `{name}`")));
            }
            indent = Some(value);
        }
        Ok(Box::new(ToJson { indent }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl FilterReflection for ParseToJson {
    fn name(&self) -> &'static str {
        "tojson"
    }

    fn description(&self) -> &'static str {
        "Writes a value as JSON."
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[ParameterReflection { name: "indent", description: "Spaces for each level.", is_optional: true }]
    }
}

#[derive(Debug)]
struct ToJson {
    indent: Option<Expression>,
}

impl fmt::Display for ToJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("tojson")
    }
}

impl Filter for ToJson {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let indent = match &self.indent {
            None => None,
            Some(indent) => {
                let value = indent.evaluate(runtime)?;
                let width = value.as_scalar().and_then(|scalar| scalar.to_integer());
                match width.and_then(|width| usize::try_from(width).ok()) {
                    Some(width) => Some(width),
                    None => return Err(Error::with_msg("the argument `indent` of `tojson` is not a number")),
                }
            }
        };
        let text = json::to_text(&Json(input), indent).map_err(Error::with_msg)?;
        Ok(Value::scalar(KString::from_string(text)))
    }
}

/// A value as JSON: an object in its order.
struct Json<'a>(&'a dyn ValueView);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if let Some(list) = self.0.as_array() {
            serializer.collect_seq(list.values().map(Json))
        } else if let Some(object) = self.0.as_object() {
            serializer.collect_map(object.iter().map(|(key, value)| (key, Json(value))))
        } else {
            self.0.to_value().serialize(serializer)
        }
    }
}

/// The engine's `date`, without the words that stand for the present.
#[derive(Debug, Clone, Copy)]
struct ParseDate;

impl ParseFilter for ParseDate {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        Ok(Box::new(Date(stdlib::Date.parse(arguments)?)))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        stdlib::Date.reflection()
    }
}

#[derive(Debug)]
struct Date(Box<dyn Filter>);

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Filter for Date {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        if let Some(text) = string(input)
            && matches!(text.to_lowercase().trim(), "now" | "today")
        {
            return Err(Error::with_msg(format!("there is no clock: `{}` has no value", text.trim())));
        }
        self.0.evaluate(input, runtime)
    }
}
