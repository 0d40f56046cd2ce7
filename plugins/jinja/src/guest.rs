//! What the host calls. Only in the component: natively, the modules are called directly.

use crate::bindings::exports::packbox::plugin::expressions::{Guest as Expressions, Source, Value};
use crate::bindings::exports::packbox::plugin::renderer::{Guest as Renderer, Job, Rendered, TemplateInfo};
use crate::bindings::packbox::plugin::log::{Level, log};
use crate::bindings::packbox::plugin::types::{Failure, File, Json};
use crate::{bindings, expressions, inspect, render};

struct Jinja;

impl Renderer for Jinja {
    fn inspect(template: File) -> Result<TemplateInfo, Failure> {
        report_panics();
        inspect::inspect(&template)
    }

    fn render(context: Json, partials: Vec<File>, jobs: Vec<Job>) -> Vec<Result<Rendered, Failure>> {
        report_panics();
        render::render(&context, partials, &jobs)
    }
}

impl Expressions for Jinja {
    fn inspect(sources: Vec<Source>) -> Vec<Result<Vec<String>, Failure>> {
        report_panics();
        expressions::inspect(&sources)
    }

    fn evaluate(context: Json, sources: Vec<Source>) -> Vec<Result<Value, Failure>> {
        report_panics();
        expressions::evaluate(&context, &sources)
    }
}

/// A panic is a defect of this crate or of the engine.
fn report_panics() {
    packbox_sdk::panics::report(|message| log(Level::Warn, message));
}

bindings::export!(Jinja with_types_in bindings);
