//! The engine's filters of numbers, which give what is exact or an error: the engine's own wrap, trap, cut and round.
//!
//! What they give within 64 bits with a sign is what the engine's own filters give.

use std::fmt;

use liquid_core::parser::{FilterArguments, FilterReflection, ParseFilter};
use liquid_core::{Error, Expression, Filter, Result, Runtime, Value, ValueView};
use liquid_lib::stdlib;

/// Returns the filters of numbers.
#[must_use]
pub fn all() -> Vec<Box<dyn ParseFilter>> {
    vec![
        exact(stdlib::Abs, |input, _| input.checked_abs()),
        exact(stdlib::Plus, i64::checked_add),
        exact(stdlib::Minus, i64::checked_sub),
        exact(stdlib::Times, i64::checked_mul),
        exact(stdlib::DividedBy, i64::checked_div),
        exact(stdlib::Modulo, i64::checked_rem),
        exact(stdlib::AtLeast, |input, least| Some(input.max(least))),
        exact(stdlib::AtMost, |input, most| Some(input.min(most))),
        Box::new(ParseWhole(stdlib::Round)),
        Box::new(ParseWhole(stdlib::Ceil)),
        Box::new(ParseWhole(stdlib::Floor)),
    ]
}

/// A filter of the engine with what it does to integers, where that has a result.
#[derive(Debug, Clone)]
struct ParseExact<P> {
    filter: P,
    integers: Integers,
}

type Integers = fn(i64, i64) -> Option<i64>;

fn exact<P: ParseFilter + Clone + 'static>(filter: P, integers: Integers) -> Box<dyn ParseFilter> {
    Box::new(ParseExact { filter, integers })
}

impl<P: ParseFilter + Clone + 'static> ParseFilter for ParseExact<P> {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let (arguments, operand) = first(arguments);
        let name = self.filter.reflection().name().to_owned();
        Ok(Box::new(Exact { filter: self.filter.parse(arguments)?, name, operand, integers: self.integers }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self.filter.reflection()
    }
}

#[derive(Debug)]
struct Exact {
    filter: Box<dyn Filter>,
    name: String,
    operand: Option<Expression>,
    integers: Integers,
}

impl fmt::Display for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(formatter)
    }
}

impl Filter for Exact {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let operand = self.operand.as_ref().map(|operand| operand.evaluate(runtime)).transpose()?;
        let beyond = |value: &dyn ValueView| is_too_large(value) || is_infinite(value);
        if beyond(input) || operand.as_ref().is_some_and(|operand| beyond(operand)) {
            return Err(out_of_range(&self.name));
        }
        let operand = operand.as_ref().map(|operand| integer(operand));
        if let (Some(left), Some(right)) = (integer(input), operand.unwrap_or(Some(0))) {
            if let Some(result) = (self.integers)(left, right) {
                return Ok(Value::scalar(result));
            }
            // What has no result for another reason, as a division by zero, the engine's own filter says best.
            if !(right == 0 && matches!(self.name.as_str(), "divided_by" | "modulo")) {
                return Err(out_of_range(&self.name));
            }
        }
        finite(self.filter.evaluate(input, runtime)?, &self.name)
    }
}

/// `round`, `ceil` and `floor`: the engine's own take the way over floats, which have 53 bits.
#[derive(Debug, Clone)]
struct ParseWhole<P>(P);

impl<P: ParseFilter + Clone + 'static> ParseFilter for ParseWhole<P> {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let (arguments, places) = first(arguments);
        let name = self.0.reflection().name().to_owned();
        Ok(Box::new(Whole { filter: self.0.parse(arguments)?, name, places }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self.0.reflection()
    }
}

#[derive(Debug)]
struct Whole {
    filter: Box<dyn Filter>,
    name: String,
    places: Option<Expression>,
}

impl fmt::Display for Whole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(formatter)
    }
}

/// Integers up to here are exact as floats, too.
const EXACT: u64 = 1 << 53;

/// Floats from here on, 2^63, would be cut to the largest integer.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

impl Filter for Whole {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        // The engine's own filter is asked first, so that what it refuses stays refused.
        let result = self.filter.evaluate(input, runtime)?;
        if is_too_large(input) {
            return Err(out_of_range(&self.name));
        }
        if let Some(whole) = integer(input).filter(|whole| whole.unsigned_abs() > EXACT) {
            return Ok(Value::scalar(whole));
        }
        let number = input.as_scalar().and_then(|scalar| scalar.to_float()).unwrap_or_default();
        let places = self.places.as_ref().map(|places| places.evaluate(runtime)).transpose()?;
        let places = places.as_ref().and_then(|places| integer(places)).unwrap_or_default();
        if places > 0 && number.is_finite() {
            // So many places that the number has no more of them: there is nothing to round.
            let rounded = result.as_scalar().and_then(|scalar| scalar.to_float()).is_some_and(f64::is_finite);
            return Ok(if rounded { result } else { Value::scalar(number) });
        }
        if number.is_finite() && (-LIMIT..LIMIT).contains(&number) { Ok(result) } else { Err(out_of_range(&self.name)) }
    }
}

/// Takes the first argument out, and returns all of them again.
fn first(arguments: FilterArguments<'_>) -> (FilterArguments<'_>, Option<Expression>) {
    let positional: Vec<Expression> = arguments.positional.collect();
    let operand = positional.first().cloned();
    (FilterArguments { positional: Box::new(positional.into_iter()), keyword: arguments.keyword }, operand)
}

fn integer(value: &dyn ValueView) -> Option<i64> {
    value.as_scalar().and_then(|scalar| scalar.to_integer())
}

/// Whether a value is text that is an integer of more than 64 bits: the engine would make a rounded float of it.
fn is_too_large(value: &dyn ValueView) -> bool {
    value.type_name() == "string" && integer(value).is_none() && {
        let text = value.to_kstr();
        let digits = text.trim().trim_start_matches(['-', '+']);
        !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) && digits.len() > 18
    }
}

fn finite(result: Value, name: &str) -> Result<Value> {
    if is_infinite(&result) { Err(out_of_range(name)) } else { Ok(result) }
}

/// Whether a value is a number that is not finite, or text that the engine would take for one.
fn is_infinite(value: &dyn ValueView) -> bool {
    value.as_scalar().and_then(|scalar| scalar.to_float()).is_some_and(|number| !number.is_finite())
}

fn out_of_range(name: &str) -> Error {
    Error::with_msg(format!(
        "the result of `{name}` is out of range: integers are signed 64-bit, floats go up to 1.8e308"
    ))
}
