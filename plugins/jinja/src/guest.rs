//! What the host calls. Only in the component: natively, the modules are called directly.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;

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

/// Makes a panic say what happened before it traps. A panic is a defect of this crate or of the engine.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|information: &PanicHookInfo<'_>| {
            let what = information.payload_as_str().unwrap_or("no message");
            let place = information.location().map(|at| format!(" at {}:{}:{}", at.file(), at.line(), at.column()));
            log(Level::Warn, &format!("panicked{}: {what}", place.unwrap_or_default()));
        }));
    });
}

bindings::export!(Jinja with_types_in bindings);
