//! `Empty` and what belongs to it. Generated: change the schema, not this file.

/// An object, `Empty`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Empty {}
