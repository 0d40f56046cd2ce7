//! Rules about what a pack depends on.

mod shape;

pub mod pre_release;
pub mod unbounded;
pub mod wildcard;

pub use shape::{pointer_of, requirement_of};
