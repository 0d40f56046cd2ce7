//! The files that templates may include, by path.

use std::collections::BTreeMap;

use crate::bindings::packbox::plugin::types::{Failure, File};
use crate::diagnose;

/// The partials of a call. The first of two with the same path counts.
#[derive(Debug, Default)]
pub struct Partials {
    files: BTreeMap<String, Vec<u8>>,
}

impl Partials {
    /// Takes the files of a call.
    #[must_use]
    pub fn new(files: Vec<File>) -> Self {
        let mut by_path = BTreeMap::new();
        for file in files {
            by_path.entry(file.path).or_insert(file.contents);
        }
        Self { files: by_path }
    }

    /// Returns the text of a partial; none where there is none, a failure where it is not UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<Result<&str, Failure>> {
        let contents = self.files.get(path)?;
        Some(std::str::from_utf8(contents).map_err(|error| diagnose::not_utf8(path, contents, error)))
    }

    /// Whether there is a partial with this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Returns all paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Returns those partials that are text, sorted by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, contents)| Some((path.as_str(), std::str::from_utf8(contents).ok()?)))
    }
}
