//! Mergers: what several owners want a file to be in, one file or conflicts out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::input::{self, Input, Object};
use crate::{Conflict, Failure, Merged, Outcome, Part, Place, Policy, Source, Span};

/// Makes one file of what several owners want it to be.
pub trait Merger {
    /// Lists the policies, each once.
    fn policies() -> Vec<Policy>;

    /// Merges a file. [`Merged`] and [`Conflict`] become an [`Outcome`] with `.into()`.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where a side can't be read, as it is not of the format for instance: a diagnostic with a place in that
    /// side. What the owners want differently is a conflict.
    fn merge(job: &MergeJob<'_>) -> Result<Outcome, Failure>;
}

/// A file to merge.
#[derive(Debug)]
pub struct MergeJob<'a> {
    /// Where it goes, relative to the output folder.
    pub path: &'a str,
    /// The name of one of the policies.
    pub policy: &'a str,
    /// What all sides were made from; none where they were made independently of each other.
    pub base: Option<&'a [u8]>,
    /// What the owners want, at least one side; the path of a side is its owner. The first one's layout is kept.
    pub sides: Vec<Source<'a>>,
    pub(crate) options: Object,
}

impl MergeJob<'_> {
    /// Returns the options that the manifests give. With `#[serde(default)]`, they may give some of them.
    ///
    /// # Errors
    ///
    /// Options that do not fit their type, as an `invalid` diagnostic of the rule `plugin/options`.
    pub fn options<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        if self.options.is_empty() { Ok(T::default()) } else { input::convert(&self.options, Input::Options) }
    }
}

impl Policy {
    /// Creates a policy without a page or options. Its name has lower-case letters, digits and `-`; the summary is one line.
    #[must_use]
    pub fn new(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self { name: name.into(), summary: summary.into(), help: String::new(), options: b"{}".to_vec() }
    }

    /// Sets the policy's page, in Markdown: which files it is for, what is merged how, what is a conflict.
    #[must_use]
    pub fn help(mut self, page: impl Into<String>) -> Self {
        self.help = page.into();
        self
    }

    /// Sets the options with their default values: a type whose JSON is an object. What is no object is no options.
    #[must_use]
    pub fn options(mut self, defaults: &impl Serialize) -> Self {
        if let Ok(Value::Object(options)) = serde_json::to_value(defaults) {
            self.options = Value::Object(options).to_string().into_bytes();
        }
        self
    }
}

impl Merged {
    /// Creates an empty file.
    #[must_use]
    pub fn new() -> Self {
        Self { contents: Vec::new(), parts: Vec::new(), notes: Vec::new() }
    }

    /// Adds bytes that owners want: indexes into the job's sides, in any order. Every word of them must stand in one of these
    /// sides. What the same owners wanted just before becomes one part with it.
    pub fn push(&mut self, bytes: impl AsRef<[u8]>, owners: impl IntoIterator<Item = usize>) {
        let at = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = at(self.contents.len());
        self.contents.extend_from_slice(bytes.as_ref());
        let end = at(self.contents.len());
        let mut owners: Vec<u32> = owners.into_iter().map(at).collect();
        owners.sort_unstable();
        owners.dedup();
        match self.parts.last_mut() {
            Some(part) if part.end == start && part.owners == owners => part.end = end,
            _ if start == end || owners.is_empty() => {}
            _ => self.parts.push(Part { start, end, owners }),
        }
    }

    /// Adds bytes that are nobody's.
    pub fn push_own(&mut self, bytes: impl AsRef<[u8]>) {
        self.push(bytes, []);
    }
}

impl Default for Merged {
    fn default() -> Self {
        Self::new()
    }
}

impl Conflict {
    /// Creates a conflict about something, for instance a key; the message is a lower-case fragment without a full stop.
    #[must_use]
    pub fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), message: message.into(), help: None, places: Vec::new() }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a place in a side, given by its index: `job.sides[1].span(…)`.
    #[must_use]
    pub fn at(mut self, side: usize, span: Span) -> Self {
        let side = u32::try_from(side).unwrap_or(u32::MAX);
        self.places.push(Place { side, start: span.start, end: span.end });
        self
    }
}

impl From<Merged> for Outcome {
    fn from(merged: Merged) -> Self {
        Self::Merged(merged)
    }
}

impl From<Conflict> for Outcome {
    fn from(conflict: Conflict) -> Self {
        Self::Conflicts(vec![conflict])
    }
}

impl From<Vec<Conflict>> for Outcome {
    fn from(conflicts: Vec<Conflict>) -> Self {
        Self::Conflicts(conflicts)
    }
}
