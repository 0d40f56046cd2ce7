//! `.length`, which lists and texts have in Handlebars.js: paths that end in it become calls of a helper.

use handlebars::template::{HelperTemplate, Parameter, Subexpression, TemplateElement};
use handlebars::{Context, Handlebars, Helper, HelperDef, Path, RenderContext, RenderError, ScopedJson, Template};
use serde_json::Value;

const HELPER: &str = "packbox_length";

/// Adds what the rewritten paths call.
pub fn add_to(engine: &mut Handlebars<'_>) {
    engine.register_helper(HELPER, Box::new(Length));
}

/// Rewrites the paths of a template.
pub fn rewrite(template: &mut Template) {
    for element in &mut template.elements {
        match element {
            TemplateElement::Expression(helper)
            | TemplateElement::HtmlExpression(helper)
            | TemplateElement::HelperBlock(helper) => self::helper(helper),
            TemplateElement::PartialExpression(inner)
            | TemplateElement::PartialBlock(inner)
            | TemplateElement::DecoratorExpression(inner)
            | TemplateElement::DecoratorBlock(inner) => {
                inner.params.iter_mut().chain(inner.hash.values_mut()).for_each(|value| parameter(value, false));
                inner.template.iter_mut().for_each(rewrite);
            }
            _ => {}
        }
    }
}

fn helper(helper: &mut HelperTemplate) {
    let lenient = matches!(helper.name.as_name(), Some("if" | "unless" | "not" | "and" | "or"));
    helper.params.iter_mut().chain(helper.hash.values_mut()).for_each(|value| parameter(value, lenient));
    helper.template.iter_mut().chain(&mut helper.inverse).for_each(rewrite);
    if helper.params.is_empty()
        && !helper.block
        && let Some(call) = call(&helper.name, false)
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
    } else if let Some(call) = call(value, lenient) {
        *value = Parameter::Subexpression(Subexpression::new(call.name, call.params, call.hash));
    }
}

/// The helper's call in place of a path.
fn call(path: &Parameter, lenient: bool) -> Option<HelperTemplate> {
    let Parameter::Path(Path::Relative((_, path))) = path else { return None };
    let whole = path.strip_suffix(".length").filter(|whole| !whole.is_empty() && !path.contains('"'))?;
    let text = format!("{{{{{HELPER} {whole} \"{path}\" {lenient}}}}}");
    match Template::compile(&text).ok()?.elements.pop()? {
        TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => Some(*call),
        _ => None,
    }
}

/// `{{packbox_length value "value.length" lenient}}`.
struct Length;

impl HelperDef for Length {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let length = match helper.param(0).map(handlebars::PathAndJson::value) {
            Some(Value::Array(items)) => Some(Value::from(items.len())),
            Some(Value::String(text)) => Some(Value::from(text.encode_utf16().count())),
            Some(Value::Object(map)) => map.get("length").cloned(),
            _ => None,
        };
        let lenient = helper.param(2).is_some_and(|lenient| *lenient.value() == Value::Bool(true));
        match length {
            Some(length) => Ok(ScopedJson::Derived(length)),
            None if lenient => Ok(ScopedJson::Missing),
            None => {
                let path = helper.param(1).and_then(|path| path.value().as_str()).map(str::to_owned);
                Err(RenderError::strict_error(path.as_ref()))
            }
        }
    }
}
