//! What a value lacks that something was looked up in, and what it has.

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::errors::suggestion;

/// What a value lacks.
pub enum Missing {
    /// A table has no such key, but has these.
    Key {
        /// The key.
        name: String,
        /// The keys that there are.
        siblings: Vec<String>,
    },
    /// A list has only so many items.
    Item {
        /// How many.
        length: usize,
    },
    /// The value is neither a table nor asked for an item.
    NoTable {
        /// What it is instead.
        kind: &'static str,
    },
    /// It can't be told what the value is.
    Unknown,
}

impl Missing {
    /// Says what the first of some values that lacks a key is like.
    #[must_use]
    pub fn of(values: &[Value], key: &Value) -> Self {
        let lacks = |value: &&Value| value.get_item(key).map_or(true, |found| found.is_undefined());
        let Some(value) = values.iter().find(lacks) else { return Self::Unknown };
        match value.kind() {
            ValueKind::Map => {
                let keys = value.try_iter().into_iter().flatten();
                let siblings = keys.filter_map(|key| key.as_str().map(str::to_owned)).collect();
                Self::Key { name: key.to_string(), siblings }
            }
            ValueKind::Seq if key.is_integer() => Self::Item { length: value.len().unwrap_or_default() },
            ValueKind::Seq => Self::NoTable { kind: "a list" },
            ValueKind::String => Self::NoTable { kind: "text" },
            ValueKind::Number => Self::NoTable { kind: "a number" },
            ValueKind::Bool => Self::NoTable { kind: "a boolean" },
            ValueKind::None => Self::NoTable { kind: "none" },
            _ => Self::Unknown,
        }
    }

    /// Says what the value has.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Key { siblings, .. } if siblings.is_empty() => Some("it has no keys".to_owned()),
            Self::Key { name, siblings } => Some(suggestion(name, siblings.iter().map(String::as_str), "it has")),
            Self::Item { length: 0 } => Some("the list is empty".to_owned()),
            Self::Item { length: 1 } => Some("the list has 1 item, at index 0".to_owned()),
            Self::Item { length } => Some(format!("the list has {length} items, and indexes start at 0")),
            Self::NoTable { kind } => Some(format!("it is {kind}, which has no keys")),
            Self::Unknown => None,
        }
    }
}
