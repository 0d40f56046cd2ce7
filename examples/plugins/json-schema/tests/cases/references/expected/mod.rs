//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod abc;
mod common_things;
mod expression;
mod maybe;
mod sum;
mod tree;
mod value;
mod whole;

pub use abc::ABC;
pub use common_things::CommonThings;
pub use expression::Expression;
pub use maybe::Maybe;
pub use maybe::MaybeValue;
pub use sum::Sum;
pub use tree::Tree;
pub use value::Value;
pub use whole::Whole;
