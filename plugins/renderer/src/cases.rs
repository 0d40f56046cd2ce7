//! The case filters and `toml_string`, by the names that all engines give them.
//!
//! | filter | `some HTTPName` becomes |
//! | --- | --- |
//! | `snake_case` | `some_http_name` |
//! | `kebab_case` | `some-http-name` |
//! | `pascal_case` | `SomeHttpName` |
//! | `camel_case` | `someHttpName` |
//! | `shouty_snake_case` | `SOME_HTTP_NAME` |
//! | `title_case` | `Some Http Name` |
//! | `toml_string` | `"some HTTPName"`: a TOML basic string, with its quotes |

use std::fmt::Write as _;

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase};

/// A filter from text to text.
pub type TextFilter = fn(&str) -> String;

/// All of them, sorted by name.
pub const CASES: [(&str, TextFilter); 7] = [
    ("camel_case", camel_case),
    ("kebab_case", kebab_case),
    ("pascal_case", pascal_case),
    ("shouty_snake_case", shouty_snake_case),
    ("snake_case", snake_case),
    ("title_case", title_case),
    ("toml_string", toml_string),
];

/// `someHttpName`.
#[must_use]
pub fn camel_case(text: &str) -> String {
    text.to_lower_camel_case()
}

/// `some-http-name`.
#[must_use]
pub fn kebab_case(text: &str) -> String {
    text.to_kebab_case()
}

/// `SomeHttpName`.
#[must_use]
pub fn pascal_case(text: &str) -> String {
    text.to_pascal_case()
}

/// `SOME_HTTP_NAME`.
#[must_use]
pub fn shouty_snake_case(text: &str) -> String {
    text.to_shouty_snake_case()
}

/// `some_http_name`.
#[must_use]
pub fn snake_case(text: &str) -> String {
    text.to_snake_case()
}

/// `Some Http Name`.
#[must_use]
pub fn title_case(text: &str) -> String {
    text.to_title_case()
}

/// A TOML basic string, with its quotes.
#[must_use]
pub fn toml_string(text: &str) -> String {
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
    quoted
}
