//! JSON read straight into the engine's values. Maps keep the order of the document.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use tera::value::Key;
use tera::{Context, Map, Value};

/// Reads a JSON object; the error is a fragment that says what is wrong with the text.
pub fn parse(json: &[u8]) -> Result<Context, String> {
    let Tree(value) = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let map = value.into_map().ok_or("not a JSON object")?;
    let mut context = Context::new();
    for (key, value) in map {
        context.insert_value(key.as_str().unwrap_or_default().to_owned(), value);
    }
    Ok(context)
}

/// Lists the names of a JSON object; none for what is not one.
#[must_use]
pub fn names(json: &[u8]) -> Vec<String> {
    match serde_json::from_slice(json) {
        Ok(Tree(value)) => match value.into_map() {
            Some(map) => map.keys().filter_map(|key| key.as_str()).map(str::to_owned).collect(),
            None => Vec::new(),
        },
        Err(_) => Vec::new(),
    }
}

struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::none())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list: Vec<Value> = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::from(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Tree(value))) = pairs.next_entry::<String, Tree>()? {
            map.insert(Key::from(key), value);
        }
        Ok(Value::from(map))
    }
}
