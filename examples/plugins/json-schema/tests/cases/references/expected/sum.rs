//! `Sum` and what belongs to it. Generated: change the schema, not this file.

use super::Expression;

/// An object, `Sum`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// The property `left`.
    pub left: Box<Expression>,
    /// The property `right`.
    pub right: Box<Expression>,
}
