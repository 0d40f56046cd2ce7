//! Numbers that are not finite stand for a result that is out of range, and are an error where they would be written.
//!
//! The engine computes with them as floats do, for which see [`crate::overflow`]; nothing of the context is one, as JSON
//! has none.

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

use crate::extra;
use crate::filters::defined;
use crate::signatures::{Own, path_at};

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
            given.iter().try_for_each(|value| defined(state, value).and_then(|()| check(value)))?;
            match filter {
                "format" => extra::all_converted(&given)?,
                "join" => path_at(filter, 2, &mut given)?,
                "sum" => path_at(filter, 1, &mut given)?,
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
