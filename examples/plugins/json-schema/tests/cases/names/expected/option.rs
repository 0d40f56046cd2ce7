//! `Option_` and what belongs to it. Generated: change the schema, not this file.

/// An alias, `Option_`.
pub type Option_ = String;
