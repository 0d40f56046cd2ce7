//! The helpers that compare and look up. They replace the crate's, which say of what is missing that an argument is not
//! there; here it is named, and `not` takes it as false.

use std::cmp::Ordering;
use std::str::FromStr;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, ScopedJson,
};
use serde_json::{Number, Value};

/// Adds the helpers of this module.
pub fn add_to(engine: &mut Handlebars<'_>) {
    let comparisons: [(&'static str, Comparison); 6] = [
        ("eq", |one, other| one == other),
        ("ne", |one, other| one != other),
        ("gt", |one, other| compared(one, other) == Some(Ordering::Greater)),
        ("gte", |one, other| compared(one, other).is_some_and(Ordering::is_ge)),
        ("lt", |one, other| compared(one, other) == Some(Ordering::Less)),
        ("lte", |one, other| compared(one, other).is_some_and(Ordering::is_le)),
    ];
    for (name, holds) in comparisons {
        engine.register_helper(name, Box::new(Compare { name, holds }));
    }
    engine.register_helper("not", Box::new(Not));
    engine.register_helper("len", Box::new(Len));
    engine.register_helper("lookup", Box::new(Lookup));
}

type Comparison = fn(&Value, &Value) -> bool;

/// Returns an argument; an error where there is none, or it is undefined.
pub fn argument<'a>(helper: &'a Helper<'_>, name: &'static str, index: usize) -> Result<&'a Value, RenderError> {
    let argument = helper.param(index).ok_or(RenderErrorReason::ParamNotFoundForIndex(name, index))?;
    if argument.is_value_missing() {
        return Err(RenderError::strict_error(argument.relative_path()));
    }
    Ok(argument.value())
}

/// `{{eq a b}}` and its like.
struct Compare {
    name: &'static str,
    holds: Comparison,
}

impl HelperDef for Compare {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.call_inner(helper, engine, context, state)?;
        write(&value, helper, engine, context, state, out)
    }

    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let (one, other) = (argument(helper, self.name, 0)?, argument(helper, self.name, 1)?);
        Ok(ScopedJson::Derived(Value::Bool((self.holds)(one, other))))
    }
}

/// `{{not a}}`.
struct Not;

impl HelperDef for Not {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.call_inner(helper, engine, context, state)?;
        write(&value, helper, engine, context, state, out)
    }

    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let argument = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("not", 0))?;
        Ok(ScopedJson::Derived(Value::Bool(argument.is_value_missing() || !argument.value().is_truthy(false))))
    }
}

/// Writes true or false, or renders the part of a block that it chooses.
#[expect(clippy::too_many_arguments, reason = "what the engine hands to a helper")]
fn write<'reg: 'rc, 'rc>(
    value: &ScopedJson<'rc>,
    helper: &Helper<'rc>,
    engine: &'reg Handlebars<'reg>,
    context: &'rc Context,
    state: &mut RenderContext<'reg, 'rc>,
    out: &mut dyn Output,
) -> HelperResult {
    let holds = value.as_json().as_bool().unwrap_or_default();
    if !helper.is_block() {
        out.write(if holds { "true" } else { "false" })?;
        return Ok(());
    }
    match if holds { helper.template() } else { helper.inverse() } {
        Some(part) => part.render(engine, context, state, out),
        None => Ok(()),
    }
}

/// `{{len a}}`: items of a list, keys of a table, bytes of text.
struct Len;

impl HelperDef for Len {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let length = match argument(helper, "len", 0)? {
            Value::Array(items) => items.len(),
            Value::Object(map) => map.len(),
            Value::String(text) => text.len(),
            _ => 0,
        };
        Ok(ScopedJson::Derived(Value::from(length)))
    }
}

/// `{{lookup a b}}`.
struct Lookup;

impl HelperDef for Lookup {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let (from, key) = (argument(helper, "lookup", 0)?, argument(helper, "lookup", 1)?);
        let found = match from {
            Value::Array(items) => key.as_u64().and_then(|at| items.get(usize::try_from(at).ok()?)),
            Value::Object(map) => key.as_str().and_then(|key| map.get(key)),
            _ => None,
        };
        if let Some(found) = found {
            return Ok(ScopedJson::Derived(found.clone()));
        }
        let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        let from = helper.param(0).and_then(|from| from.relative_path()).map_or("(…)", String::as_str);
        Err(RenderError::strict_error(Some(&format!("{from}.{key}"))))
    }
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
