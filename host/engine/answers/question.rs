//! What a call depends on, as digests under a key of this user: [`Question`], and of variables [`Known`].
//!
//! Always true here: a secret's bytes are in no digest, and neither is what they are part of.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::key::{Key, Tag};

/// The parts of what a call depends on, in the order in which they are told.
pub(super) const COMPONENT: usize = 0;
/// Limits and grants.
pub(super) const SETTINGS: usize = 1;
/// What it is about.
pub(super) const TEMPLATE: usize = 2;
/// Files that may be included.
pub(super) const PARTIALS: usize = 3;
/// Options.
pub(super) const OPTIONS: usize = 4;
/// What it is given beside the variables.
pub(super) const ITEM: usize = 5;
/// The names of the variables, in their order.
pub(super) const NAMES: usize = 6;
/// How many there are.
pub(super) const PARTS: usize = 7;

/// A call, by what it depends on beside the values of variables.
#[derive(Debug, Clone)]
pub struct Question {
    /// What the call is for: answers of calls for the same thing are looked through.
    pub slot: Tag,
    pub(super) parts: [Tag; PARTS],
}

impl Question {
    /// Begins a question: what the call is for, and who is called with what.
    #[must_use]
    pub fn new(slot: Tag, (component, settings): (Tag, Tag)) -> Self {
        let mut parts = [Tag::default(); PARTS];
        (parts[COMPONENT], parts[SETTINGS]) = (component, settings);
        Self { slot, parts }
    }

    /// Adds what the call is about.
    #[must_use]
    pub fn about(mut self, template: Tag) -> Self {
        self.parts[TEMPLATE] = template;
        self
    }

    /// Adds files that may be included.
    #[must_use]
    pub fn including(mut self, partials: Tag) -> Self {
        self.parts[PARTIALS] = partials;
        self
    }

    /// Adds options.
    #[must_use]
    pub fn with_options(mut self, options: Tag) -> Self {
        self.parts[OPTIONS] = options;
        self
    }

    /// Adds what the call is given beside the variables.
    #[must_use]
    pub fn with_item(mut self, item: Tag) -> Self {
        self.parts[ITEM] = item;
        self
    }
}

/// The variables of a call, whose values are digested when a call that reads them is looked up.
#[derive(Debug)]
pub struct Known<'a> {
    values: &'a Map<String, Value>,
    secrets: BTreeSet<String>,
    tags: Mutex<HashMap<String, Tag>>,
    names: OnceLock<Tag>,
}

impl<'a> Known<'a> {
    /// Takes variables, and says which are secret or made of secrets.
    pub fn new<S: ToString>(values: &'a Map<String, Value>, secrets: impl IntoIterator<Item = S>) -> Self {
        let secrets = secrets.into_iter().map(|name| name.to_string()).collect();
        Self { values, secrets, tags: Mutex::default(), names: OnceLock::new() }
    }

    /// Whether a name is that of a secret.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.secrets.contains(name)
    }

    /// Whether any is.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// All names, in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// A digest of all names in their order.
    pub(super) fn names(&self, key: &Key) -> Tag {
        *self.names.get_or_init(|| {
            let names: Vec<&[u8]> = self.values.keys().map(String::as_bytes).collect();
            key.tag("names", &names)
        })
    }

    /// A digest of a value, or of there being none; none for a secret.
    pub(super) fn tag(&self, key: &Key, name: &str) -> Option<Tag> {
        if self.is_secret(name) {
            return None;
        }
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tag) = tags.get(name) {
            return Some(*tag);
        }
        let tag = match self.values.get(name) {
            Some(value) => key.tag("value", &[&serde_json::to_vec(value).ok()?]),
            None => key.tag("no value", &[]),
        };
        tags.insert(name.to_owned(), tag);
        Some(tag)
    }
}
