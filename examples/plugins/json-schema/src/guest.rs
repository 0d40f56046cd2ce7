//! The component's exports: a thin layer over the library, which knows nothing of the plugin interface.
//!
//! A panic is sent to the host's log with its place before the instance ends.

#[expect(clippy::same_length_and_capacity, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "renderer-plugin" });
}

use bindings::exports::packbox::plugin::renderer::{
    Diagnostic, Failure, File, Guest, Job, Output, Reads, Rendered, TemplateInfo,
};
use bindings::packbox::plugin::log::{self, Level};
use bindings::packbox::plugin::types::{Position, Severity, Span};

use crate::SourceFile;

struct Plugin;

bindings::export!(Plugin with_types_in bindings);

impl Guest for Plugin {
    fn inspect(template: File) -> Result<TemplateInfo, Failure> {
        report_panics();
        let inspected = crate::inspect(&source(template)).map_err(invalid)?;
        Ok(TemplateInfo { variables: Vec::new(), partials: inspected.partials, blocks: inspected.definitions })
    }

    fn render(_context: Vec<u8>, partials: Vec<File>, jobs: Vec<Job>) -> Vec<Result<Rendered, Failure>> {
        report_panics();
        let partials: Vec<SourceFile> = partials.into_iter().map(source).collect();
        jobs.into_iter()
            .map(|job| {
                let rendered = crate::render(&source(job.template), &partials, &job.options).map_err(invalid)?;
                let outputs = rendered.files.into_iter().map(|file| Output {
                    path: Some(file.path),
                    contents: file.contents.into_bytes(),
                    executable: false,
                });
                Ok(Rendered {
                    outputs: outputs.collect(),
                    reads: Reads { variables: Vec::new(), partials: rendered.partials, absent: rendered.absent },
                    notes: rendered.notes.into_iter().map(diagnostic).collect(),
                })
            })
            .collect()
    }
}

/// A message and its place are all that is left of a panic: there is no unwinding here.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log::log(Level::Warn, &panic.to_string())));
}

fn source(file: File) -> SourceFile {
    SourceFile { path: file.path, contents: file.contents }
}

fn invalid(errors: Vec<crate::Diagnostic>) -> Failure {
    Failure::Invalid(errors.into_iter().map(diagnostic).collect())
}

fn diagnostic(found: crate::Diagnostic) -> Diagnostic {
    Diagnostic {
        rule: found.rule.to_owned(),
        severity: match found.severity {
            crate::Severity::Error => Severity::Error,
            crate::Severity::Warning => Severity::Warning,
            crate::Severity::Note => Severity::Note,
        },
        message: found.message,
        help: found.help,
        span: found.place.map(span),
        related: found.related.into_iter().map(span).collect(),
    }
}

fn span(place: crate::Place) -> Span {
    let position = |(line, column)| Position { line, column };
    Span { path: place.path, start: position(place.start), end: Some(position(place.end)) }
}
