//! The Jinja template engine of packbox: minijinja behind the world `engine-plugin`.
//!
//! A call is a pure function of its arguments. Undefined values are errors, nothing is escaped, a trailing line feed
//! stays. Nothing here panics on input; what does run out (stack, memory, time) ends in a trap that the host sees.

pub mod advice;
pub mod context;
pub mod errors;
pub mod expressions;
pub mod extra;
pub mod filters;
pub mod finite;
pub mod globals;
pub mod inspect;
pub mod locate;
pub mod methods;
pub mod missing;
pub mod options;
pub mod origin;
pub mod overflow;
pub mod plain;
pub mod render;
pub mod signatures;
pub mod strict;
pub mod syntax;
pub mod unnamed;

pub use common::{allocator, arithmetic, balance, hints};

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;

/// The types of the plugin ABI, generated from its WIT.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "engine-plugin",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}
