//! `Schema` and what belongs to it. Generated: change the schema, not this file.

/// An object, `Schema`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The property `a`.
    pub a: i64,
    /// Constraints, not checked here: `minimum` 0.
    pub b: u64,
    /// Constraints, not checked here: `minimum` 0, `maximum` 256.
    pub c: u16,
    /// Constraints, not checked here: `exclusiveMinimum` -129, `exclusiveMaximum` 128.
    pub d: i8,
    /// Constraints, not checked here: `minimum` 0.5, `exclusiveMaximum` 256.0.
    pub e: u8,
    /// The property `f`.
    pub f: i32,
    /// Constraints, not checked here: `maximum` 5.
    pub g: i64,
    /// The property `h`.
    pub h: f32,
}
