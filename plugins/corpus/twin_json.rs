//! What `tojson` promises, written once more and by hand: a space after each comma and colon, or one item on a line.

use serde_json::Value;

/// Writes a value.
pub fn text(value: &Value, indent: Option<usize>) -> String {
    let mut text = String::new();
    write(value, indent, 0, &mut text);
    text
}

fn write(value: &Value, indent: Option<usize>, level: usize, text: &mut String) {
    let line = |level: usize, text: &mut String| {
        if let Some(width) = indent {
            text.push('\n');
            text.push_str(&" ".repeat(width * level));
        }
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push_str(if indent.is_none() { ", " } else { "," });
                }
                line(level + 1, text);
                write(item, indent, level + 1, text);
            }
            line(level, text);
            text.push(']');
        }
        Value::Object(entries) if !entries.is_empty() => {
            text.push('{');
            for (at, (key, item)) in entries.iter().enumerate() {
                if at > 0 {
                    text.push_str(if indent.is_none() { ", " } else { "," });
                }
                line(level + 1, text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write(item, indent, level + 1, text);
            }
            line(level, text);
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}
