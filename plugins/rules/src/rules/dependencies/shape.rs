//! The two ways to write a dependency: `name = "^1.0"`, and `name = { version = "^1.0" }`.

use serde_json::Value;

use crate::subject::pointer;

/// Returns the version requirement of a dependency.
#[must_use]
pub fn requirement_of(dependency: &Value) -> &str {
    let version = dependency.get("version").unwrap_or(dependency);
    version.as_str().unwrap_or_default()
}

/// Returns the pointer of a dependency's version requirement.
#[must_use]
pub fn pointer_of(name: &str, dependency: &Value) -> String {
    let keys = ["dependencies", name, "version"];
    pointer(if dependency.is_object() { &keys } else { &keys[..2] })
}
