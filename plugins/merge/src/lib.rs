//! Makes one file of what several owners want it to be, behind the world `merger-plugin`.
//!
//! A call is a pure function of its arguments. What is structured is parsed, merged as values, and written as edits of
//! the first owner's text; the result is parsed again, and refused unless it has the wanted value. Nothing here panics
//! on input, and nothing depends on hash seeds.

pub mod change;
pub mod comments;
pub mod edits;
pub mod failures;
pub mod flow;
pub mod formats;
pub mod lines;
pub mod merge;
pub mod model;
pub mod options;
pub mod owners;
pub mod policies;
pub mod region;
pub mod region_file;
pub mod region_head;
pub mod structured;
pub mod text;
mod told;
pub mod unwritten;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;

/// The types of the plugin ABI, generated from its WIT.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "merger-plugin",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::packbox::plugin::merger::{Conflict, Job, Merged, Outcome, Part, Place, Policy, Side};
pub use bindings::packbox::plugin::types::{Diagnostic, Failure, Position, Severity, Span};
