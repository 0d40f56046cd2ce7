//! Values from text, as it is typed or given on a command line, and back.
//!
//! Always true here: a text that could be read in two ways gives no value; what [`VariableKind::as_text`] writes,
//! [`VariableKind::parse_text`] reads as the same value.

use serde_json::Value;

use super::check::Problem;
use super::kind::{ItemKind, VariableKind};
use crate::show;

impl VariableKind {
    /// Reads a value from text without checking its bounds.
    ///
    /// A list is a JSON array where the text begins with `[`, and else its items with commas between them. Items that are
    /// texts are split only where each is one word; tables are never split.
    ///
    /// # Errors
    /// Where the text is nothing of the type, or could be one item or several.
    pub fn parse_text(&self, text: &str) -> Result<Value, Problem> {
        match self {
            Self::String { .. } | Self::Secret | Self::Choice { .. } => Ok(Value::from(text)),
            Self::Integer { .. } => ItemKind::Integer.parse_text(text),
            Self::Number { .. } => ItemKind::Number.parse_text(text),
            Self::Boolean => ItemKind::Boolean.parse_text(text),
            Self::List { .. } if text.trim_start().starts_with('[') => {
                let array = serde_json::from_str::<Vec<Value>>(text).map(Value::Array);
                array.map_err(|error| Problem::of_text(format!("must be a JSON array ({error})"), text))
            }
            Self::List { items, .. } => items.parse_items(text),
        }
    }

    /// Writes a value as it would be typed.
    #[must_use]
    pub fn as_text(&self, value: &Value) -> String {
        match (self, value) {
            (Self::List { .. }, Value::Array(list)) => {
                let texts: Vec<String> = list.iter().map(item_as_text).collect();
                let text = texts.join(",");
                if self.parse_text(&text).is_ok_and(|read| read == *value) { text } else { value.to_string() }
            }
            _ => item_as_text(value),
        }
    }
}

impl ItemKind {
    /// Two of these, for people who have to write some.
    #[must_use]
    pub fn two(self) -> Value {
        match self {
            Self::String => serde_json::json!(["a", "b"]),
            Self::Integer => serde_json::json!([80, 443]),
            Self::Number => serde_json::json!([0.5, 2]),
            Self::Boolean => serde_json::json!([true, false]),
            Self::Table => serde_json::json!([{"key": "a"}, {"key": "b"}]),
        }
    }

    /// How a list of these is written, for people.
    pub(super) fn syntax(self) -> String {
        let two = self.two();
        let items = two.as_array().map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<String> = items.iter().map(item_as_text).collect();
        if self == Self::Table {
            format!("written as `{two}`")
        } else {
            format!("written as `{}` or `{two}`", texts.join(","))
        }
    }

    fn parse_items(self, text: &str) -> Result<Value, Problem> {
        let parts: Vec<&str> = if self == Self::Table { vec![text] } else { text.split(',').collect() };
        if self == Self::String {
            if text.trim().is_empty() {
                return Err(Problem::of_meaning(
                    r#"could be no item or an empty one: write `[]` or `[""]`"#.to_owned(),
                ));
            }
            if parts.len() > 1 && !parts.iter().all(|part| is_word(part)) {
                let several: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
                let (one, several) = (Value::from(vec![text]), Value::from(several));
                let (one, several) = (show::quoted(&one.to_string()), show::quoted(&several.to_string()));
                return Err(Problem::of_meaning(format!("could be one item or several: write {one} or {several}")));
            }
        }
        let item = |(index, part): (usize, &str)| {
            self.parse_text(part).map_err(|problem| if parts.len() > 1 { problem.of_item(index) } else { problem })
        };
        parts.iter().copied().enumerate().map(item).collect::<Result<_, _>>().map(Value::Array)
    }

    fn parse_text(self, text: &str) -> Result<Value, Problem> {
        let trimmed = text.trim();
        let value = match self {
            Self::String => Some(Value::from(text)),
            Self::Integer => trimmed.parse::<i64>().ok().map(Value::from),
            // What was written as a whole number stays one, so that it is also printed as it was written.
            Self::Number => trimmed.parse::<i64>().ok().map(Value::from).or_else(|| {
                let number = trimmed.parse().ok().and_then(serde_json::Number::from_f64);
                number.map(Value::Number)
            }),
            Self::Boolean => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "on" | "1" => Some(Value::from(true)),
                "false" | "no" | "n" | "off" | "0" => Some(Value::from(false)),
                _ => None,
            },
            Self::Table => serde_json::from_str::<serde_json::Map<_, _>>(text).ok().map(Value::Object),
        };
        value.ok_or_else(|| {
            let as_json = if self == Self::Table { ", written as a JSON object" } else { "" };
            Problem::of_text(format!("{}{as_json}", self.requirement()), text)
        })
    }
}

/// Whether a text is one word, so that a comma beside it can only be what separates it from the next.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || "_-./:@+*#=~".contains(character))
}

fn item_as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
