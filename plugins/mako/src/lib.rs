//! A made-up template engine of packbox behind the world `renderer-plugin`: `${name}` is a variable.
//!
//! A call is a pure function of its arguments. Undefined values are errors. Nothing here panics on input.

pub mod render;

#[cfg(target_arch = "wasm32")]
mod guest;
