//! What owners want and what can't be written in the first one's layout: why, at which key, and where that is.

use crate::Failure;
use crate::model::{Doc, Id, Key, Kind, Value, Values};
use crate::options::By;
use crate::text;

/// Why something can't be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unwritten {
    /// A lower-case fragment.
    pub what: String,
    /// The keys down to it, as far as they are known.
    pub path: Vec<Key>,
}

impl Unwritten {
    /// Says that it is in an entry of a table, or in an item of a list: below that, nobody else has the same places.
    #[must_use]
    pub fn within(mut self, doc: &Doc, node: usize, index: usize) -> Self {
        match doc.kind(node) {
            Kind::Table(entries) => self.path.splice(0..0, entries.get(index).map(|entry| entry.key)).for_each(drop),
            _ => self.path.clear(),
        }
        self
    }

    /// Makes it a failure that names the places in the texts of owners, as far down as they have it: their names, documents
    /// and texts.
    #[must_use]
    pub fn failure(&self, sides: &[(&str, &Doc, &str)], values: &Values, by: &By) -> Failure {
        let keys: Vec<&str> = self.path.iter().map(|key| by.decode(values.name(*key))).collect();
        let places = sides.iter().filter_map(|(owner, doc, text)| {
            let mut place = None;
            let mut node = doc.root;
            for key in &self.path {
                let Some(entry) = doc.entries(node).iter().find(|entry| entry.key == *key) else { break };
                place = Some(entry.key_span.start);
                node = entry.node;
            }
            Some(format!("line {} of `{owner}`", text::position(text.as_bytes(), place?).line))
        });
        let places: Vec<String> = places.collect();
        let places = if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) };
        let at = if keys.is_empty() { String::new() } else { format!(" at `{}`{places}", keys.join(".")) };
        let first = sides.first().map_or("", |(owner, ..)| *owner);
        Failure::Unsupported(format!(
            "what the owners want{at} can't be written in the layout of `{first}`: {}; let them write it in the same way",
            self.what
        ))
    }
}

impl From<&str> for Unwritten {
    fn from(what: &str) -> Self {
        Self::from(what.to_owned())
    }
}

impl From<String> for Unwritten {
    fn from(what: String) -> Self {
        Self { what, path: Vec::new() }
    }
}

/// The keys down to where two values differ.
#[must_use]
pub fn difference(values: &Values, mut one: Id, mut other: Id) -> Vec<Key> {
    let mut path = Vec::new();
    while let (Value::Table(ones), Value::Table(others)) = (values.value(one), values.value(other)) {
        let missing = ones.iter().chain(others).find(|(key, _)| {
            let has = |entries: &[(Key, Id)]| entries.binary_search_by_key(key, |(key, _)| *key).is_ok();
            !has(ones) || !has(others)
        });
        if let Some((key, _)) = missing {
            path.push(*key);
            break;
        }
        let Some(((key, below), (_, beside))) = ones.iter().zip(others).find(|(one, other)| one != other) else {
            break;
        };
        path.push(*key);
        (one, other) = (*below, *beside);
    }
    path
}
