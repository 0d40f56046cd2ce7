//! Native tests of the engine: what it renders, what it reports as read, and what its errors say.

mod errors;
mod evaluating;
mod jinja2;
mod rendering;
mod strict;

use crate::bindings::exports::packbox::plugin::renderer::{Job, Rendered};
use crate::bindings::packbox::plugin::types::{Diagnostic, Failure, File};
use crate::render;

/// A context that most tests share.
const CONTEXT: &str = r#"{
    "crate_name": "orders", "port": 8080, "ratio": 2.0, "debug": true, "nothing": null,
    "user": {"name": "Ada", "email": "ada@example.org"},
    "services": [{"name": "api", "port": 1}, {"name": "jobs", "port": 2}],
    "table": {"zebra": 1, "apple": 2, "mango": 3}
}"#;

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), contents: text.as_bytes().to_vec() }
}

fn job(path: &str, text: &str) -> Job {
    Job { template: file(path, text), locals: b"{}".to_vec(), options: b"{}".to_vec() }
}

fn render_with(partials: &[(&str, &str)], text: &str) -> Result<Rendered, Failure> {
    let partials = partials.iter().map(|(path, text)| file(path, text)).collect();
    let mut answers = render::render(CONTEXT.as_bytes(), partials, &[job("main.jinja", text)]);
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn text_of(rendered: &Rendered) -> String {
    assert_eq!(rendered.outputs.len(), 1);
    let output = &rendered.outputs[0];
    assert_eq!((output.path.as_ref(), output.executable), (None, false));
    String::from_utf8(output.contents.clone()).unwrap()
}

/// Renders a template that must work.
fn rendered(text: &str) -> String {
    text_of(&render_with(&[], text).unwrap())
}

/// Returns the one diagnostic of a failure.
fn only<T: std::fmt::Debug>(answer: Result<T, Failure>) -> Diagnostic {
    match answer {
        Err(Failure::Invalid(mut diagnostics)) if diagnostics.len() == 1 => diagnostics.remove(0),
        other => panic!("not one diagnostic: {other:?}"),
    }
}

/// Renders a template that must not work.
fn wrong(text: &str) -> Diagnostic {
    only(render_with(&[], text))
}

/// Writes a span as `path:line:column-line:column`.
fn place(diagnostic: &Diagnostic) -> String {
    diagnostic.span.as_ref().map_or_else(String::new, write_span)
}

fn write_span(span: &crate::bindings::packbox::plugin::types::Span) -> String {
    let start = format!("{}:{}:{}", span.path, span.start.line, span.start.column);
    match &span.end {
        Some(end) => format!("{start}-{}:{}", end.line, end.column),
        None => start,
    }
}
