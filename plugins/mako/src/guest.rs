//! What the host calls. Only in the component: natively, the modules are called directly.

use renderer::bindings::exports::packbox::plugin::renderer::Guest;
use renderer::{Failure, File, Job, Rendered, TemplateInfo, bindings, panics};

use crate::render;

struct Mako;

impl Guest for Mako {
    fn inspect(_template: File) -> Result<TemplateInfo, Failure> {
        panics::report();
        Err(Failure::Unsupported("saying what a template refers to".to_owned()))
    }

    fn render(context: Vec<u8>, _partials: Vec<File>, jobs: Vec<Job>) -> Vec<Result<Rendered, Failure>> {
        panics::report();
        render::render(&context, &jobs)
    }
}

bindings::export!(Mako with_types_in bindings);
