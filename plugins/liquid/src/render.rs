//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. The engine, parsed partials and the
//! last template are kept for the rest of a batch, but only ever reused for equal input.

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
        if self.last.as_ref().is_none_or(|(last, _)| !renderer::same_file(last, &job.template)) {
            self.last = None;
            match self.engine.parse(text) {
                Ok(template) => self.last = Some((&job.template, template)),
                Err(error) => return Err(self.failure(path, text, &root, &error, Trail::default())),
            }
        }
        let Some((_, template)) = &self.last else {
            return Err(Failure::Internal("a parsed template is missing".to_owned()));
        };
        let mut contents = Vec::with_capacity(text.len() * 2);
        match self.engine.render(template, &root, &mut contents) {
            (Ok(()), trail) => Ok(renderer::rendered(contents, reads(&root, trail))),
            (Err(error), trail) => Err(self.failure(path, text, &root, &error, trail)),
        }
    }

    /// Writes an error, after it was made to happen once more with marks.
    fn failure(&mut self, path: &str, text: &str, root: &Root<'_>, error: &Error, mut trail: Trail) -> Failure {
        if self.marking.is_none() {
            self.marking = Engine::with_marks(self.partials.clone()).ok();
        }
        if let Some(engine) = &self.marking {
            trail.place = engine.last_mark(text, root);
        }
        Reporter { path, text, partials: &self.partials, root, trail: &trail }.failure(error)
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
