//! `.length`, which lists and texts have in Handlebars.js: paths that end in it become calls of a helper.

use handlebars::template::{HelperTemplate, Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Helper, Path, PathAndJson, RenderError, Template};
use serde_json::Value;

use crate::{call, tree};

const HELPER: &str = "packbox_length";

/// Adds what the rewritten paths call.
pub fn add_to(engine: &mut Handlebars<'_>) {
    call::add_value(engine, HELPER, length);
}

/// Rewrites the paths of a template.
pub fn rewrite(template: &mut Template) {
    for element in &mut template.elements {
        match element {
            TemplateElement::Expression(inner)
            | TemplateElement::HtmlExpression(inner)
            | TemplateElement::HelperBlock(inner) => helper(inner),
            TemplateElement::PartialExpression(inner)
            | TemplateElement::PartialBlock(inner)
            | TemplateElement::DecoratorExpression(inner)
            | TemplateElement::DecoratorBlock(inner) => {
                inner.params.iter_mut().chain(inner.hash.values_mut()).for_each(|value| parameter(value, false));
            }
            _ => {}
        }
        tree::inner(element).for_each(rewrite);
    }
}

fn helper(helper: &mut HelperTemplate) {
    let lenient = matches!(helper.name.as_name(), Some("if" | "unless" | "not" | "and" | "or"));
    helper.params.iter_mut().chain(helper.hash.values_mut()).for_each(|value| parameter(value, lenient));
    if helper.params.is_empty()
        && !helper.block
        && let Some(call) = rewritten(&helper.name, false)
    {
        helper.name = call.name;
        helper.params = call.params;
    }
}

fn parameter(value: &mut Parameter, lenient: bool) {
    if let Parameter::Subexpression(inner) = value {
        if let TemplateElement::Expression(inner) = inner.element.as_mut() {
            helper(inner);
        }
    } else if let Some(call) = rewritten(value, lenient) {
        *value = Parameter::Subexpression(Subexpression::new(call.name, call.params, call.hash));
    }
}

/// The helper's call in place of a path.
fn rewritten(path: &Parameter, lenient: bool) -> Option<HelperTemplate> {
    let Parameter::Path(Path::Relative((_, path))) = path else { return None };
    let whole = path.strip_suffix(".length").filter(|whole| !whole.is_empty() && !path.contains('"'))?;
    let text = format!("{{{{{HELPER} {whole} \"{path}\" {lenient}}}}}");
    match tree::element(&text)? {
        TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => Some(*call),
        _ => None,
    }
}

/// `{{packbox_length value "value.length" lenient}}`.
fn length(helper: &Helper<'_>) -> Result<Option<Value>, RenderError> {
    let length = match helper.param(0).map(PathAndJson::value) {
        Some(Value::Array(items)) => Some(Value::from(items.len())),
        Some(Value::String(text)) => Some(Value::from(text.encode_utf16().count())),
        Some(Value::Object(map)) => map.get("length").cloned(),
        _ => None,
    };
    let lenient = helper.param(2).is_some_and(|lenient| *lenient.value() == Value::Bool(true));
    if length.is_some() || lenient {
        return Ok(length);
    }
    let path = helper.param(1).and_then(|path| path.value().as_str()).map(str::to_owned);
    Err(RenderError::strict_error(path.as_ref()))
}
