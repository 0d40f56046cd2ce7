//! Documents as trees of values with places, whatever format they are written in.
//!
//! Equal values have equal numbers, also those of different documents, and numbers are given in the order in which
//! values are met. So comparing two values takes no time, however large they are or however often they are referred to.

use std::collections::BTreeMap;
use std::ops::Range;

/// More levels than these are refused.
pub const DEEPEST: usize = 100;

/// The number of a value.
pub type Id = u32;
/// The number of a key.
pub type Key = u32;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Something without parts, in a form that is the same for equal values only.
    Scalar(String),
    /// Items in an order.
    List(Vec<Id>),
    /// Values by their keys, sorted.
    Table(Vec<(Key, Id)>),
    /// A value that a tag says more about.
    Tagged(String, Id),
}

/// All values and keys that were met.
#[derive(Debug, Default)]
pub struct Values {
    ids: BTreeMap<Value, Id>,
    values: Vec<Value>,
    keys: BTreeMap<String, Key>,
    names: Vec<String>,
}

impl Values {
    /// The number of a value.
    pub fn id(&mut self, value: Value) -> Id {
        if let Some(id) = self.ids.get(&value) {
            return *id;
        }
        let id = crate::text::number(self.values.len());
        self.ids.insert(value.clone(), id);
        self.values.push(value);
        id
    }

    /// The number of a table with these entries.
    pub fn table(&mut self, mut entries: Vec<(Key, Id)>) -> Id {
        entries.sort_unstable();
        self.id(Value::Table(entries))
    }

    /// The value of a number that was given.
    #[must_use]
    pub fn value(&self, id: Id) -> &Value {
        &self.values[id as usize]
    }

    /// The number of a key.
    pub fn key(&mut self, name: &str) -> Key {
        if let Some(key) = self.keys.get(name) {
            return *key;
        }
        let key = crate::text::number(self.names.len());
        self.keys.insert(name.to_owned(), key);
        self.names.push(name.to_owned());
        key
    }

    /// The number of a key that was met.
    #[must_use]
    pub fn known_key(&self, name: &str) -> Option<Key> {
        self.keys.get(name).copied()
    }

    /// The name of a key.
    #[must_use]
    pub fn name(&self, key: Key) -> &str {
        &self.names[key as usize]
    }
}

/// How a table or a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing with parts.
    Scalar,
    /// Between brackets.
    Flow,
    /// By indentation; in TOML, the root.
    Block,
    /// TOML: below a header of its own.
    Header,
    /// TOML: only implied by the headers of what is in it.
    Implicit,
    /// TOML: by keys with dots.
    Dotted,
    /// TOML: by headers, one for each item.
    Headers,
}

/// What is in a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing.
    Scalar,
    /// Entries in the order in which they are written.
    Table(Vec<Entry>),
    /// Items.
    List(Vec<usize>),
    /// YAML: what another node is.
    Alias(usize),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Where it is written; for a table that has several headers, the first place.
    pub key_span: Range<usize>,
    /// The node of its value.
    pub node: usize,
}

/// A value in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What is in it.
    pub kind: Kind,
    /// Where it is written; for what has a header, the header.
    pub span: Range<usize>,
    /// Its value.
    pub id: Id,
    /// How it is written.
    pub shape: Shape,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Doc {
    /// All its nodes.
    pub nodes: Vec<Node>,
    /// The node that all others are in.
    pub root: usize,
    /// Where its comments are, ascending.
    pub comments: Vec<Range<usize>>,
    /// YAML: where anchors are defined: name, node.
    pub anchors: Vec<(String, usize)>,
    /// YAML: where the dashes of items are, by node.
    pub dashes: BTreeMap<usize, usize>,
}

impl Doc {
    /// The node itself, or the one that it refers to.
    #[must_use]
    pub fn target(&self, node: usize) -> usize {
        match self.nodes[node].kind {
            Kind::Alias(target) => target,
            _ => node,
        }
    }

    /// What a node is, with what it refers to in its place.
    #[must_use]
    pub fn kind(&self, node: usize) -> &Kind {
        &self.nodes[self.target(node)].kind
    }

    /// The value of a node.
    #[must_use]
    pub fn id(&self, node: usize) -> Id {
        self.nodes[node].id
    }

    /// Adds a node.
    pub fn push(&mut self, kind: Kind, span: Range<usize>, id: Id, shape: Shape) -> usize {
        self.nodes.push(Node { kind, span, id, shape });
        self.nodes.len() - 1
    }

    /// The entries of a table; none for anything else.
    #[must_use]
    pub fn entries(&self, node: usize) -> &[Entry] {
        match self.kind(node) {
            Kind::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    #[must_use]
    pub fn items(&self, node: usize) -> &[usize] {
        match self.kind(node) {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The value at a key of a table.
    #[must_use]
    pub fn get(&self, node: usize, key: Key) -> Option<usize> {
        self.entries(node).iter().find(|entry| entry.key == key).map(|entry| entry.node)
    }
}
