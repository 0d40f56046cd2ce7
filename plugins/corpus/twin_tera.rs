//! The plain crate tera, with the settings that the documentation names. Knows nothing of the guest.

use std::collections::HashMap;

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase};
use tera::{Context, Kwargs, State, Tera, Value};

/// An engine with the documented settings.
pub fn engine() -> Tera {
    let mut tera = Tera::default();
    tera.autoescape_on(Vec::<String>::new());
    tera.register_filter("snake_case", |text: &str, _: Kwargs, _: &State| text.to_snake_case());
    tera.register_filter("kebab_case", |text: &str, _: Kwargs, _: &State| text.to_kebab_case());
    tera.register_filter("pascal_case", |text: &str, _: Kwargs, _: &State| text.to_pascal_case());
    tera.register_filter("camel_case", |text: &str, _: Kwargs, _: &State| text.to_lower_camel_case());
    tera.register_filter("shouty_snake_case", |text: &str, _: Kwargs, _: &State| text.to_shouty_snake_case());
    tera.register_filter("title_case", |text: &str, _: Kwargs, _: &State| text.to_title_case());
    tera.register_filter("tojson", |value: &Value, arguments: Kwargs, _: &State| -> tera::TeraResult<String> {
        let json = serde_json::to_value(value).map_err(|error| tera::Error::message(error.to_string()))?;
        Ok(super::twin_json::text(&json, arguments.get::<usize>("indent")?))
    });
    tera
}

/// The context of a document.
pub fn context(json: &str) -> Context {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    Context::from_serialize(&value).expect("an object")
}

/// Renders a template; the error is the engine's text.
pub fn render(template: &str, partials: &[(String, String)], json: &str, locals: &str) -> Result<String, String> {
    let mut tera = engine();
    // Not all cases need all partials to be right.
    let right = partials.iter().filter(|(name, text)| {
        let alone = Tera::default().add_raw_template(name, text);
        !alone.is_err_and(|error| matches!(error.kind(), tera::ErrorKind::SyntaxError(_)))
    });
    let mut all: HashMap<&str, &str> = right.map(|(name, text)| (name.as_str(), text.as_str())).collect();
    all.insert("main", template);
    tera.add_raw_templates(all).map_err(|error| error.to_string())?;
    let mut variables = context(json);
    variables.extend(context(locals));
    tera.render("main", &variables).map_err(|error| error.to_string())
}
