//! `Whole` and what belongs to it. Generated: change the schema, not this file.

use super::CommonThings;

/// An alias, `Whole`.
pub type Whole = CommonThings;
