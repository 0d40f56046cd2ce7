//! Numbers that are not finite stand for a result that is out of range, and are an error where they would be written.
//!
//! The engine computes with them as floats do, for which see [`crate::overflow`]; nothing of the context is one, as JSON
//! has none.

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use crate::extra;
use crate::signatures::{Own, path_at};
use crate::strict::{defined, within};

/// Lets filters fail that would make text of such a number, or make one.
pub fn add_to(environment: &mut Environment<'_>) {
    let rows: [(&'static str, Own); 7] = [
        ("float", || Value::from_function(extra::float)),
        ("format", || Value::from_function(filters::format)),
        ("join", || Value::from_function(filters::join)),
        ("pprint", || Value::from_function(filters::pprint)),
        ("round", || Value::from_function(filters::round)),
        ("string", || Value::from_function(filters::string)),
        ("sum", || Value::from_function(filters::sum)),
    ];
    for (filter, own) in rows {
        environment.add_filter(filter, move |state: &mut State, given: Rest<ValueOrKwargs>| {
            let mut given = given.into_values();
            given.iter().try_for_each(|value| writable(state, value))?;
            match filter {
                "format" => extra::all_converted(&given)?,
                "join" => path_at(state, filter, 2, &mut given)?,
                "sum" => path_at(state, filter, 1, &mut given)?,
                _ => {}
            }
            let made = own().call(state, &given)?;
            check(&made).map(|()| made)
        });
    }
}

/// Says what is wrong with a number that is not finite.
#[must_use]
pub fn problem(number: f64) -> Option<&'static str> {
    match () {
        () if number.is_nan() => Some("the result is not a number"),
        () if number.is_infinite() => Some("the number is out of range: floats go up to 1.8e308"),
        () => None,
    }
}

/// Fails for a number that is not finite, and for a list or a table with one.
pub fn check(value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Number if !value.is_integer() => {
            let said = problem(f64::try_from(value.clone()).unwrap_or_default());
            said.map_or(Ok(()), |said| Err(Error::new(ErrorKind::InvalidOperation, said)))
        }
        ValueKind::Seq => value.try_iter()?.try_for_each(|item| check(&item)),
        ValueKind::Map => value.try_iter()?.try_for_each(|key| check(&value.get_item(&key)?)),
        _ => Ok(()),
    }
}

/// Fails for what can't be written: such a number, or something undefined; in a list or a table, too.
pub fn writable(state: &State, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined => defined(state, value),
        ValueKind::Number => check(value),
        ValueKind::Seq => value.try_iter()?.try_for_each(|item| item_writable(state, &item)),
        // Written as a list if its length is known.
        ValueKind::Iterable if value.len().is_some() => {
            value.try_iter()?.try_for_each(|item| item_writable(state, &item))
        }
        ValueKind::Map => value.try_iter()?.try_for_each(|key| {
            within(state, &key)?;
            item_writable(state, &value.get_item(&key)?)
        }),
        _ => Ok(()),
    }
}

fn item_writable(state: &State, item: &Value) -> Result<(), Error> {
    within(state, item)?;
    writable(state, item)
}
