//! JSON, the way that all documents are written.
//!
//! Always true here: what could drive a terminal, or hide what a text says, stands as an escape of JSON, and so means the same.

use std::fmt::Write as _;

use serde_json::Value;

use crate::text;

/// Writes a document.
#[must_use]
pub fn pretty(value: &Value) -> String {
    escaped(serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()))
}

/// Writes what JSON lets stand, and a terminal would obey, as escapes. JSON has such characters within texts only.
#[must_use]
pub fn escaped(json: String) -> String {
    if !json.chars().any(text::is_hidden) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if text::is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_means_the_same() {
        let value = serde_json::json!({ "a\u{9b}31m": "\u{202e}b\u{7f}\u{1b}[0m\u{feff} caf\u{e9} \u{1f600}\n" });
        let text = pretty(&value);
        assert!(!text.chars().any(text::is_hidden), "{text}");
        assert!(text.contains("caf\u{e9} \u{1f600}"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
