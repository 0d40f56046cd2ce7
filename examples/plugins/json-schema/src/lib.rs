//! A packbox renderer that turns a JSON Schema (draft 2020-12, a subset) into Rust types.
//!
//! The template is the schema; one call gives `mod.rs` and one file for each top-level definition. What is supported is
//! listed in this plugin's `README.md`; everything else is an error that names the keyword and its place, or a note where
//! ignoring it cannot make a type wrong. The result depends on the schema, the schemas that it refers to and the options,
//! and on nothing else; its order is the schema's order.
//!
//! [`render`] and [`inspect`] are ordinary functions, so tests run natively; the component's exports are a thin layer over
//! them.

mod build;
mod defaults;
mod diagnostic;
mod docs;
mod emit;
mod expression;
#[cfg(target_family = "wasm")]
mod guest;
mod json;
mod keywords;
mod library;
mod model;
mod names;
mod options;
mod recursion;

pub use diagnostic::{Diagnostic, Place, Severity};

use diagnostic::Report;
use library::Library;
use options::Options;

/// A file that is handed in.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Relative to the pack, `/` separated.
    pub path: String,
    /// The bytes of the file.
    pub contents: Vec<u8>,
}

/// A file that was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Relative to the output folder: a bare file name.
    pub path: String,
    /// The Rust source.
    pub contents: String,
}

/// What rendering a schema gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// `mod.rs`, then one file for each definition, in the schema's order.
    pub files: Vec<GeneratedFile>,
    /// Remarks: keywords that were ignored.
    pub notes: Vec<Diagnostic>,
    /// Paths of the partials that were read, sorted.
    pub partials: Vec<String>,
    /// Paths that are referred to and were not handed in, sorted.
    pub absent: Vec<String>,
}

/// What can be said about a schema without generating anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Paths of the schemas that it refers to, sorted.
    pub partials: Vec<String>,
    /// Names of its `$defs`, sorted.
    pub definitions: Vec<String>,
}

/// Generates Rust types for a schema. `options` is a JSON object.
///
/// Errors are everything that is wrong with the schema or the options, at most 100 findings.
pub fn render(template: &SourceFile, partials: &[SourceFile], options: &[u8]) -> Result<Rendered, Vec<Diagnostic>> {
    let options = Options::parse(options)?;
    let library = Library::load(template, partials)?;
    let mut report = Report::new(&library);
    let model = build::build(&library, &options, &mut report);
    let files = model.map(|mut model| {
        recursion::box_recursive_fields(&mut model, &mut report);
        if report.has_errors() {
            return Vec::new();
        }
        let defaults = defaults::find_defaults(&model, &mut report);
        emit::emit(&model, &defaults, &options, &library.documents[0].path)
    });
    let notes = report.finish()?;
    Ok(Rendered {
        files: files.unwrap_or_default(),
        notes,
        partials: library.documents[1..].iter().map(|document| document.path.clone()).collect(),
        absent: library.absent,
    })
}

/// Says what a schema refers to and defines.
///
/// Errors are syntax errors in the schema.
pub fn inspect(template: &SourceFile) -> Result<Inspected, Vec<Diagnostic>> {
    let library = Library::load(template, &[])?;
    let mut definitions: Vec<String> =
        library.documents[0].definitions().iter().map(|member| member.key.clone()).collect();
    definitions.sort();
    Ok(Inspected { partials: library.absent, definitions })
}
