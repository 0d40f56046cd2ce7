//! The Liquid template engine of packbox: liquid behind the world `renderer-plugin`.
//!
//! A call is a pure function of its arguments. Undefined values are errors where they are written, nothing is escaped,
//! a trailing line feed stays. Nothing here panics on input; what does run out ends in a trap that the host sees.

pub mod arrays;
pub mod block;
pub mod case_block;
pub mod context;
pub mod counts;
pub mod engine;
pub mod errors;
pub mod filters;
pub mod inspect;
pub mod loops;
pub mod mistakes;
pub mod numbers;
pub mod partials;
pub mod places;
pub mod render;
pub mod scan;
pub mod scope;
pub mod value;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;
