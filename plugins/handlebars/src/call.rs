//! Helpers as functions from what they are given to a value, or to true or false.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, Renderable, ScopedJson,
};
use serde_json::Value;

/// Adds a helper that gives a value; none counts as undefined.
pub fn add_value<F>(engine: &mut Handlebars<'_>, name: &str, value: F)
where
    F: Fn(&Helper<'_>) -> Result<Option<Value>, RenderError> + Send + Sync + 'static,
{
    engine.register_helper(name, Box::new(Gives(value)));
}

/// Adds a helper that gives true or false, or chooses the part of a block that is rendered.
pub fn add_test<F>(engine: &mut Handlebars<'_>, name: &str, holds: F)
where
    F: Fn(&Helper<'_>) -> Result<bool, RenderError> + Send + Sync + 'static,
{
    engine.register_helper(name, Box::new(Tests(holds)));
}

/// Returns an argument; an error where there is none, or it is undefined.
pub fn argument<'a>(helper: &'a Helper<'_>, index: usize) -> Result<&'a Value, RenderError> {
    match helper.param(index) {
        Some(argument) if !argument.is_value_missing() => Ok(argument.value()),
        argument => Err(RenderError::strict_error(argument.and_then(|argument| argument.relative_path()))),
    }
}

struct Gives<F>(F);

impl<F: Fn(&Helper<'_>) -> Result<Option<Value>, RenderError>> HelperDef for Gives<F> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(self.0(helper)?.map_or(ScopedJson::Missing, ScopedJson::Derived))
    }
}

struct Tests<F>(F);

impl<F: Fn(&Helper<'_>) -> Result<bool, RenderError>> HelperDef for Tests<F> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let holds = self.0(helper)?;
        if !helper.is_block() {
            return Ok(out.write(if holds { "true" } else { "false" })?);
        }
        let part = if holds { helper.template() } else { helper.inverse() };
        part.map_or(Ok(()), |part| part.render(engine, context, state, out))
    }

    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(ScopedJson::Derived(Value::Bool(self.0(helper)?)))
    }
}
