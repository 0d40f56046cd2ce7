//! What the host calls. Only in the component: natively, the modules are called directly.

use renderer::bindings::exports::packbox::plugin::renderer::Guest;
use renderer::{Failure, File, Job, Rendered, TemplateInfo, bindings, panics};

use crate::{inspect, render};

struct Handlebars;

impl Guest for Handlebars {
    fn inspect(template: File) -> Result<TemplateInfo, Failure> {
        panics::report();
        inspect::inspect(&template)
    }

    fn render(context: Vec<u8>, partials: Vec<File>, jobs: Vec<Job>) -> Vec<Result<Rendered, Failure>> {
        panics::report();
        render::render(&context, partials, &jobs)
    }
}

bindings::export!(Handlebars with_types_in bindings);
