//! A pack as the rules see it: the manifest, the facts and the handed files, read once.

use std::collections::BTreeMap;

use packbox_facts::{Facts, FileFact, Names, Role};
use serde_json::Value;

use crate::bindings::packbox::plugin::types::{File, Position, Span};
use crate::source::Source;

/// The manifest's path, which spans name.
pub const MANIFEST: &str = "pack.toml";

/// A pack.
#[derive(Debug)]
pub struct Subject<'a> {
    /// `pack.toml` as JSON.
    pub manifest: Value,
    /// What the host knows.
    pub facts: Facts,
    /// The files that were handed over, sorted by path.
    pub sources: Vec<Source<'a>>,
}

/// A variable of the pack.
#[derive(Debug, Clone, Copy)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its table in the manifest.
    pub table: &'a Value,
}

/// A file that an engine other than `copy` reads, each once.
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a> {
    /// Where it is.
    pub path: &'a str,
    /// Which engine reads it.
    pub engine: &'a str,
    /// What it refers to, where that is known.
    pub names: Option<&'a Names>,
}

impl<'a> Subject<'a> {
    /// Takes a pack as it came.
    #[must_use]
    pub fn new(manifest: Value, mut facts: Facts, files: &'a [File]) -> Self {
        facts.files.sort_by(|left, right| left.path.cmp(&right.path));
        let roles: BTreeMap<&str, Role> = facts.files.iter().map(|file| (file.path.as_str(), file.role)).collect();
        let role = |path: &str| roles.get(path).copied().unwrap_or_default();
        let mut sources: Vec<_> = files.iter().map(|file| Source::new(file, role(&file.path))).collect();
        sources.sort_by_key(|source| source.path);
        Self { manifest, facts, sources }
    }

    /// Returns a value of the manifest.
    #[must_use]
    pub fn value(&self, pointer: &str) -> Option<&Value> {
        self.manifest.pointer(pointer)
    }

    /// Returns a text of the manifest.
    #[must_use]
    pub fn string(&self, pointer: &str) -> Option<&str> {
        self.value(pointer).and_then(Value::as_str)
    }

    /// Lists the entries of a table of the manifest, sorted by their names.
    pub fn table(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.manifest
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// Lists the variables, sorted by their names.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.table("variables").map(|(name, table)| Variable { name, table })
    }

    /// Says whether the pack declares a variable of a name, or a query, which templates read as one.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        let has = |table: &str| self.manifest.get(table).is_some_and(|names| names.get(name).is_some());
        has("variables") || has("queries")
    }

    /// Returns what is known about a file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&FileFact> {
        let at = self.facts.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.facts.files.get(at)
    }

    /// Returns a file that was handed over.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<&Source<'a>> {
        let at = self.sources.binary_search_by(|source| source.path.cmp(path)).ok()?;
        self.sources.get(at)
    }

    /// Lists the handed files whose text reaches the user's output or screen, with their texts.
    pub fn generated(&self) -> impl Iterator<Item = (&Source<'a>, &'a str)> {
        let generated = self.sources.iter().filter(|source| source.role.is_generated());
        generated.filter_map(|source| source.text.map(|text| (source, text)))
    }

    /// Lists the handed files that people or tools may read, the manifest included, with their texts.
    pub fn readable(&self) -> impl Iterator<Item = (&Source<'a>, &'a str)> {
        let readable = self.sources.iter().filter(|source| source.role != Role::Plugin);
        readable.filter_map(|source| source.text.map(|text| (source, text)))
    }

    /// Lists templates, partials and the message, each file once.
    #[must_use]
    pub fn rendered(&self) -> BTreeMap<&str, Rendered<'_>> {
        let templates = self.facts.templates.iter().filter(|template| template.engine != "copy");
        let templates = templates.map(|template| (&template.source, &template.engine, &template.names));
        let partials = self.facts.partials.iter().chain(&self.facts.message);
        let partials = partials.map(|partial| (&partial.path, &partial.engine, &partial.names));
        templates
            .chain(partials)
            .map(|(path, engine, names)| (path.as_str(), Rendered { path, engine, names: names.as_ref() }))
            .collect()
    }

    /// Finds the place of a key or value of the manifest; where it has none, that of what it is in.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Span {
        let mut pointer = pointer;
        loop {
            if let Some(&[line, column, end_line, end_column]) = self.facts.places.get(pointer) {
                let end = Position { line: end_line, column: end_column };
                return Span { path: MANIFEST.to_owned(), start: Position { line, column }, end: Some(end) };
            }
            match pointer.rsplit_once('/') {
                Some((parent, _)) => pointer = parent,
                None => {
                    return Span { path: MANIFEST.to_owned(), start: Position { line: 1, column: 1 }, end: None };
                }
            }
        }
    }
}

impl<'a> Variable<'a> {
    /// Returns its type.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.string("type").unwrap_or_default()
    }

    /// Says whether its table has a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Returns a text of its table.
    #[must_use]
    pub fn string(&self, key: &str) -> Option<&'a str> {
        self.table.get(key).and_then(Value::as_str)
    }

    /// Returns the pointer of one of its keys, or with an empty key its own.
    #[must_use]
    pub fn pointer(&self, key: &str) -> String {
        let own = ["variables", self.name, key];
        pointer(if key.is_empty() { &own[..2] } else { &own })
    }
}

/// Joins keys to a JSON pointer.
#[must_use]
pub fn pointer(keys: &[&str]) -> String {
    keys.iter().flat_map(|key| ["/".to_owned(), key.replace('~', "~0").replace('/', "~1")]).collect()
}

/// Says whether any key or text below a value is of a kind.
pub fn any_string(value: &Value, is_meant: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_meant(text),
        Value::Array(items) => items.iter().any(|item| any_string(item, is_meant)),
        Value::Object(table) => table.iter().any(|(key, item)| is_meant(key) || any_string(item, is_meant)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Calls a function with each key and text below a value and its pointer.
pub fn each_string(at: &str, value: &Value, visit: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => visit(at, text),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| each_string(&format!("{at}/{index}"), item, visit));
        }
        Value::Object(table) => {
            for (key, item) in table {
                let at = format!("{at}{}", pointer(&[key]));
                visit(&at, key);
                each_string(&at, item, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
