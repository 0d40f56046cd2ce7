//! The plain crate handlebars, with the settings that the documentation names. Knows nothing of the guest.

use handlebars::{Context, Handlebars, Helper, Output, RenderContext, RenderError, RenderErrorReason};
use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase};
use serde_json::Value;

/// An engine with the documented settings.
pub fn engine() -> Handlebars<'static> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    case(&mut handlebars, "snake_case", str::to_snake_case);
    case(&mut handlebars, "kebab_case", str::to_kebab_case);
    case(&mut handlebars, "pascal_case", str::to_pascal_case);
    case(&mut handlebars, "camel_case", str::to_lower_camel_case);
    case(&mut handlebars, "shouty_snake_case", str::to_shouty_snake_case);
    case(&mut handlebars, "title_case", str::to_title_case);
    handlebars.register_helper(
        "tojson",
        Box::new(|helper: &Helper, _: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output| {
            let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("tojson", 0))?;
            let indent = helper.hash_get("indent").and_then(|indent| indent.value().as_u64());
            out.write(&super::twin_json::text(value.value(), indent.and_then(|indent| usize::try_from(indent).ok())))?;
            Ok(())
        }),
    );
    handlebars
}

fn case(handlebars: &mut Handlebars<'static>, name: &'static str, filter: fn(&str) -> String) {
    handlebars.register_helper(
        name,
        Box::new(
            move |helper: &Helper,
                  _: &Handlebars,
                  _: &Context,
                  _: &mut RenderContext,
                  out: &mut dyn Output|
                  -> Result<(), RenderError> {
                let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))?;
                match value.value() {
                    Value::String(text) => out.write(&filter(text))?,
                    _ => return Err(RenderErrorReason::InvalidParamType("string").into()),
                }
                Ok(())
            },
        ),
    );
}

/// Renders a template; the error is the engine's text.
pub fn render(template: &str, partials: &[(String, String)], json: &str, locals: &str) -> Result<String, String> {
    let mut handlebars = engine();
    for (name, text) in partials {
        // Not all cases need all partials to be right.
        let _ = handlebars.register_partial(name, text);
    }
    handlebars.register_template_string("main", template).map_err(|error| error.to_string())?;
    let mut variables: Value = serde_json::from_str(json).expect("JSON");
    let locals: serde_json::Map<String, Value> = serde_json::from_str(locals).expect("JSON");
    variables.as_object_mut().expect("an object").extend(locals);
    handlebars.render("main", &variables).map_err(|error| error.to_string())
}
