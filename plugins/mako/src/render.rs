//! Renders batches of templates.
//!
//! What a job gives depends on the context and the job itself only.

use renderer::{Failure, Job, Reads, Rendered, diagnose, rendered};
use serde_json::{Map, Value};

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    jobs.iter().map(|job| one(&object(context)?, &object(&job.locals)?, job)).collect()
}

fn object(json: &[u8]) -> Result<Map<String, Value>, Failure> {
    serde_json::from_slice(json)
        .map_err(|error| diagnose::invalid_input(format!("the context cannot be read: {error}")))
}

fn one(context: &Map<String, Value>, locals: &Map<String, Value>, job: &Job) -> Result<Rendered, Failure> {
    let (path, bytes) = (&job.template.path, &job.template.contents);
    let text = std::str::from_utf8(bytes).map_err(|error| diagnose::not_utf8(path, bytes, error))?;
    let mut reads = Reads { variables: Vec::new(), partials: Vec::new(), absent: Vec::new() };
    let mut made = String::with_capacity(text.len());
    let mut left = text;
    while let Some((before, (name, after))) =
        left.split_once("${").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        made.push_str(before);
        let value = locals.get(name).or_else(|| context.get(name));
        match value {
            Some(Value::String(text)) => made.push_str(text),
            Some(value) => made.push_str(&value.to_string()),
            None => {
                let at = text.len() - left.len() + before.len();
                let place = diagnose::span(path, bytes, at..at + name.len() + 3);
                let names = context.keys().map(String::as_str);
                return Err(diagnose::undefined(name, names).at(Some(place), Vec::new()));
            }
        }
        if !locals.contains_key(name) {
            reads.variables.push(name.to_owned());
        }
        left = after;
    }
    made.push_str(left);
    reads.variables.sort();
    reads.variables.dedup();
    Ok(rendered(made.into_bytes(), reads))
}
