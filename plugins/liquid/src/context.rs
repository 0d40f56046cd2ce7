//! The context: JSON read straight into the engine's values, and the root that records what is looked up in it.
//!
//! Objects keep the order of the JSON.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use liquid_core::model::{DisplayCow, KString, KStringCow, State};
use liquid_core::{Object, ObjectView, Value, ValueView};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads a JSON object; the error is a fragment that says what is wrong with the text.
pub fn parse(json: &[u8]) -> Result<Object, String> {
    let Tree(value) = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    value.into_object().ok_or_else(|| "not a JSON object".to_owned())
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
        Ok(Value::Nil)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::scalar(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::scalar(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "the engine has no larger integers, and takes these as floats")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::scalar(value as f64), Value::scalar))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::scalar(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::scalar(KString::from_ref(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Tree(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some((key, Tree(value))) = pairs.next_entry::<String, Tree>()? {
            object.insert(key.into(), value);
        }
        Ok(Value::Object(object))
    }
}

/// What a template sees as its top level: locals over the context. Records which names were looked up.
#[derive(Debug)]
pub struct Root<'a> {
    context: &'a Object,
    locals: Object,
    found: RefCell<BTreeSet<String>>,
    missed: RefCell<BTreeSet<String>>,
}

impl<'a> Root<'a> {
    /// Lays the locals over the context, with nothing recorded yet.
    #[must_use]
    pub fn new(context: &'a Object, locals: Object) -> Self {
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
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.locals.get(name).or_else(|| self.context.get(name))
    }

    /// Returns every name that there is.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.locals.keys().chain(self.context.keys()).map(KString::as_str)
    }

    fn look_up(&self, name: &str) -> Option<&Value> {
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

impl ValueView for Root<'_> {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }

    // The top level has no name in the language, so nothing can show, copy or list it.
    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&"")
    }

    fn source(&self) -> DisplayCow<'_> {
        DisplayCow::Borrowed(&"")
    }

    fn type_name(&self) -> &'static str {
        "object"
    }

    fn query_state(&self, state: State) -> bool {
        matches!(state, State::Truthy)
    }

    fn to_kstr(&self) -> KStringCow<'_> {
        KStringCow::from_static("")
    }

    fn to_value(&self) -> Value {
        Value::Nil
    }

    fn as_object(&self) -> Option<&dyn ObjectView> {
        Some(self)
    }
}

impl ObjectView for Root<'_> {
    fn as_value(&self) -> &dyn ValueView {
        self
    }

    fn size(&self) -> i64 {
        0
    }

    fn keys<'k>(&'k self) -> Box<dyn Iterator<Item = KStringCow<'k>> + 'k> {
        Box::new(std::iter::empty())
    }

    fn values<'k>(&'k self) -> Box<dyn Iterator<Item = &'k dyn ValueView> + 'k> {
        Box::new(std::iter::empty())
    }

    fn iter<'k>(&'k self) -> Box<dyn Iterator<Item = (KStringCow<'k>, &'k dyn ValueView)> + 'k> {
        Box::new(std::iter::empty())
    }

    fn contains_key(&self, index: &str) -> bool {
        self.look_up(index).is_some()
    }

    fn get<'s>(&'s self, index: &str) -> Option<&'s dyn ValueView> {
        self.look_up(index).map(Value::as_view)
    }
}
