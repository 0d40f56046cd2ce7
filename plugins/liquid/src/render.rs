//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. The engine, parsed partials and the
//! last template are kept for the rest of a batch, but only ever reused for equal input.

use std::ops::Range;
use std::sync::Arc;

use liquid_core::{Error, Template};
use renderer::partials::Partials;
use renderer::{Failure, File, Job, Reads, Rendered, diagnose, options};

use crate::context::{self, Root};
use crate::engine::Engine;
use crate::errors::Reporter;
use crate::partials::Trail;
use crate::value::Map;

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], partials: Vec<File>, jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    let fail = |failure: &Failure| jobs.iter().map(|_| Err(failure.clone())).collect();
    let context = match context::parse(context) {
        Ok(context) => context,
        Err(error) => return fail(&diagnose::invalid_input(format!("the context cannot be read: {error}"))),
    };
    let partials = Arc::new(Partials::new(partials));
    let engine = match Engine::new(partials.clone()) {
        Ok(engine) => engine,
        Err(error) => return fail(&Failure::Internal(error.to_string())),
    };
    let mut batch = Batch { context: &context, partials, engine, marking: None, last: None };
    jobs.iter().map(|job| batch.job(job)).collect()
}

struct Batch<'a> {
    context: &'a Map,
    partials: Arc<Partials>,
    engine: Engine,
    /// The engine that finds the places of errors, made for the first one.
    marking: Option<Engine>,
    /// The template that was parsed last, so that one that is rendered for many items is parsed once.
    last: Option<(&'a File, Template)>,
}

impl<'a> Batch<'a> {
    fn job(&mut self, job: &'a Job) -> Result<Rendered, Failure> {
        let [] = options::switches(&job.options, [])?;
        let locals = if job.locals == b"{}" {
            Map::new()
        } else {
            context::parse(&job.locals)
                .map_err(|error| diagnose::invalid_input(format!("the locals cannot be read: {error}")))?
        };
        let path = job.template.path.as_str();
        let text = std::str::from_utf8(&job.template.contents)
            .map_err(|error| diagnose::not_utf8(path, &job.template.contents, error))?;
        let root = Root::new(self.context, locals);
        match self.attempt(&job.template, text, &root) {
            (Ok(contents), trail) => Ok(renderer::rendered(contents, reads(&root, trail))),
            (Err(error), mut trail) => {
                trail.place = self.last_mark(text, &root);
                Err(Reporter { path, text, partials: &self.partials, root: &root, trail: &trail }.failure(&error))
            }
        }
    }

    /// Parses a template, unless it is the last one again, and renders it; returns what happened with partials, too.
    fn attempt(&mut self, file: &'a File, text: &str, root: &Root<'_>) -> (Result<Vec<u8>, Error>, Trail) {
        let template = match self.last.take() {
            Some((last, template)) if renderer::same_file(last, file) => template,
            _ => match self.engine.parse(text) {
                Ok(template) => template,
                Err(error) => return (Err(error), Trail::default()),
            },
        };
        let mut contents = Vec::with_capacity(text.len() * 2);
        let (result, trail) = self.engine.render(&template, root, &mut contents);
        self.last = Some((file, template));
        (result.map(|()| contents), trail)
    }

    /// Makes an error happen once more, with marks.
    fn last_mark(&mut self, text: &str, root: &Root<'_>) -> Option<Range<usize>> {
        if self.marking.is_none() {
            self.marking = Engine::with_marks(self.partials.clone()).ok();
        }
        self.marking.as_ref()?.last_mark(text, root)
    }
}

/// Says what was looked up: the engine asks the root for every name, and the store for every partial.
fn reads(root: &Root<'_>, trail: Trail) -> Reads {
    let mut absent = root.missed();
    absent.extend(trail.missed);
    absent.sort_unstable();
    absent.dedup();
    Reads { variables: root.found(), partials: trail.found.into_iter().collect(), absent }
}
