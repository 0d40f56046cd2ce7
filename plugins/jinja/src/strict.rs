//! An undefined name is an error wherever it is used: filters, tests and functions of the engine that let one through.
//!
//! All of the engine's own are added here or in [`crate::signatures`], [`crate::finite`] and [`crate::extra`], but for
//! `debug()`, which prints the whole context, and so would depend on all of it.
//!
//! What holds is what Jinja2 does with `StrictUndefined`: a name may be handed on (`set`, arguments of macros, items of a
//! list that is written down), tested for being defined and for its type, and replaced by `default`; nothing else.

use minijinja::value::{Kwargs, Rest, StringInput, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters, functions, tests};

use crate::signatures::Own;
use crate::{extra, finite, globals};

/// Adds the filters, tests and functions of this module to an environment.
pub fn add_to(environment: &mut Environment<'_>) {
    for name in ["e", "escape", "forceescape"] {
        environment.add_filter(name, escape);
    }
    environment.add_filter("bool", filters::bool);
    environment.add_filter("capitalize", capitalize);
    environment.add_filter("count", length);
    environment.add_filter("first", first);
    environment.add_filter("items", items_of);
    environment.add_filter("last", last);
    environment.add_filter("length", length);
    environment.add_filter("lower", lower);
    environment.add_filter("reverse", reverse);
    environment.add_filter("safe", safe);
    environment.add_filter("title", title);
    environment.add_filter("upper", upper);
    let rows: [(&'static str, Own); 14] = [
        ("abs", || Value::from_function(filters::abs)),
        ("attr", || Value::from_function(filters::attr)),
        ("chain", || Value::from_function(filters::chain)),
        ("int", || Value::from_function(extra::int)),
        ("lines", || Value::from_function(filters::lines)),
        ("list", || Value::from_function(filters::list)),
        ("map", || Value::from_function(filters::map)),
        ("reject", || Value::from_function(filters::reject)),
        ("rejectattr", || Value::from_function(filters::rejectattr)),
        ("select", || Value::from_function(filters::select)),
        ("selectattr", || Value::from_function(filters::selectattr)),
        ("split", || Value::from_function(filters::split)),
        ("xmlattr", || Value::from_function(extra::xmlattr)),
        ("zip", || Value::from_function(filters::zip)),
    ];
    for (filter, own) in rows {
        environment.add_filter(filter, move |state: &mut State, given: Rest<ValueOrKwargs>| {
            let mut given = given.into_values();
            // What `default` gives for an item may be undefined as well as the item.
            let checked = if is_default(filter, &given) { 1 } else { given.len() };
            given[..checked].iter().try_for_each(|value| argument(state, value))?;
            let untested = match filter {
                "select" | "reject" => given.len() == 1,
                "selectattr" | "rejectattr" => given.len() == 2,
                _ => false,
            };
            if untested {
                given.push(Value::from(IS_TRUE));
            }
            own().call(state, &given)
        });
    }
    add_tests(environment);
    let rows: [(&'static str, Own); 4] = [
        ("dict", || Value::from_function(globals::dict)),
        ("joiner", || Value::from_function(globals::joiner)),
        ("namespace", || Value::from_function(globals::namespace)),
        ("range", || Value::from_function(functions::range)),
    ];
    for (function, own) in rows {
        environment.add_function(function, move |state: &mut State, given: Rest<ValueOrKwargs>| {
            let given = given.into_values();
            // A table may hold what is undefined, under a name as well as where it is written down.
            let holds = matches!(function, "dict" | "namespace");
            let taken = given.iter().filter(|value| !(holds && value.is_kwargs()));
            taken.into_iter().try_for_each(|value| argument(state, value))?;
            own().call(state, &given)
        });
    }
}

/// The test of a filter that is given none. No template can name it.
const IS_TRUE: &str = "?";

type Tests = fn(Value) -> bool;
type Types = fn(&Value) -> bool;
type Compares = fn(&Value, &Value) -> bool;

fn add_tests(environment: &mut Environment<'_>) {
    let alone: [(&'static str, Tests); 6] = [
        ("even", tests::is_even),
        ("odd", tests::is_odd),
        ("iterable", |value| tests::is_iterable(&value)),
        ("lower", |value| tests::is_lower(&value)),
        ("upper", |value| tests::is_upper(&value)),
        (IS_TRUE, |value| value.is_true()),
    ];
    for (name, own) in alone {
        environment.add_test(name, move |state: &State, value: Value| defined(state, &value).map(|()| own(value)));
    }
    let comparing: [(&[&'static str], Compares); 6] = [
        (&["eq", "equalto", "=="], tests::is_eq),
        (&["ne", "!="], tests::is_ne),
        (&["lt", "lessthan", "<"], tests::is_lt),
        (&["le", "<="], tests::is_le),
        (&["gt", "greaterthan", ">"], tests::is_gt),
        (&["ge", ">="], tests::is_ge),
    ];
    for (names, own) in comparing {
        for name in names {
            environment.add_test(*name, move |state: &State, value: Value, other: Value| {
                defined(state, &value).and_then(|()| defined(state, &other)).map(|()| own(&value, &other))
            });
        }
    }
    let rows: [(&'static str, Own); 6] = [
        ("divisibleby", || Value::from_function(divisible_by)),
        ("endingwith", || Value::from_function(tests::is_endingwith)),
        ("filter", || Value::from_function(tests::is_filter)),
        ("in", || Value::from_function(tests::is_in)),
        ("startingwith", || Value::from_function(tests::is_startingwith)),
        ("test", || Value::from_function(tests::is_test)),
    ];
    for (name, own) in rows {
        environment.add_test(name, move |state: &mut State, given: Rest<Value>| {
            given.iter().try_for_each(|value| defined(state, value))?;
            own().call(state, &given)
        });
    }
    // Tests of types, which nothing undefined passes.
    let types: [(&'static str, Types); 11] = [
        ("boolean", tests::is_boolean),
        ("defined", tests::is_defined),
        ("escaped", tests::is_safe),
        ("false", tests::is_false),
        ("float", tests::is_float),
        ("mapping", tests::is_mapping),
        ("none", tests::is_none),
        ("number", tests::is_number),
        ("safe", tests::is_safe),
        ("string", tests::is_string),
        ("true", tests::is_true),
    ];
    for (name, own) in types {
        environment.add_test(name, move |value: &Value| own(value));
    }
    environment.add_test("int", tests::is_integer);
    environment.add_test("integer", tests::is_integer);
    environment.add_test("sameas", tests::is_sameas);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("sequence", |value: &Value| !value.is_undefined() && tests::is_sequence(value));
}

/// The engine's own test does not say that nothing can be divided by zero.
fn divisible_by(value: &Value, other: &Value) -> Result<bool, Error> {
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    if is_number(value) && is_number(other) && !other.is_true() {
        return Err(Error::new(ErrorKind::InvalidOperation, "division by zero"));
    }
    Ok(tests::is_divisibleby(value, other))
}

/// Fails for an undefined value, with an error that knows where the value comes from. A choice without `else` gives
/// nothing, which is no mistake.
pub fn defined(state: &State, value: &Value) -> Result<(), Error> {
    if value.is_undefined() { StringInput::new(state, value).map(drop) } else { Ok(()) }
}

/// Fails for an undefined argument, by place or by name.
pub fn argument(state: &State, value: &Value) -> Result<(), Error> {
    if value.is_kwargs() {
        let named = Kwargs::try_from(value.clone())?;
        return named.args().try_for_each(|name| defined(state, &named.get::<Value>(name)?));
    }
    defined(state, value)
}

/// Fails for a list with an undefined item, or one whose attribute is undefined.
pub fn items(state: &State, list: &Value, attribute: Option<&Value>) -> Result<(), Error> {
    // What can be iterated once only is left alone.
    if list.len().is_none() || list.as_str().is_some() {
        return Ok(());
    }
    let Some(attribute) = attribute.filter(|attribute| !attribute.is_none()) else {
        return list.try_iter()?.try_for_each(|item| within(state, &item));
    };
    let path = attribute.as_str().unwrap_or_default();
    // `sort` takes several.
    let missing = list
        .try_iter()?
        .enumerate()
        .find_map(|(at, item)| path.split(',').map(str::trim).find(|path| lacks(&item, path)).map(|path| (at, path)));
    let Some((at, path)) = missing else { return Ok(()) };
    let said = format!("item {} of the list: `{path}` is undefined", at + 1);
    Err(Error::new(ErrorKind::UndefinedError, said))
}

/// Fails for an item of a list, or a key or value of a table, that is undefined for whatever reason.
pub fn within(state: &State, item: &Value) -> Result<(), Error> {
    if item.is_undefined() { defined(state, item).and(Err(Error::from(ErrorKind::UndefinedError))) } else { Ok(()) }
}

/// Whether a value has nothing at a path of keys.
#[must_use]
pub fn lacks(value: &Value, path: &str) -> bool {
    let mut value = value.clone();
    for part in path.split('.') {
        value = match part.parse::<usize>() {
            Ok(at) => value.get_item_by_index(at),
            Err(_) => value.get_attr(part),
        }
        .unwrap_or_default();
    }
    value.is_undefined()
}

fn is_default(filter: &str, given: &[Value]) -> bool {
    filter == "map" && given.get(1).and_then(Value::as_str).is_some_and(|name| matches!(name, "d" | "default"))
}

fn escape(state: &mut State, value: &Value) -> Result<Value, Error> {
    finite::writable(state, value)?;
    filters::escape(state, value)
}

fn capitalize(state: &State, value: &Value) -> Result<Value, Error> {
    finite::writable(state, value)?;
    StringInput::new(state, value).map(filters::capitalize)
}

fn first(state: &State, value: &Value) -> Result<Value, Error> {
    defined(state, value)?;
    filters::first(value)
}

fn items_of(state: &State, value: &Value) -> Result<Value, Error> {
    defined(state, value)?;
    filters::items(value)
}

fn last(state: &State, value: Value) -> Result<Value, Error> {
    defined(state, &value)?;
    filters::last(value)
}

fn length(state: &State, value: &Value) -> Result<usize, Error> {
    defined(state, value)?;
    filters::length(value)
}

fn reverse(state: &State, value: &Value) -> Result<Value, Error> {
    defined(state, value)?;
    filters::reverse(value)
}

fn lower(state: &State, value: &Value) -> Result<Value, Error> {
    finite::writable(state, value)?;
    StringInput::new(state, value).map(filters::lower)
}

fn safe(state: &State, value: &Value) -> Result<Value, Error> {
    finite::writable(state, value)?;
    Ok(filters::safe(StringInput::new(state, value)?.as_str().to_owned()))
}

fn title(state: &State, value: &Value) -> Result<String, Error> {
    finite::writable(state, value)?;
    Ok(filters::title(StringInput::new(state, value)?.as_str().into()))
}

fn upper(state: &State, value: &Value) -> Result<Value, Error> {
    finite::writable(state, value)?;
    StringInput::new(state, value).map(filters::upper)
}
