//! What packbox adds to the filters of the engine, and the names of all filters and tests.
//!
//! The case filters take a string; `json`-like filters take any value and never escape for HTML, because what is
//! generated here is code.

use std::fmt::Write as _;
use std::io;

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase};
use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::finite;
use crate::signatures::named;
use crate::strict::{argument, defined};

/// The names of all filters, sorted: the engine's own and the ones of this module.
pub const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "camel_case",
    "capitalize",
    "center",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "kebab_case",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pascal_case",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "shouty_snake_case",
    "slice",
    "snake_case",
    "sort",
    "split",
    "string",
    "striptags",
    "sum",
    "title",
    "title_case",
    "tojson",
    "toml_string",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "xmlattr",
    "zip",
];

/// The names of all tests that are words, sorted.
pub const TESTS: &[&str] = &[
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// Adds the filters of this module to an environment.
///
/// | filter | `some HTTPName` becomes |
/// | --- | --- |
/// | `snake_case` | `some_http_name` |
/// | `kebab_case` | `some-http-name` |
/// | `pascal_case` | `SomeHttpName` |
/// | `camel_case` | `someHttpName` |
/// | `shouty_snake_case` | `SOME_HTTP_NAME` |
/// | `title_case` | `Some Http Name` |
/// | `toml_string` | `"some HTTPName"`: a TOML basic string, with its quotes |
/// | `tojson` | `"some HTTPName"`: any value as JSON; `tojson(indent=2)` puts one item on a line |
pub fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("snake_case", snake_case);
    environment.add_filter("kebab_case", kebab_case);
    environment.add_filter("pascal_case", pascal_case);
    environment.add_filter("camel_case", camel_case);
    environment.add_filter("shouty_snake_case", shouty_snake_case);
    environment.add_filter("title_case", title_case);
    environment.add_filter("toml_string", toml_string);
    environment.add_filter("tojson", tojson);
}

/// Writes a value as compact JSON; an error where it has no JSON form: undefined, a function, a float that is not finite.
pub fn to_json(value: &Value) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(&Json(value)).map_err(|error| not_json(&error))
}

fn snake_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_snake_case())
}

fn kebab_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_kebab_case())
}

fn pascal_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_pascal_case())
}

fn camel_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_lower_camel_case())
}

fn shouty_snake_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_shouty_snake_case())
}

fn title_case(state: &State, value: &Value) -> Result<String, Error> {
    Ok(text(state, value)?.to_title_case())
}

/// Returns the text of a string value; other values are an error, because their text is a matter of taste.
pub fn text<'a>(state: &State, value: &'a Value) -> Result<&'a str, Error> {
    defined(state, value)?;
    value.as_str().ok_or_else(|| {
        Error::new(ErrorKind::NonPrimitive, format!("expected a string, got a value of type {}", value.kind()))
    })
}

fn toml_string(state: &State, value: &Value) -> Result<String, Error> {
    let text = text(state, value)?;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_ascii_control() => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

fn tojson(state: &State, value: &Value, arguments: Rest<ValueOrKwargs>) -> Result<String, Error> {
    defined(state, value)?;
    let arguments = arguments.into_values();
    arguments.iter().try_for_each(|value| argument(state, value))?;
    let indent = if arguments.is_empty() {
        None
    } else {
        named("tojson", arguments, &["indent"])?.pop().map(|(_, indent)| indent)
    };
    let width = match indent {
        None => None,
        Some(indent) if indent.is_none() => None,
        Some(indent) => match bool::try_from(indent.clone()) {
            Ok(wanted) => wanted.then_some(2),
            Err(_) => Some(usize::try_from(indent)?.min(16)),
        },
    };
    let mut bytes = Vec::with_capacity(128);
    let written = match width {
        None => Json(value).serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Spaced)),
        Some(width) => {
            let spaces = [b' '; 16];
            let formatter = PrettyFormatter::with_indent(&spaces[..width]);
            Json(value).serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
        }
    };
    written.map_err(|error| {
        // Which value it is that is undefined, the writer does not know.
        let said = not_json(&error);
        if said.kind() == ErrorKind::UndefinedError {
            finite::writable(state, value).err().unwrap_or(said)
        } else {
            said
        }
    })?;
    String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

fn not_json(error: &serde_json::Error) -> Error {
    if error.to_string().starts_with(UNDEFINED) {
        return Error::new(ErrorKind::UndefinedError, UNDEFINED);
    }
    Error::new(ErrorKind::BadSerialization, format!("the value has no JSON form: {error}"))
}

const UNDEFINED: &str = "an undefined value has no JSON form";

/// JSON as people write it on one line: a space after each comma and colon, as the engine's own filter does it.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// A value as strict JSON.
struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        match value.kind() {
            ValueKind::Undefined => Err(S::Error::custom(UNDEFINED)),
            ValueKind::Number if f64::try_from(value.clone()).is_ok_and(|number| !number.is_finite()) => {
                Err(S::Error::custom(format!("the number {value} is not finite")))
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let mut list = serializer.serialize_seq(value.len())?;
                for item in value.try_iter().map_err(S::Error::custom)? {
                    list.serialize_element(&Json(&item))?;
                }
                list.end()
            }
            ValueKind::Map => {
                let mut map = serializer.serialize_map(value.len())?;
                for key in value.try_iter().map_err(S::Error::custom)? {
                    let item = value.get_item(&key).map_err(S::Error::custom)?;
                    match key.as_str() {
                        Some(name) => map.serialize_entry(name, &Json(&item))?,
                        None => map.serialize_entry(&key.to_string(), &Json(&item))?,
                    }
                }
                map.end()
            }
            ValueKind::None | ValueKind::Bool | ValueKind::Number | ValueKind::String => value.serialize(serializer),
            kind => Err(S::Error::custom(format!("it is or holds a value of type {kind}"))),
        }
    }
}
