//! The plain crate liquid, with the settings that the documentation names. Knows nothing of the guest.

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase};
use liquid::partials::{InMemorySource, LazyCompiler};
use liquid::{Object, Parser, ParserBuilder};
use liquid_core::{Display_filter, Filter, FilterReflection, ParseFilter, Result, Runtime, Value, ValueView};

macro_rules! case_filter {
    ($name:literal, $parser:ident, $filter:ident, $method:ident) => {
        #[derive(Clone, ParseFilter, FilterReflection)]
        #[filter(name = $name, description = "a case", parsed($filter))]
        struct $parser;

        #[derive(Debug, Default, Display_filter)]
        #[name = $name]
        struct $filter;

        impl Filter for $filter {
            fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
                Ok(Value::scalar(input.to_kstr().as_str().$method()))
            }
        }
    };
}

case_filter!("snake_case", Snake, SnakeFilter, to_snake_case);
case_filter!("kebab_case", Kebab, KebabFilter, to_kebab_case);
case_filter!("pascal_case", Pascal, PascalFilter, to_pascal_case);
case_filter!("camel_case", Camel, CamelFilter, to_lower_camel_case);
case_filter!("shouty_snake_case", Shouty, ShoutyFilter, to_shouty_snake_case);
case_filter!("title_case", Title, TitleFilter, to_title_case);

#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(name = "tojson", description = "JSON", parsed(JsonFilter))]
struct Json;

#[derive(Debug, Default, Display_filter)]
#[name = "tojson"]
struct JsonFilter;

impl Filter for JsonFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        let json = serde_json::to_value(input.to_value()).expect("JSON");
        Ok(Value::scalar(super::twin_json::text(&json, None)))
    }
}

/// An engine with the documented settings.
pub fn engine(partials: &[(String, String)]) -> Parser {
    let mut source = InMemorySource::new();
    for (name, text) in partials {
        source.add(name.clone(), text.clone());
    }
    ParserBuilder::with_stdlib()
        .filter(Snake)
        .filter(Kebab)
        .filter(Pascal)
        .filter(Camel)
        .filter(Shouty)
        .filter(Title)
        .filter(Json)
        .partials(LazyCompiler::new(source))
        .build()
        .expect("an engine")
}

/// The context of a document.
pub fn context(json: &str) -> Object {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    liquid::to_object(&value).expect("an object")
}

/// Renders a template; the error is the engine's text.
pub fn render(
    template: &str,
    partials: &[(String, String)],
    json: &str,
    locals: &str,
) -> std::result::Result<String, String> {
    let template = engine(partials).parse(template).map_err(|error| error.to_string())?;
    let mut variables = context(json);
    variables.extend(context(locals));
    template.render(&variables).map_err(|error| error.to_string())
}
