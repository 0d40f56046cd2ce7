//! `ABC` and what belongs to it. Generated: change the schema, not this file.

use super::Tree;

/// An alias, `ABC`.
pub type ABC = Tree;
