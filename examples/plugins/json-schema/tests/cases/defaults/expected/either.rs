//! `Either` and what belongs to it. Generated: change the schema, not this file.

use super::Point;

/// One of several types, `Either`; the first that fits counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Either {
    /// The alternative `Integer`.
    Integer(i64),
    /// The alternative `Point`.
    Point(Point),
}
