//! `CommonThings` and what belongs to it. Generated: change the schema, not this file.

use super::Value;

/// Common things
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommonThings {
    /// The property `value`.
    pub value: Option<Value>,
}
