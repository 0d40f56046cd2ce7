//! How text and values of a stranger appear within a message: on one line, without control characters, not too long.

use serde_json::Value;

use crate::text::printable_line;

/// The longest piece of a value or a name within a message, in characters.
pub(crate) const LONGEST: usize = 60;

/// Puts a text between backquotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

/// So many of something: `1 file`, `2 files`, `0 entries`.
pub(crate) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// Writes a JSON value compactly.
pub(crate) fn value(value: &Value) -> String {
    match value {
        // Only the beginning is shown, so only the beginning is escaped.
        Value::String(text) => shortened(&Value::from(cut(text, LONGEST + 1)).to_string()),
        _ => shortened(&value.to_string()),
    }
}

/// Keys of tables that a gist names.
const KEYS: usize = 6;

/// The longest text within an outline, in characters.
const OUTLINED: usize = 20;

/// A text as an example: of a long one, the beginning.
pub(crate) fn brief(text: &str) -> String {
    let start = cut(text, LONGEST);
    if start.len() < text.len() { format!("{start}…") } else { text.to_owned() }
}

/// A value as an example of its form: the beginnings of its texts, and of its lists two items.
pub(crate) fn outline(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let start = cut(text, OUTLINED);
            Value::from(if start.len() < text.len() { format!("{}…", start.trim_end()) } else { text.clone() })
        }
        Value::Array(items) => items.iter().take(2).map(outline).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), outline(value))).collect(),
        _ => value.clone(),
    }
}

/// What a list of tables is made of, where all of it takes more than so many characters: `3 tables with title, slug`. Its
/// beginning would say nothing.
pub(crate) fn gist(value: &Value, most: usize) -> Option<String> {
    let items = value.as_array().filter(|items| !items.is_empty() && items.iter().all(Value::is_object))?;
    // What fits is shown itself.
    value.to_string().chars().nth(most)?;
    let mut keys: Vec<&str> = Vec::new();
    for key in items.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
        if keys.len() > KEYS {
            break;
        }
    }
    let more = keys.get(KEYS).map_or("", |_| ", …");
    keys.truncate(KEYS);
    let tables = count(items.len(), "table");
    Some(if keys.is_empty() { tables } else { format!("{tables} with {}{more}", shortened(&keys.join(", "))) })
}

fn shortened(text: &str) -> String {
    let start = cut(text, LONGEST);
    let shown = printable_line(start);
    if start.len() < text.len() { shown + "…" } else { shown }
}

fn cut(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_one_or_several() {
        assert_eq!([count(0, "file"), count(1, "file"), count(2, "file")], ["0 files", "1 file", "2 files"]);
        assert_eq!([count(1_u64, "entry"), count(2_u64, "entry"), count(3, "key")], ["1 entry", "2 entries", "3 keys"]);
    }

    #[test]
    fn a_long_list_of_tables_is_told_by_what_it_is_made_of() {
        let pages = serde_json::json!([{"title": "a"}, {"title": "b", "slug": "c"}]);
        assert_eq!(gist(&pages, 20).as_deref(), Some("2 tables with title, slug"));
        let wide = serde_json::json!([{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1}]);
        assert_eq!(gist(&wide, 20).as_deref(), Some("1 table with a, b, c, d, e, f, …"));
        for other in [serde_json::json!(["a".repeat(90)]), "x".repeat(90).into(), serde_json::json!([])] {
            assert_eq!(gist(&other, 20), None);
        }
        assert_eq!(gist(&pages, 80), None);
    }

    #[test]
    fn an_outline_has_the_form_and_not_the_length() {
        let pages = serde_json::json!([{"t": "short", "b": "x ".repeat(400)}, {"n": 1}, {"n": 2}]);
        assert_eq!(outline(&pages), serde_json::json!([{"t": "short", "b": "x x x x x x x x x x…"}, {"n": 1}]));
        assert_eq!(brief("short"), "short");
        assert_eq!(brief(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }

    #[test]
    fn text_of_a_stranger_is_tamed() {
        assert_eq!(quoted("a\u{1b}[0m\nb"), "`a\u{fffd}[0m b`");
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
        assert_eq!(value(&serde_json::json!({"a": [1, "x"]})), r#"{"a":[1,"x"]}"#);
        assert_eq!(value(&Value::from("a\"b")), r#""a\"b""#);
    }
}
