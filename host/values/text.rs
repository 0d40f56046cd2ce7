//! Values from text, as it is typed or given on a command line, and back.
//!
//! Always true here: a text that could be read in two ways gives no value; what [`VariableKind::as_text`] writes,
//! [`VariableKind::parse_text`] reads as the same value.

use serde_json::Value;

use super::check::Problem;
use super::kind::{ItemKind, VariableKind};
use crate::show;

/// Characters that are shown of a text before the place where it is wrong.
const SHOWN: usize = 20;

impl VariableKind {
    /// Reads a value from text without checking its bounds.
    ///
    /// A list is a JSON array where the text begins with `[`, and else its items with commas between them. Items that are
    /// texts are split only where each is one word, and words with `;` between them are refused; tables are never split.
    ///
    /// # Errors
    /// Where the text is nothing of the type, or could be one item or several.
    pub fn parse_text(&self, text: &str) -> Result<Value, Problem> {
        match self {
            Self::String { .. } | Self::Secret | Self::Choice { .. } | Self::Graph => Ok(Value::from(text)),
            Self::Integer { .. } => ItemKind::Integer.parse_text(text),
            Self::Number { .. } => ItemKind::Number.parse_text(text),
            Self::Boolean => ItemKind::Boolean.parse_text(text),
            Self::List { .. } if text.trim_start().starts_with('[') => {
                let array = serde_json::from_str::<Vec<Value>>(text).map(Value::Array);
                array.map_err(|error| Problem::of_text(format!("must be a JSON array ({})", fault(&error, text)), text))
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

/// Refuses one text with blanks in it as the only item of a list whose items, as far as they are `known`, are all words: it
/// could be as many items as it has words.
///
/// # Errors
/// Where that is so.
pub fn refuse_words<'v>(text: &str, items: &Value, known: impl Iterator<Item = &'v Value>) -> Result<(), Problem> {
    let is_read_so = items.as_array().is_some_and(|items| *items == [text]);
    let words = || text.split_whitespace();
    if !is_read_so || words().count() < 2 || !words().all(is_word) {
        return Ok(());
    }
    let mut known = known.filter_map(Value::as_array).flatten().peekable();
    let are_words = known.peek().is_some() && known.all(|item| item.as_str().is_some_and(is_word));
    if are_words { Err(one_or_several(text, words())) } else { Ok(()) }
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
                    r#"could mean no items or one empty item: write `[]` or `[""]`"#.to_owned(),
                ));
            }
            if parts.len() > 1 && !parts.iter().all(|part| is_word(part)) {
                return Err(one_or_several(text, parts.iter().copied()));
            }
            let between = || text.split(';').filter(|part| !part.trim().is_empty());
            if parts.len() == 1 && text.contains(';') && between().all(|part| is_word(part.trim())) {
                return Err(one_or_several(text, between()));
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
            Self::Table => match serde_json::from_str(text) {
                Ok(table) => Some(Value::Object(table)),
                Err(error) if trimmed.starts_with('{') => {
                    let requirement = format!("{}, written as a JSON object", self.requirement());
                    return Err(Problem::of_text(format!("{requirement} ({})", fault(&error, text)), text));
                }
                Err(_) => None,
            },
        };
        value.ok_or_else(|| {
            let as_json = if self == Self::Table { ", written as a JSON object" } else { "" };
            Problem::of_text(format!("{}{as_json}", self.requirement()), text)
        })
    }
}

/// What is wrong with a text as JSON, with the place.
fn fault(error: &serde_json::Error, text: &str) -> String {
    let told = error.to_string();
    let what = told.rsplit_once(" at line ").map_or(&*told, |(what, _)| what);
    let start = match error.line().checked_sub(2) {
        Some(nth) => text.match_indices('\n').nth(nth).map_or(text.len(), |(at, _)| at + 1),
        None => 0,
    };
    let at = text.floor_char_boundary(start + error.column().saturating_sub(1));
    if error.is_eof() || at >= text.len() {
        return "it ends before it is complete".to_owned();
    }
    let column = text[start..at].chars().count() + 1;
    let before: String = text[start..at].chars().rev().take(SHOWN).collect();
    let before: String = before.chars().rev().collect();
    let place = if text.contains('\n') {
        format!("line {}, column {column}", error.line())
    } else {
        format!("column {column}")
    };
    let behind = if before.trim().is_empty() { String::new() } else { format!(", behind {}", show::quoted(&before)) };
    format!("{what} at {place}{behind}")
}

/// The problem of a text that could be one item or several.
fn one_or_several<'t>(text: &str, parts: impl Iterator<Item = &'t str>) -> Problem {
    let several: Vec<&str> = parts.map(str::trim).collect();
    let (one, several) = (Value::from(vec![text]), Value::from(several));
    let (one, several) = (show::quoted(&one.to_string()), show::quoted(&several.to_string()));
    Problem::of_meaning(format!("could mean one item or several: write {one} or {several}"))
}

/// Whether a text is one word, so that a comma beside it can only be what separates it from the next.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || "_-./:@+*#=~".contains(character))
}

fn item_as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
