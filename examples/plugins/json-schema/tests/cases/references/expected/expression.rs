//! `Expression` and what belongs to it. Generated: change the schema, not this file.

use super::Sum;

/// One of several types, `Expression`; the first that fits counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// The alternative `Number`.
    Number(f64),
    /// Not
    Not(Box<Expression>),
    /// The alternative `Sum`.
    Sum(Box<Sum>),
}
