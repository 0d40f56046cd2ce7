//! The values that templates see: the engine's scalars, and lists and objects of ours.
//!
//! The engine's own objects are hash maps, whose order depends on what was made before them. None is ever iterated
//! here: an object of ours keeps the order of its keys, and where the engine asks for one of its own values (of a
//! filter's result, or of what is assigned), an object is written as a list of its keys and values that shows as the
//! object does (`packed`). What comes back from the engine is read again before anything looks inside it (`unpacked`).

use std::fmt;

use indexmap::IndexMap;
use liquid_core::model::{DisplayCow, KString, KStringCow, ScalarCow, State};
use liquid_core::{Object, ObjectView, Value, ValueView, model::ArrayView};

/// A value of the context, or one that was assigned.
#[derive(Debug, Clone)]
pub enum Node {
    /// A scalar, a state or nil.
    Leaf(Value),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Map(Ordered<Map>),
}

/// The entries of an object.
pub type Map = IndexMap<KString, Node>;

impl Node {
    /// Reads a value of the engine.
    #[must_use]
    pub fn of(value: Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.into_iter().map(Self::of).collect()),
            Value::Object(object) => Self::Map(Ordered(entries(object))),
            leaf => Self::Leaf(leaf),
        }
    }

    /// Returns the value as the engine takes it.
    #[must_use]
    pub fn as_view(&self) -> &dyn ValueView {
        match self {
            Self::Leaf(value) => value.as_view(),
            Self::List(items) => items,
            Self::Map(map) => map,
        }
    }
}

/// Returns whether there is an object somewhere in a value of the engine.
#[must_use]
pub fn has_objects(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_objects),
        Value::Object(_) => true,
        _ => false,
    }
}

/// Reads a value again if it was packed; returns nothing where it can be used as it is.
#[must_use]
pub fn unpacked(value: &dyn ValueView) -> Option<Node> {
    is_packed(value).unwrap_or(false).then(|| Node::of(value.to_value()))
}

/// Tells by the first object that is found: in a value, either all objects are packed or none is.
fn is_packed(value: &dyn ValueView) -> Option<bool> {
    if let Some(list) = value.as_array() {
        list.values().find_map(is_packed)
    } else {
        value.as_object().map(|object| marked(object).is_some())
    }
}

/// Returns the list of a packed object. It begins with a state that neither JSON nor a template can name.
fn marked(object: &dyn ObjectView) -> Option<&dyn ArrayView> {
    let list = object.get("").filter(|_| object.size() == 1)?.as_array()?;
    list.first().and_then(ValueView::as_state).filter(|state| *state == State::DefaultValue).map(|_| list)
}

/// Writes an object as one of the engine's: an empty key with the keys and values, which show one after the other.
fn packed<'a>(entries: impl Iterator<Item = (&'a str, &'a dyn ValueView)>) -> Value {
    let mut list = vec![Value::State(State::DefaultValue)];
    for (key, value) in entries {
        list.push(Value::scalar(KString::from_ref(key)));
        list.push(value.to_value());
    }
    let mut object = Object::new();
    object.insert(KString::new(), Value::Array(list));
    Value::Object(object)
}

/// Reads the entries of an object of the engine. One that was not packed has its keys sorted: it has no order.
fn entries(mut object: Object) -> Map {
    if marked(&object).is_none() {
        let mut map: Map = object.into_iter().map(|(key, value)| (key, Node::of(value))).collect();
        map.sort_unstable_keys();
        return map;
    }
    let mut list = object.remove("").and_then(Value::into_array).unwrap_or_default().into_iter().skip(1);
    let mut map = Map::with_capacity(list.len() / 2);
    while let (Some(key), Some(value)) = (list.next(), list.next()) {
        map.insert(key.to_kstr().into_owned(), Node::of(value));
    }
    map
}

