//! Python's methods, which authors know from Jinja2: those of minijinja-contrib, and what it lacks.
//!
//! Values don't change: a method that would change a list or a table is an error, which [`advice`] answers. What a
//! method makes is at most [`WIDEST`] characters wider than what it was given.

use minijinja::value::{Kwargs, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use crate::filters::FILTERS;
use crate::finite;
use crate::strict::{argument, defined};

mod text;

pub use text::padded;

/// The widest text that is padded to a width.
pub const WIDEST: usize = 1_000_000;

/// The methods of text, sorted.
#[rustfmt::skip]
const TEXT: &[&str] = &[
    "capitalize", "casefold", "center", "count", "endswith", "expandtabs", "find", "format", "index", "isalnum",
    "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join",
    "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust",
    "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper",
    "zfill",
];
/// The methods of tables, sorted.
const TABLE: &[&str] = &["copy", "get", "items", "keys", "values"];
/// The methods of lists, sorted.
const LIST: &[&str] = &["copy", "count", "index"];

/// Calls a method on a value that has none of its own by that name.
pub fn call(state: &mut State, value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    defined(state, value)?;
    match (method, arguments) {
        ("format" | "join", _) => arguments.iter().try_for_each(|value| finite::writable(state, value))?,
        // What stands for a missing key may be undefined, too.
        ("get", [key, other]) if value.kind() == ValueKind::Map && other.is_undefined() => {
            defined(state, key)?;
            let found = value.get_item(key)?;
            return Ok(if found.is_undefined() { other.clone() } else { found });
        }
        _ => arguments.iter().try_for_each(|value| argument(state, value))?,
    }
    let arguments = positional(method, arguments)?;
    let found = match value.kind() {
        ValueKind::String => text::call(value, method, &arguments)?,
        ValueKind::Seq => list(value, method, &arguments)?,
        ValueKind::Map if method == "copy" => Some(same(value, &arguments)?),
        _ => None,
    };
    if let Some(found) = found {
        return Ok(found);
    }
    pycompat::unknown_method_callback(state, value, method, &arguments).map_err(|error| {
        if error.kind() == ErrorKind::UnknownMethod {
            return Error::new(ErrorKind::UnknownMethod, format!("{} has no method `{method}`", kind(value)));
        }
        error
    })
}

/// Says what to write instead of a method that a kind of value, as [`kind`] names it, does not have.
#[must_use]
pub fn advice(kind: &str, method: &str) -> Option<String> {
    let (methods, instead): (&[&str], _) = match kind {
        "text" => (TEXT, text_instead(method)),
        "a list" => (LIST, list_instead(method)),
        "a table" => (TABLE, table_instead(method)),
        _ => (&[], None),
    };
    let filter = FILTERS.contains(&method).then(|| format!("use the filter `{method}`: `x | {method}`"));
    instead.map(str::to_owned).or(filter).or_else(|| {
        let known = methods.iter().chain(FILTERS).copied();
        let near = crate::hints::nearest(method, known)?;
        Some(if methods.contains(&near) {
            format!("did you mean `{near}`?")
        } else {
            format!("did you mean the filter `{near}`?")
        })
    })
}

fn text_instead(method: &str) -> Option<&'static str> {
    Some(match method {
        "len" | "size" | "__len__" => "use the filter `length`: `x | length`",
        "encode" | "decode" => "text is Unicode here, and files are written as UTF-8",
        "translate" | "maketrans" => "use the filter `replace`, once for each character: `x | replace('a', 'b')`",
        "format_map" => "use the method `format`: `'{a}'.format(a=x)`",
        "trim" => "use the method `strip` or the filter `trim`: `x | trim`",
        "contains" | "includes" => "write `'part' in x`",
        "toLowerCase" | "to_lower" | "downcase" => "use the method `lower` or the filter `lower`: `x | lower`",
        "toUpperCase" | "to_upper" | "upcase" => "use the method `upper` or the filter `upper`: `x | upper`",
        "append" => "write `x ~ 'more'`",
        "items" | "keys" | "values" => "text has no keys: it is not a table",
        _ => return None,
    })
}

