//! The Handlebars template engine of packbox: handlebars behind the world `renderer-plugin`.
//!
//! A call is a pure function of its arguments. Undefined values are errors where they are written, nothing is escaped,
//! a trailing line feed stays. Nothing here panics on input; what does run out ends in a trap that the host sees.

pub mod advice;
pub mod branches;
pub mod call;
pub mod depth;
pub mod errors;
pub mod helpers;
pub mod inspect;
pub mod length;
pub mod logic;
pub mod names;
pub mod options;
pub mod refuse;
pub mod render;
pub mod standalone;
pub mod tags;
pub mod tree;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;
