//! The context: JSON read straight into the engine's values, and the root that records what is looked up in it.
//!
//! Objects keep the order of the JSON.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use liquid_core::Value;
use liquid_core::model::KString;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::value::{Map, Node, Ordered};

/// Reads a JSON object; the error is a fragment that says what is wrong with the text.
pub fn parse(json: &[u8]) -> Result<Map, String> {
    let Tree(value) = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let Node::Map(Ordered(map)) = value else { return Err("not a JSON object".to_owned()) };
    Ok(map)
}

struct Tree(Node);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Nil))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(Value::scalar(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(Value::scalar(value)))
    }

    #[expect(clippy::cast_precision_loss, reason = "the engine has no larger integers, and takes these as floats")]
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(i64::try_from(value).map_or_else(|_| Value::scalar(value as f64), Value::scalar)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(Value::scalar(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(Value::scalar(KString::from_ref(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Node, A::Error> {
        let mut map = Map::new();
        while let Some((key, Tree(value))) = pairs.next_entry::<String, Tree>()? {
            map.insert(key.into(), value);
        }
        Ok(Node::Map(Ordered(map)))
    }
}

/// What a template sees as its top level: locals over the context. Records which names were looked up.
#[derive(Debug)]
pub struct Root<'a> {
    context: &'a Map,
    locals: Map,
    found: RefCell<BTreeSet<String>>,
    missed: RefCell<BTreeSet<String>>,
}

impl<'a> Root<'a> {
    /// Lays the locals over the context, with nothing recorded yet.
    #[must_use]
    pub fn new(context: &'a Map, locals: Map) -> Self {
        Self { context, locals, found: RefCell::default(), missed: RefCell::default() }
    }

    /// Returns the names of the context (locals excluded) that were found, sorted.
    #[must_use]
    pub fn found(&self) -> Vec<String> {
        self.found.borrow().iter().cloned().collect()
    }

    /// Returns the names that were looked up in vain, sorted.
    #[must_use]
    pub fn missed(&self) -> Vec<String> {
        self.missed.borrow().iter().cloned().collect()
    }

    /// Returns the value of a name without recording that it was looked up.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Node> {
        self.locals.get(name).or_else(|| self.context.get(name))
    }

    /// Returns every name that there is.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.locals.keys().chain(self.context.keys()).map(KString::as_str)
    }

    /// Returns the value of a name, and records that it was looked up.
    pub fn look_up(&self, name: &str) -> Option<&Node> {
        if let Some(value) = self.locals.get(name) {
            return Some(value);
        }
        let value = self.context.get(name);
        let record = if value.is_some() { &self.found } else { &self.missed };
        if !record.borrow().contains(name) {
            record.borrow_mut().insert(name.to_owned());
        }
        value
    }
}