impl ValueView for Node {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }

    fn render(&self) -> DisplayCow<'_> {
        self.as_view().render()
    }

    fn source(&self) -> DisplayCow<'_> {
        self.as_view().source()
    }

    fn type_name(&self) -> &'static str {
        self.as_view().type_name()
    }

    fn query_state(&self, state: State) -> bool {
        self.as_view().query_state(state)
    }

    fn to_kstr(&self) -> KStringCow<'_> {
        self.as_view().to_kstr()
    }

    fn to_value(&self) -> Value {
        self.as_view().to_value()
    }

    fn as_scalar(&self) -> Option<ScalarCow<'_>> {
        self.as_view().as_scalar()
    }

    fn as_array(&self) -> Option<&dyn ArrayView> {
        self.as_view().as_array()
    }

    fn as_object(&self) -> Option<&dyn ObjectView> {
        self.as_view().as_object()
    }

    fn as_state(&self) -> Option<State> {
        self.as_view().as_state()
    }

    fn is_nil(&self) -> bool {
        self.as_view().is_nil()
    }
}

/// What has entries in an order.
pub trait Entries: fmt::Debug {
    /// Returns how many there are.
    fn count(&self) -> usize;

    /// Returns the value of a key.
    fn entry(&self, key: &str) -> Option<&dyn ValueView>;

    /// Returns all entries in their order.
    fn each<'a>(&'a self) -> Box<dyn Iterator<Item = (&'a str, &'a dyn ValueView)> + 'a>;
}

impl Entries for Map {
    fn count(&self) -> usize {
        self.len()
    }

    fn entry(&self, key: &str) -> Option<&dyn ValueView> {
        self.get(key).map(Node::as_view)
    }

    fn each<'a>(&'a self) -> Box<dyn Iterator<Item = (&'a str, &'a dyn ValueView)> + 'a> {
        Box::new(self.iter().map(|(key, value)| (key.as_str(), value.as_view())))
    }
}

/// An object in the order of its entries.
#[derive(Debug, Clone)]
pub struct Ordered<E>(pub E);

impl<E: Entries> ValueView for Ordered<E> {
    fn as_debug(&self) -> &dyn fmt::Debug {
        self
    }

    fn render(&self) -> DisplayCow<'_> {
        DisplayCow::Owned(Box::new(Shown(&self.0)))
    }

    fn source(&self) -> DisplayCow<'_> {
        DisplayCow::Owned(Box::new(Source(&self.0)))
    }

    fn type_name(&self) -> &'static str {
        "object"
    }

    fn query_state(&self, state: State) -> bool {
        match state {
            State::Truthy => true,
            State::DefaultValue | State::Empty | State::Blank => self.0.count() == 0,
        }
    }

    fn to_kstr(&self) -> KStringCow<'_> {
        KStringCow::from_string(Shown(&self.0).to_string())
    }

    fn to_value(&self) -> Value {
        packed(self.0.each())
    }

    fn as_object(&self) -> Option<&dyn ObjectView> {
        Some(self)
    }
}

impl<E: Entries> ObjectView for Ordered<E> {
    fn as_value(&self) -> &dyn ValueView {
        self
    }

    fn size(&self) -> i64 {
        i64::try_from(self.0.count()).unwrap_or(i64::MAX)
    }

    fn keys<'k>(&'k self) -> Box<dyn Iterator<Item = KStringCow<'k>> + 'k> {
        Box::new(self.0.each().map(|(key, _)| KStringCow::from_ref(key)))
    }

    fn values<'k>(&'k self) -> Box<dyn Iterator<Item = &'k dyn ValueView> + 'k> {
        Box::new(self.0.each().map(|(_, value)| value))
    }

    fn iter<'k>(&'k self) -> Box<dyn Iterator<Item = (KStringCow<'k>, &'k dyn ValueView)> + 'k> {
        Box::new(self.0.each().map(|(key, value)| (KStringCow::from_ref(key), value)))
    }

    fn contains_key(&self, index: &str) -> bool {
        self.0.entry(index).is_some()
    }

    fn get<'s>(&'s self, index: &str) -> Option<&'s dyn ValueView> {
        self.0.entry(index)
    }
}

/// Writes an object as the language does: keys and values one after the other.
struct Shown<'a, E>(&'a E);

impl<E: Entries> fmt::Display for Shown<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.each().try_for_each(|(key, value)| write!(formatter, "{key}{}", value.render()))
    }
}

/// Writes an object as errors of the engine quote it.
struct Source<'a, E>(&'a E);

impl<E: Entries> fmt::Display for Source<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("{")?;
        self.0.each().try_for_each(|(key, value)| write!(formatter, "\"{key}\": {}, ", value.render()))?;
        formatter.write_str("}")
    }
}
