//! Values and what they may be: types, bounds and patterns.
//!
//! Always true here: pure functions over data; nothing knows where a type was declared or where a value came from.

mod check;
mod kind;
mod pattern;
mod text;

pub use check::Problem;
pub use kind::{Choice, ItemKind, VariableKind};
pub use pattern::Pattern;
pub use text::refuse_words;
