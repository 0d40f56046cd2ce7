//! Evaluates the expressions of a manifest, in the same environment as templates but without partials.

use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind};

use crate::arithmetic::{self, Floats};
use crate::bindings::exports::packbox::plugin::expressions::{Mode, Source as Request, Value as Answer};
use crate::bindings::packbox::plugin::types::Failure;
use crate::context::{Root, Table};
use crate::errors::{self, Reporter};
use crate::filters;
use crate::inspect;
use crate::locate::Source;
use crate::options::Options;
use crate::overflow::{self, Does};
use crate::render;

/// Lists the variables that each expression may look up.
#[must_use]
pub fn inspect(requests: &[Request]) -> Vec<Result<Vec<String>, Failure>> {
    requests.iter().map(|request| inspect::variables(&source(request))).collect()
}

/// Evaluates each expression; the answer has one element for each, in their order.
#[must_use]
pub fn evaluate(context: &[u8], requests: &[Request]) -> Vec<Result<Answer, Failure>> {
    match Table::parse(context) {
        Ok(table) => requests.iter().map(|request| evaluate_one((context, &table), request)).collect(),
        Err(error) => {
            let failure = errors::invalid_input(format!("the context cannot be read: {error}"));
            requests.iter().map(|_| Err(failure.clone())).collect()
        }
    }
}

fn source(request: &Request) -> Source<'_> {
    let syntax = match request.mode {
        Mode::Expression => None,
        Mode::Template => Some(render::syntax(Options::default())),
    };
    Source { path: "", text: &request.text, bare: true, syntax }
}

/// Says which name it is that has no JSON form because it is undefined.
fn named(error: Error, value: &minijinja::Value, request: &Request, root: &Root) -> Error {
    if error.kind() != ErrorKind::UndefinedError {
        return error;
    }
    let variables = inspect::variables(&source(request)).unwrap_or_default();
    let missing = variables.into_iter().find(|name| root.peek(name).is_none());
    match missing.or_else(|| value.is_undefined().then(|| request.text.trim().to_owned())) {
        Some(name) => Error::new(ErrorKind::UndefinedError, format!("`{name}` is undefined")),
        None => error,
    }
}

/// Evaluates an expression without tags.
#[inline(never)]
pub fn value(environment: &Environment<'_>, text: &str, root: minijinja::Value) -> Result<minijinja::Value, Error> {
    environment.compile_expression(text)?.eval(root)
}

fn evaluate_one((json, context): (&[u8], &Arc<Table>), request: &Request) -> Result<Answer, Failure> {
    let root = Root::new(context.clone(), render::locals(&request.locals)?);
    let environment: &Environment<'_> = render::base();
    let source = source(request);
    let reporter = || Reporter { source: source.clone(), root: &root, environment, partials: Vec::new() };
    let given = || arithmetic::floats(json).max(arithmetic::floats(&request.locals));
    let (value, overflown) = match request.mode {
        Mode::Expression => {
            let value = value(environment, &request.text, root.to_value())
                .and_then(|value| filters::to_json(&value).map_err(|error| named(error, &value, request, &root)))
                .map_err(|error| reporter().failure(&error))?;
            (value, overflow::find_in_expression(&source, root.to_value(), || given() != Floats::None))
        }
        Mode::Template => {
            let template = environment.template_from_named_str("", &request.text);
            let template = template.map_err(|error| reporter().failure(&error))?;
            let value = render::to_text(&template, root.to_value()).and_then(|text| filters::to_json(&text.into()));
            let value = value.map_err(|error| reporter().failure(&error))?;
            let sources = std::slice::from_ref(&source);
            (value, overflow::find(sources, Does::of(&template), root.to_value(), given))
        }
    };
    if let Some((problem, _, at)) = overflown {
        return Err(reporter().out_of_range(problem, &source, at));
    }
    Ok(Answer { json: value, reads: render::reads(&root, None) })
}
