//! The context: JSON read straight into engine values, and the root object that records what is looked up in it.
//!
//! Maps keep the order of the JSON. Looking something up takes no lock unless it is missing, and nothing here outlives
//! the call that the context came with.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectExt, Value};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Maps up to this size are searched from front to back; larger ones through a sorted index.
const LINEAR_SEARCH: usize = 8;

/// A JSON object as an engine value: finds keys quickly and iterates in the order of the document.
pub struct Table {
    entries: Vec<(Value, Value)>,
    /// Positions in `entries`, sorted by key; empty where the map is searched from front to back.
    order: Vec<u32>,
}

impl Table {
    /// Reads a JSON object; the error is a fragment that says what is wrong with the text.
    pub fn parse(json: &[u8]) -> Result<Arc<Self>, String> {
        let Tree(value) = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        value.downcast_object::<Self>().ok_or_else(|| "not a JSON object".to_owned())
    }

    /// Returns a table without entries.
    #[must_use]
    pub fn empty() -> Self {
        Self { entries: Vec::new(), order: Vec::new() }
    }

    /// Returns the value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|position| &self.entries[position].1)
    }

    /// Returns the keys in the order of the document.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str().unwrap_or_default())
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn new(mut entries: Vec<(Value, Value)>) -> Self {
        if entries.len() <= LINEAR_SEARCH {
            // Of a key that stands twice, the last value counts, at the place of the first.
            let mut position = 0;
            while position < entries.len() {
                if let Some(first) = entries[..position].iter().position(|(key, _)| *key == entries[position].0) {
                    entries[first].1 = entries.remove(position).1;
                } else {
                    position += 1;
                }
            }
            return Self { entries, order: Vec::new() };
        }
        let order = sorted(&entries);
        let twice = |pair: &[u32]| key_of(&entries, pair[0]) == key_of(&entries, pair[1]);
        if order.windows(2).any(twice) {
            Self::new(without_repetitions(entries, &order))
        } else {
            Self { entries, order }
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.order.is_empty() {
            return self.entries.iter().position(|(other, _)| other.as_str() == Some(key));
        }
        let found = self.order.binary_search_by(|position| key_of(&self.entries, *position).cmp(key)).ok()?;
        Some(self.order[found] as usize)
    }
}

fn key_of(entries: &[(Value, Value)], position: u32) -> &str {
    entries[position as usize].0.as_str().unwrap_or_default()
}

/// Returns the positions of the entries, sorted by key and then by position.
fn sorted(entries: &[(Value, Value)]) -> Vec<u32> {
    // A document of 2^32 keys does not fit the address space of a guest.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer entries than bytes in a guest's memory")]
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    order.sort_by(|left, right| key_of(entries, *left).cmp(key_of(entries, *right)));
    order
}

/// Keeps each key at its first place, with its last value. `order` is [`sorted`].
fn without_repetitions(mut entries: Vec<(Value, Value)>, order: &[u32]) -> Vec<(Value, Value)> {
    let mut dropped = BTreeSet::new();
    let mut first = 0;
    for next in 1..order.len() {
        if key_of(&entries, order[first]) == key_of(&entries, order[next]) {
            entries[order[first] as usize].1 = entries[order[next] as usize].1.clone();
            dropped.insert(order[next] as usize);
        } else {
            first = next;
        }
    }
    entries.into_iter().enumerate().filter(|(at, _)| !dropped.contains(at)).map(|(_, entry)| entry).collect()
}

impl fmt::Debug for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.entries.iter().map(|(key, value)| (key, value))).finish()
    }
}

impl Object for Table {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_rev_key_value_enumerator(|this| Box::new(this.entries.iter().cloned()))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// An engine value as it comes out of a JSON document, without a tree of another kind in between.
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Self)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::from(()))
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
        let mut entries = Vec::new();
        while let Some(Tree(key)) = pairs.next_key()? {
            if key.as_str().is_none() {
                return Err(A::Error::custom("a key is not a string"));
            }
            let Tree(value) = pairs.next_value()?;
            entries.push((key, value));
        }
        Ok(Value::from_object(Table::new(entries)))
    }
}

/// What a template sees as its top level: locals over the context. Records which names of the context were looked up.
pub struct Root {
    context: Arc<Table>,
    locals: Option<Arc<Table>>,
    /// One flag for each entry of the context. A flag and not a list, so that a lookup in a loop costs one store.
    found: Box<[AtomicBool]>,
    missed: Mutex<BTreeSet<Box<str>>>,
}

impl Root {
    /// Lays the locals over the context, with nothing recorded yet.
    #[must_use]
    pub fn new(context: Arc<Table>, locals: Option<Arc<Table>>) -> Arc<Self> {
        let found = (0..context.len()).map(|_| AtomicBool::new(false)).collect();
        Arc::new(Self { context, locals, found, missed: Mutex::default() })
    }

    /// Returns the root as the engine takes it.
    #[must_use]
    pub fn to_value(self: &Arc<Self>) -> Value {
        Value::from_dyn_object(DynObject::from(self.clone()))
    }

    /// Returns the value of a name without recording that it was looked up.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.locals.as_ref().and_then(|locals| locals.get(name)).or_else(|| self.context.get(name))
    }

    /// Returns every name that a template could look up: the locals and the context.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.locals.iter().flat_map(|locals| locals.keys()).chain(self.context.keys())
    }

    /// Returns the names of the context (locals excluded) that were found so far, sorted.
    #[must_use]
    pub fn found(&self) -> Vec<String> {
        let mut names: Vec<String> = (self.context.keys().zip(&self.found))
            .filter(|(_, found)| found.load(Ordering::Relaxed))
            .map(|(name, _)| name.to_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// Returns the names that were looked up in vain so far, sorted.
    #[must_use]
    pub fn missed(&self) -> Vec<String> {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.iter().map(|name| name.clone().into_string()).collect()
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the context")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(value) = self.locals.as_ref().and_then(|locals| locals.get(key)) {
            return Some(value.clone());
        }
        if let Some(position) = self.context.position(key) {
            self.found[position].store(true, Ordering::Relaxed);
            return Some(self.context.entries[position].1.clone());
        }
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if !missed.contains(key) {
            missed.insert(key.into());
        }
        None
    }

    // Nothing may read the whole context at once: `reads` would have to name all of it.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
