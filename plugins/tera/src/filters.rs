//! What packbox adds to the filters of the engine, and the names of all filters, tests and functions.

use renderer::{cases, json};
use tera::{Error, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

/// The names of all filters, sorted: the engine's own and the ones of this module.
pub const FILTERS: &[&str] = &[
    "abs",
    "camel_case",
    "capitalize",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "kebab_case",
    "keys",
    "last",
    "length",
    "lower",
    "newlines_to_br",
    "nth",
    "pairs",
    "pascal_case",
    "pluralize",
    "replace",
    "reverse",
    "round",
    "safe",
    "shouty_snake_case",
    "snake_case",
    "sort",
    "split",
    "str",
    "title",
    "title_case",
    "tojson",
    "toml_string",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "values",
    "wordcount",
];

/// The names of all tests, sorted.
pub const TESTS: &[&str] = &[
    "array",
    "bool",
    "containing",
    "defined",
    "divisible_by",
    "ending_with",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "none",
    "number",
    "odd",
    "starting_with",
    "string",
    "undefined",
];

/// The names of all functions, sorted.
pub const FUNCTIONS: &[&str] = &["range", "super", "throw"];

/// Adds the filters of this module: the case filters, `toml_string` and `tojson`.
pub fn add_to(engine: &mut Tera) {
    for (name, filter) in cases::CASES {
        engine.register_filter(name, move |text: &str, _: Kwargs, _: &State| filter(text));
    }
    engine.register_filter("tojson", tojson);
}

/// `tojson` on one line, `tojson(indent=2)` on several.
fn tojson(value: &Value, arguments: Kwargs, _state: &State) -> TeraResult<String> {
    if value.is_undefined() {
        let (expected_type, actual_type) = ("a value".to_owned(), value.name().to_owned());
        return Err(Error::new(ErrorKind::InvalidArgument { expected_type, actual_type }));
    }
    let indent = arguments.get::<usize>("indent")?;
    json::to_text(value, indent).map_err(Error::message)
}
