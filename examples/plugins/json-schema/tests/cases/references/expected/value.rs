//! `Value` and what belongs to it. Generated: change the schema, not this file.

/// An alias, `Value`.
pub type Value = String;
