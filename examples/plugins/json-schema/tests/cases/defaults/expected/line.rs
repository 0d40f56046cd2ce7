//! `Line` and what belongs to it. Generated: change the schema, not this file.

use super::Mode;
use super::Point;

/// An object, `Line`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// The property `from`.
    pub from: Point,
    /// The property `mode`.
    pub mode: Mode,
}
