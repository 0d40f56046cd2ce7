//! What the built-in renderers share: the types of the ABI, diagnostics, partials, options, case filters and memory.
//!
//! Nothing here knows a template engine. Nothing here panics on input.

pub mod cases;
pub mod diagnose;
pub mod json;
pub mod options;
pub mod panics;
pub mod partials;

/// The types of the plugin ABI, generated from its WIT.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "renderer-plugin",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}

pub use common::{allocator, arithmetic, balance, hints, same};

pub use bindings::exports::packbox::plugin::renderer::{Job, Output, Rendered, TemplateInfo};
pub use bindings::packbox::plugin::types::{Diagnostic, Failure, File, Position, Reads, Severity, Span};

/// Says whether two templates are the same, path and contents.
#[must_use]
pub fn same_file(one: &File, other: &File) -> bool {
    one.path == other.path && same(&one.contents, &other.contents)
}

/// Makes the answer of a job that gave one file and has nothing to remark.
#[must_use]
pub fn rendered(contents: Vec<u8>, reads: Reads) -> Rendered {
    Rendered { outputs: vec![Output { path: None, contents, executable: false }], reads, notes: Vec::new() }
}
