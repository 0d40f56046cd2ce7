//! A packbox renderer that turns a JSON Schema (draft 2020-12, a subset) into Rust types.
//!
//! The template is the schema; one call gives `mod.rs` and one file for each top-level definition. What is supported is
//! listed in this plugin's `README.md`; everything else is an error that names the keyword and its place, or a note where
//! ignoring it cannot make a type wrong. The result depends on the schema, the schemas that it refers to and the options,
//! and on nothing else; its order is the schema's order.
//!
//! [`JsonSchema`] is the renderer; tests run it natively.

mod build;
mod defaults;
mod diagnostic;
mod docs;
mod emit;
mod expression;
mod json;
mod keywords;
mod library;
mod model;
mod names;
mod options;
mod recursion;

use packbox_sdk::serde_json::Value;
use packbox_sdk::{Failure, Job, Rendered, Renderer, Source, TemplateInfo};

use diagnostic::Report;
use library::Library;
pub use options::{Options, TypeName};

/// The renderer. It reads no variables.
pub struct JsonSchema;

packbox_sdk::export_renderer!(JsonSchema);

impl Renderer for JsonSchema {
    type Context = Value;
    type Options = Options;

    /// Generates `mod.rs` and one file for each definition, in the schema's order. Notes are keywords that were ignored.
    ///
    /// Errors are everything that is wrong with the schema, at most 100 findings.
    fn render(job: &Job<'_, Value, Options>) -> Result<Rendered, Failure> {
        let library = Library::load(&job.template, &|path| job.partials.get(path))?;
        let mut report = Report::new(&library);
        let model = build::build(&library, job.options, &mut report);
        let files = model.map(|mut model| {
            recursion::box_recursive_fields(&mut model, &mut report);
            if report.has_errors() {
                return Vec::new();
            }
            let defaults = defaults::find_defaults(&model, &mut report);
            emit::emit(&model, &defaults, job.options, &library.documents[0].path)
        });
        let notes = report.finish()?;
        let no_variables: [&str; 0] = [];
        let mut rendered = Rendered::new().reading(no_variables);
        for file in files.unwrap_or_default() {
            rendered = rendered.file(file.path, file.contents);
        }
        Ok(notes.into_iter().fold(rendered, Rendered::note))
    }

    /// Names the schemas that a schema refers to, and its `$defs`.
    fn inspect(template: &Source<'_>) -> Result<TemplateInfo, Failure> {
        let library = Library::load(template, &|_| None)?;
        let mut blocks: Vec<String> =
            library.documents[0].definitions().iter().map(|member| member.key.clone()).collect();
        blocks.sort();
        Ok(TemplateInfo { variables: Vec::new(), partials: library.absent, blocks })
    }
}

/// A file that was generated.
struct GeneratedFile {
    /// A bare file name.
    path: String,
    /// The Rust source.
    contents: String,
}
