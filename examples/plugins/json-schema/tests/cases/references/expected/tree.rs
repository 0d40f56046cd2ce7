//! `Tree` and what belongs to it. Generated: change the schema, not this file.

use std::collections::BTreeMap;

use super::ABC;
use super::Value;

/// An object, `Tree`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The property `value`.
    pub value: Value,
    /// The property `parent`.
    pub parent: Option<Box<Tree>>,
    /// The property `children`.
    pub children: Option<Vec<Tree>>,
    /// The property `by~name`.
    pub by_name: Option<BTreeMap<String, ABC>>,
}
