//! Graphs and SPARQL, behind the world `query-plugin`.
//!
//! A call is a pure function of its arguments: random answers are drawn from a seed, and the time is what it is said to
//! be. Every query sees the same beginning of both, so that a batch equals single calls. Nothing here panics on input, and
//! nothing depends on hash seeds.

pub mod ask;
pub mod chance;
pub mod explain;
pub mod failures;
pub mod graphs;
pub mod inspect;
pub mod load;
pub mod parse;
pub mod products;
pub mod remarks;
pub mod rewrite;
pub mod rows;
pub mod sorting;
pub mod substitute;
pub mod syntax;
pub mod terms;
pub mod tokens;
pub mod unknown;
pub mod walk;

#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(test)]
mod tests;

/// The types of the plugin ABI, generated from its WIT.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "query-plugin",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::packbox::plugin::query_engine::{
    Answer, Answered, Description, File, Form, Inspected, Literal, Notation, Parameter, Prefix, Query, Setting, Source,
    Statement, Table, Term,
};
pub use bindings::packbox::plugin::types::{Diagnostic, Failure, Position, Severity, Span};
