//! `Schema` and what belongs to it. Generated: change the schema, not this file.

/// An object, `Schema`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// Constraints, not checked here: `format` `postcode`.
    pub a: Option<String>,
    /// The property `b`.
    pub b: Option<Vec<String>>,
    /// The property `c`.
    pub c: Option<String>,
}
