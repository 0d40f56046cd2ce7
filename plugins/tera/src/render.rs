//! Renders batches of templates.
//!
//! What a job gives depends on the context, the partials and the job itself only. Engines with their partials and the
//! last template are kept for the rest of a batch, but only ever reused for equal input.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use renderer::options;
use renderer::partials::Partials;
use renderer::{Failure, File, Job, Reads, Rendered, arithmetic, diagnose};
use tera::{Context, Tera};

use crate::errors::Reporter;
use crate::reach::{Library, Reach, Source};
use crate::scan::Scan;
use crate::{context, errors, filters, finite, undefined};

/// The engine's own name for a template that has none.
pub const NAMELESS: &str = "__tera_one_off";

/// Renders each job; the answer has one element for each, in their order.
#[must_use]
pub fn render(context: &[u8], partials: Vec<File>, jobs: &[Job]) -> Vec<Result<Rendered, Failure>> {
    let json = context;
    let context = match context::parse(json) {
        Ok(parsed) => parsed,
        Err(error) => {
            let failure = diagnose::invalid_input(format!("the context cannot be read: {error}"));
            return jobs.iter().map(|_| Err(failure.clone())).collect();
        }
    };
    let partials = Partials::new(partials);
    let mut batch = Batch {
        base: base(),
        json,
        floats: OnceCell::new(),
        context: &context,
        partials: &partials,
        library: Library::new(&partials),
        engines: BTreeMap::new(),
        last: None,
    };
    *batch.base.global_context() = context.clone();
    let mut answers = Vec::with_capacity(jobs.len());
    for (at, job) in jobs.iter().enumerate() {
        let again = jobs.get(at + 1).is_some_and(|next| renderer::same_file(&next.template, &job.template));
        answers.push(batch.job(job, again));
    }
    answers
}

/// Returns an engine without templates and variables.
#[must_use]
pub fn base() -> Tera {
    let mut engine = Tera::new();
    engine.autoescape_on(Vec::<&str>::new());
    filters::add_to(&mut engine);
    engine
}

struct Batch<'a> {
    base: Tera,
    /// The context as it came, and as the engine takes it.
    json: &'a [u8],
    /// Whether it has floats.
    floats: OnceCell<bool>,
    context: &'a Context,
    partials: &'a Partials,
    library: Library<'a>,
    /// An engine for each set of partials, by their paths.
    engines: BTreeMap<Vec<String>, Tera>,
    last: Option<Prepared<'a>>,
}

/// The template that was read last, so that one that is rendered for many items is parsed once.
struct Prepared<'a> {
    template: &'a File,
    text: &'a str,
    scan: Scan,
    reach: Reach,
    /// An engine that has the template; none where it is parsed and rendered in one go.
    engine: Option<Tera>,
}

impl<'a> Batch<'a> {
    fn job(&mut self, job: &'a Job, again: bool) -> Result<Rendered, Failure> {
        let [] = options::switches(&job.options, [])?;
        let (locals, local_names) = if job.locals == b"{}" {
            (Context::new(), Vec::new())
        } else {
            let locals = context::parse(&job.locals)
                .map_err(|error| diagnose::invalid_input(format!("the locals cannot be read: {error}")))?;
            (locals, context::names(&job.locals))
        };
        if self.last.as_ref().is_none_or(|last| !renderer::same_file(last.template, &job.template)) {
            self.last = None;
            self.last = Some(self.prepare(&job.template, again)?);
        }
        let Some(prepared) = &self.last else {
            return Err(Failure::Internal("a prepared template is missing".to_owned()));
        };
        let result = if let Some(engine) = &prepared.engine {
            engine.render(&prepared.template.path, &locals)
        } else if prepared.reach.needs.is_empty() {
            self.base.render_str(prepared.text, &locals, false)
        } else {
            self.engines[&key(&prepared.reach)].render_str(prepared.text, &locals, false)
        };
        match result {
            Ok(text) => {
                self.check_numbers(prepared, &locals, &job.locals)?;
                self.check_joined(prepared, &locals, &local_names)?;
                Ok(renderer::rendered(text.into_bytes(), self.reads(prepared, &local_names)))
            }
            Err(error) => Err(self.report(
                prepared.template,
                prepared.text,
                &prepared.reach,
                Some((&locals, &local_names)),
                &error,
            )),
        }
    }

    /// Fails where a template that rendered met a number which is not finite.
    fn check_numbers(&self, prepared: &Prepared<'_>, locals: &Context, locals_json: &[u8]) -> Result<(), Failure> {
        let partials = || prepared.reach.needs.keys().filter(|path| **path != prepared.template.path);
        let computes = |path: &String| self.library.scan(path).is_some_and(|scan| scan.computes);
        if !prepared.scan.computes && !partials().any(computes) {
            return Ok(());
        }
        let template = Source { path: &prepared.template.path, text: prepared.text };
        let partials = partials().filter_map(|path| Some(Source { path, text: self.partials.text(path)?.ok()? }));
        let sources: Vec<Source<'_>> = [template].into_iter().chain(partials).collect();
        let given =
            || *self.floats.get_or_init(|| arithmetic::has_float(self.json)) || arithmetic::has_float(locals_json);
        if !sources.iter().any(|source| finite::has_float(source.text)) && !given() {
            return Ok(());
        }
        let Some((problem, source, range)) = finite::find(&self.base, &sources, locals) else { return Ok(()) };
        let way = if source.path == template.path { Vec::new() } else { prepared.reach.way(source.path) };
        Err(problem.at(Some(source.span(range)), way))
    }