fn list_instead(method: &str) -> Option<&'static str> {
    Some(match method {
        "append" | "push" => "a list can't be changed; make a new one: `{% set list = list + [item] %}`",
        "extend" => "a list can't be changed; make a new one: `{% set list = list + others %}`",
        "insert" => "a list can't be changed; make a new one: `{% set list = [item] + list %}`",
        "remove" => "a list can't be changed; use the filter `reject`: `list | reject('equalto', item)`",
        "pop" => "a list can't be changed; use `list[-1]`, and `list[:-1]` for the rest",
        "clear" => "a list can't be changed; write `{% set list = [] %}`",
        "sort" => "a list can't be changed; use the filter `sort`: `list | sort`",
        "reverse" => "a list can't be changed; use the filter `reverse`: `list | reverse`",
        "items" | "keys" | "values" => "a list has no keys; iterate over the list itself: `{% for item in list %}`",
        "len" | "size" | "__len__" => "use the filter `length`: `list | length`",
        "contains" | "includes" => "write `item in list`",
        _ => return None,
    })
}

fn table_instead(method: &str) -> Option<&'static str> {
    Some(match method {
        "update" | "setdefault" => {
            "a table can't be changed; make a new one: `{% set table = dict(table, key=value) %}`"
        }
        "pop" | "popitem" => "a table can't be changed; use the filter `rejectattr` on its items",
        "clear" => "a table can't be changed; write `{% set table = {} %}`",
        "has_key" | "contains" | "has" => "write `'key' in table`",
        "iteritems" | "entries" => "use the method `items`: `table.items()`",
        "len" | "size" | "__len__" => "use the filter `length`: `table | length`",
        _ => return None,
    })
}

/// Names what a value is, as authors know it.
fn kind(value: &Value) -> String {
    match value.kind() {
        ValueKind::String => "text".to_owned(),
        ValueKind::Seq | ValueKind::Iterable => "a list".to_owned(),
        ValueKind::Map => "a table".to_owned(),
        ValueKind::Number => "a number".to_owned(),
        ValueKind::Bool => "a boolean".to_owned(),
        ValueKind::None => "none".to_owned(),
        other => format!("a value of type {other}"),
    }
}

/// Puts arguments that Python lets be given by name where they stand without one.
fn positional(method: &str, arguments: &[Value]) -> Result<Vec<Value>, Error> {
    let names: &[&str] = match method {
        "split" | "rsplit" => &["sep", "maxsplit"],
        "splitlines" => &["keepends"],
        "expandtabs" => &["tabsize"],
        _ => return Ok(arguments.to_vec()),
    };
    let (mut given, by_name) = match arguments.split_last() {
        Some((last, before)) => match Kwargs::try_from(last.clone()) {
            Ok(by_name) if !last.is_undefined() => (before.to_vec(), by_name),
            _ => return Ok(arguments.to_vec()),
        },
        None => return Ok(Vec::new()),
    };
    for name in names.iter().skip(given.len()) {
        given.push(by_name.get::<Option<Value>>(name)?.unwrap_or(Value::from(())));
    }
    by_name.assert_all_used()?;
    Ok(given)
}

fn same(value: &Value, arguments: &[Value]) -> Result<Value, Error> {
    let () = from_args(arguments)?;
    Ok(value.clone())
}

fn list(value: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "copy" => same(value, arguments)?,
        "index" => {
            let (wanted,): (&Value,) = from_args(arguments)?;
            match value.try_iter()?.position(|item| item == *wanted) {
                Some(at) => Value::from(at),
                None => return Err(Error::new(ErrorKind::InvalidOperation, format!("{wanted:?} is not in the list"))),
            }
        }
        _ => return Ok(None),
    }))
}
