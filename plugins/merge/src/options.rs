//! The options that manifests may give for a merge, and what a mistyped one was meant to be.

use std::collections::BTreeMap;

use common::hints;
use serde_json::{Map, Value};

use crate::Failure;
use crate::failures;

/// Which keys tell items of lists apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct By {
    every: Option<String>,
    paths: BTreeMap<String, String>,
    /// What keys that are text begin with in this format.
    pub prefix: &'static str,
}

impl By {
    /// The key for the list at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&str> {
        self.paths.get(path).or(self.every.as_ref()).map(String::as_str)
    }

    /// The name under which a key is known.
    #[must_use]
    pub fn encode(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The key of a name.
    #[must_use]
    pub fn decode<'a>(&self, name: &'a str) -> &'a str {
        name.get(self.prefix.len()..).unwrap_or(name)
    }
}

/// Reads a job's options: a JSON object with none but these names.
pub fn read(json: &[u8], names: &[&str]) -> Result<Map<String, Value>, Failure> {
    let table: Map<String, Value> = serde_json::from_slice(json)
        .map_err(|error| failures::option(format!("the options can't be read: {error}"), None))?;
    for name in table.keys() {
        if !names.contains(&name.as_str()) {
            let help = match hints::nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "this policy has no options".to_owned(),
                None => format!("the options are {}", hints::list(names.iter().copied())),
            };
            return Err(failures::option(format!("unknown option `{name}`"), Some(help)));
        }
    }
    Ok(table)
}

/// Reads the option `by`.
pub fn by(json: &[u8], prefix: &'static str) -> Result<By, Failure> {
    let table = read(json, &["by"])?;
    let mut by = By { prefix, ..By::default() };
    match table.get("by") {
        None | Some(Value::Null) => {}
        Some(Value::String(key)) => by.every = Some(key.clone()),
        Some(Value::Object(paths)) => {
            for (path, key) in paths {
                let Value::String(key) = key else {
                    return Err(mistyped(&format!("by.\"{path}\""), "the name of a key"));
                };
                by.paths.insert(path.clone(), key.clone());
            }
        }
        Some(_) => return Err(mistyped("by", "the name of a key, or a table of such names by their paths")),
    }
    Ok(by)
}

/// Reads an option that is text.
pub fn text(table: &Map<String, Value>, name: &str) -> Result<String, Failure> {
    match table.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(mistyped(name, "text")),
    }
}

fn mistyped(name: &str, what: &str) -> Failure {
    failures::option(format!("the option `{name}` must be {what}"), None)
}
