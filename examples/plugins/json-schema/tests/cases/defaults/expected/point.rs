//! `Point` and what belongs to it. Generated: change the schema, not this file.

/// An object, `Point`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// The property `x`.
    pub x: f64,
    /// The property `y`.
    pub y: f64,
}