    /// Fails where a template that rendered joined a name that is undefined, or put one in a list.
    fn check_joined(&self, prepared: &Prepared<'_>, locals: &Context, local_names: &[String]) -> Result<(), Failure> {
        let is_unsure = |source: Source<'_>, scan: &Scan, range: &Range<usize>| {
            let value = |path: &str| errors::value(path, Some(locals), self.context);
            !source.text.get(range.clone()).is_some_and(|path| undefined::is_sure(scan, path, &value))
        };
        let scans = self.scans(prepared);
        if scans.iter().all(|(_, scan)| scan.joined.is_empty()) {
            return Ok(());
        }
        let names = scans.iter().enumerate().flat_map(|(of, (source, scan))| {
            let unsure = scan.joined.iter().filter(move |range| is_unsure(*source, scan, range));
            unsure.map(move |range| (of, range.clone()))
        });
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return Ok(());
        }
        let sources: Vec<Source<'_>> = scans.iter().map(|(source, _)| *source).collect();
        let Some((of, range)) = undefined::first(&self.base, &sources, locals, &names) else { return Ok(()) };
        Err(self.reporting(
            prepared.template,
            prepared.text,
            &prepared.reach,
            Some((locals, local_names)),
            |reporter| reporter.undefined_at(sources[of], range),
        ))
    }

    /// The template and the partials that it needs, with what they name.
    fn scans<'p>(&'p self, prepared: &'p Prepared<'_>) -> Vec<(Source<'p>, &'p Scan)> {
        let template = Source { path: &prepared.template.path, text: prepared.text };
        let partials = prepared.reach.needs.keys().filter(|path| **path != prepared.template.path);
        let partials = partials.filter_map(|path| {
            let text = self.partials.text(path)?.ok()?;
            Some((Source { path: path.as_str(), text }, self.library.scan(path)?))
        });
        std::iter::once((template, &prepared.scan)).chain(partials).collect()
    }

    fn prepare(&mut self, template: &'a File, again: bool) -> Result<Prepared<'a>, Failure> {
        let path = template.path.as_str();
        let text = std::str::from_utf8(&template.contents)
            .map_err(|error| diagnose::not_utf8(path, &template.contents, error))?;
        let scan = Scan::new(text);
        let reach = self.library.reach(Source { path, text }, &scan)?;
        if !reach.needs.is_empty() {
            let key = key(&reach);
            if !self.engines.contains_key(&key) {
                let mut engine = self.base.clone();
                let texts = key.iter().filter_map(|path| Some((path.as_str(), self.partials.text(path)?.ok()?)));
                engine.add_raw_templates(texts).map_err(|error| self.report(template, text, &reach, None, &error))?;
                self.engines.insert(key, engine);
            }
        }
        let engine = if again || !scan.is_plain() {
            let mut engine = match self.engines.get(&key(&reach)) {
                Some(engine) => engine.clone(),
                None => self.base.clone(),
            };
            engine.add_raw_template(path, text).map_err(|error| self.report(template, text, &reach, None, &error))?;
            Some(engine)
        } else {
            None
        };
        Ok(Prepared { template, text, scan, reach, engine })
    }

    #[expect(clippy::too_many_arguments, reason = "what an error may be about")]
    fn report(
        &self,
        template: &File,
        text: &str,
        reach: &Reach,
        locals: Option<(&Context, &[String])>,
        error: &tera::Error,
    ) -> Failure {
        self.reporting(template, text, reach, locals, |reporter| reporter.failure(error))
    }

    #[expect(clippy::too_many_arguments, reason = "what an error may be about")]
    fn reporting(
        &self,
        template: &File,
        text: &str,
        reach: &Reach,
        locals: Option<(&Context, &[String])>,
        report: impl FnOnce(&Reporter<'_>) -> Failure,
    ) -> Failure {
        let template = Source { path: &template.path, text };
        let mut names = context::names(self.json);
        names.extend(locals.into_iter().flat_map(|(_, names)| names.iter().cloned()));
        let reporter = Reporter {
            template,
            partials: self.partials,
            reach,
            context: self.context,
            locals: locals.map(|(locals, _)| locals),
            names: &names,
            components: self.library.components(),
            engine: &self.base,
        };
        report(&reporter)
    }

    /// Says what a template may have read: rather too much than too little, because the engine does not tell.
    fn reads(&self, prepared: &Prepared<'_>, locals: &[String]) -> Reads {
        let mut variables = Vec::with_capacity(prepared.scan.variables.len());
        let mut absent = Vec::new();
        let scans = prepared.reach.needs.keys().filter_map(|path| self.library.scan(path));
        for name in [&prepared.scan].into_iter().chain(scans).flat_map(|scan| scan.variables.keys()) {
            if locals.contains(name) {
                continue;
            }
            let list = if self.context.contains_key(name) { &mut variables } else { &mut absent };
            list.push(name.clone());
        }
        if !prepared.reach.needs.is_empty() {
            for list in [&mut variables, &mut absent] {
                list.sort_unstable();
                list.dedup();
            }
        }
        let partials = if prepared.reach.searched {
            self.library.paths().map(str::to_owned).collect()
        } else {
            prepared.reach.needs.keys().cloned().collect()
        };
        Reads { variables, partials, absent }
    }
}

fn key(reach: &Reach) -> Vec<String> {
    reach.needs.keys().cloned().collect()
}
