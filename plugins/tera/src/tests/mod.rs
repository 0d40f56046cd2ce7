//! The guest beside its twin, the plain crate, over the corpus; and what the guest adds.

#[path = "../../../corpus/case.rs"]
mod case;
mod corpus;
mod mistakes;
#[path = "../../../corpus/open_tags.rs"]
mod open_tags;
mod rendering;
#[path = "../../../corpus/twin_tera.rs"]
mod twin;
#[path = "../../../corpus/twin_json.rs"]
mod twin_json;
mod undefined;

use renderer::{Diagnostic, Failure, File, Job, Rendered, Span};

use crate::render;

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), contents: text.into() }
}

fn job(path: &str, text: &str) -> Job {
    Job { template: file(path, text), locals: b"{}".to_vec(), options: b"{}".to_vec() }
}

fn one(context: &str, partials: &[(&str, &str)], text: &str) -> Result<Rendered, Failure> {
    let partials = partials.iter().map(|(path, text)| file(path, text)).collect();
    render::render(context.as_bytes(), partials, &[job("main", text)]).remove(0)
}

fn text(rendered: &Result<Rendered, Failure>) -> &str {
    std::str::from_utf8(&rendered.as_ref().expect("a result").outputs[0].contents).expect("text")
}

fn wrong(result: Result<Rendered, Failure>) -> Diagnostic {
    match result {
        Err(Failure::Invalid(mut diagnostics)) if diagnostics.len() == 1 => diagnostics.remove(0),
        other => panic!("not one diagnostic: {other:?}"),
    }
}

/// `LINE:COLUMN-LINE:COLUMN`, after the path and a colon where it is not the template's.
fn place(span: &Span) -> String {
    let path = if span.path == "main" { String::new() } else { format!("{}:", span.path) };
    let end = span.end.map(|end| format!("-{}:{}", end.line, end.column)).unwrap_or_default();
    format!("{path}{}:{}{end}", span.start.line, span.start.column)
}
