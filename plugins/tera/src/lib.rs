//! The Tera template engine of packbox: tera behind the world `renderer-plugin`.
//!
//! A call is a pure function of its arguments. Undefined values are errors, nothing is escaped, a trailing line feed
//! stays. Nothing here panics on input; what does run out (stack, memory, time) ends in a trap that the host sees.

pub mod advice;
pub mod context;
pub mod errors;
pub mod filters;
pub mod finite;
pub mod inspect;
pub mod mistakes;
pub mod reach;
pub mod render;
pub mod scan;
pub mod tokens;
pub mod undefined;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;
