//! JSON, the way that all documents are written.

use serde_json::Value;

/// Writes a document.
#[must_use]
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
