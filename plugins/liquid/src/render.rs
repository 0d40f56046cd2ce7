//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. The engine, parsed partials and the
//! last template are kept for the rest of a batch, but only ever reused for equal input.

use std::sync::Arc;

use liquid::{Parser, ParserBuilder, Template};
use liquid_core::Object;
use renderer::partials::Partials;
use renderer::{Failure, File, Job, Reads, Rendered, diagnose, options};

use crate::context::{self, Root};
use crate::errors::Reporter;
use crate::filters;
use crate::partials::{Recorder, Source, Trail};

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], partials: Vec<File>, jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    let fail = |failure: &Failure| jobs.iter().map(|_| Err(failure.clone())).collect();
    let context = match context::parse(context) {
        Ok(context) => context,
        Err(error) => return fail(&diagnose::invalid_input(format!("the context cannot be read: {error}"))),
    };
    let partials = Arc::new(Partials::new(partials));
    let recorder = Arc::new(Recorder::default());
    let parser = match parser(partials.clone(), recorder.clone()) {
        Ok(parser) => parser,
        Err(error) => return fail(&Failure::Internal(error.to_string())),
    };
    let mut batch = Batch { context: &context, partials, recorder, parser, last: None };
    jobs.iter().map(|job| batch.job(job)).collect()
}

/// Returns the engine for a call.
pub fn parser(partials: Arc<Partials>, recorder: Arc<Recorder>) -> Result<Parser, liquid::Error> {
    let mut builder = ParserBuilder::with_stdlib();
    for filter in filters::all() {
        builder = builder.filter(filter);
    }
    builder.partials(Source { partials, recorder }).build()
}

struct Batch<'a> {
    context: &'a Object,
    partials: Arc<Partials>,
    recorder: Arc<Recorder>,
    parser: Parser,
    /// The template that was parsed last, so that one that is rendered for many items is parsed once.
    last: Option<(&'a File, Template)>,
}

impl<'a> Batch<'a> {
    fn job(&mut self, job: &'a Job) -> Result<Rendered, Failure> {
        let [] = options::switches(&job.options, [])?;
        let locals = if job.locals == b"{}" {
            Object::new()
        } else {
            context::parse(&job.locals)
                .map_err(|error| diagnose::invalid_input(format!("the locals cannot be read: {error}")))?
        };
        let path = job.template.path.as_str();
        let text = std::str::from_utf8(&job.template.contents)
            .map_err(|error| diagnose::not_utf8(path, &job.template.contents, error))?;
        let root = Root::new(self.context, locals);
        let report = |error: &liquid::Error, trail: &Trail, partials: &Partials| {
            Reporter { path, text, partials, root: &root, trail }.failure(error)
        };
        if self.last.as_ref().is_none_or(|(last, _)| !renderer::same_file(last, &job.template)) {
            self.last = None;
            let parsed = self.parser.parse(text);
            let template = parsed.map_err(|error| report(&error, &Trail::default(), &self.partials))?;
            self.last = Some((&job.template, template));
        }
        let Some((_, template)) = &self.last else {
            return Err(Failure::Internal("a parsed template is missing".to_owned()));
        };
        let mut contents = Vec::with_capacity(text.len() * 2);
        let result = template.render_to(&mut contents, &root);
        let trail = self.recorder.take();
        match result {
            Ok(()) => Ok(renderer::rendered(contents, reads(&root, trail))),
            Err(error) => Err(report(&error, &trail, &self.partials)),
        }
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
