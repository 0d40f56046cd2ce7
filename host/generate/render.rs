//! From a plan to a tree: every template rendered in the sandbox, every path checked once more.
//!
//! Stage by stage: what has a chain (`then`) goes through its engines one after the other, and each stage is rendered for
//! all files at once, so that batches stay large.
//!
//! Always true here: nothing is written; the tree depends on the plan, the sources and the values only, not on threads or
//! batches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::asked::{AskedJob, AskedJobs, Asking};
use super::job::Job;
use super::piece::{FileReport, Meter, Piece, Work};
use super::renderer::{Made, Part, Renderer, RunGroups, Stage};
use super::tree::{Tree, TreeFile};
use crate::abi::{FileParam, GuestRendered, JobParam};
use crate::compose::variables::{Blame, Tables, merge, refused};
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::{Callee, Deferred, Group, Known, Outcome, Recall, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::{PackPath, TemplateEngine, VariableName};
use crate::plan::PlannedFile;
use crate::plugins::JobFailure;
use crate::show;

/// How to render.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderOptions {
    /// The most templates that share an instance; none: as the engine sees fit.
    pub batch: Option<NonZeroUsize>,
}

/// What rendering made.
#[derive(Debug)]
pub struct RenderReport {
    /// The files.
    pub tree: Tree,
    /// What is known of each file, in the tree's order.
    pub files: Vec<FileReport>,
    /// Remarks of gates and of renderers.
    pub notes: Vec<Diagnostic>,
    /// The text to show, where the pack has one.
    pub message: Option<String>,
}

/// What all stages have made so far.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "each is moved out and freed by itself, where there are very many")]
struct Collected {
    made: Vec<Box<(TreeFile, FileReport)>>,
    notes: Vec<Diagnostic>,
    failures: Vec<JobFailure>,
    /// What they say, each hashed.
    told: HashSet<u64>,
    /// What is wrong with values that the user gave.
    mistakes: Vec<Diagnostic>,
}

impl Collected {
    /// Notes a failure, unless another one says the same: what is wrong with a template is so for each item of its list.
    fn fail(&mut self, failure: JobFailure) {
        let mut hasher = DefaultHasher::new();
        for finding in &failure.findings {
            let place = finding.span.as_ref().map(|span| (&span.path, span.start.line, span.start.column));
            (&finding.rule, &finding.message, place).hash(&mut hasher);
        }
        if failure.findings.is_empty() || self.told.insert(hasher.finish()) {
            self.failures.push(failure);
        }
    }

    /// Makes one error of all that failed; none where nothing did.
    fn take_error(&mut self) -> Option<Error> {
        let mut failures = std::mem::take(&mut self.failures);
        let findings = merge(std::mem::take(&mut self.mistakes));
        if !findings.is_empty() {
            if failures.is_empty() {
                return Some(refused(findings));
            }
            failures.push(JobFailure { kind: ErrorKind::Variables, findings, stop: None, untried: false });
        }
        JobFailure::into_error(failures, "template")
    }
}

impl Job<'_> {
    /// Renders everything that is planned, in a run of its own.
    ///
    /// # Errors
    /// One error for all templates that failed: `Template` or `Plugin` where the pack is at fault, `Stopped` or `Refused`
    /// where a limit was hit, `OutsidePath` where a renderer names a path outside, `Interrupted`; `Manifest` where two
    /// files have one path.
    pub fn render(&self, options: RenderOptions) -> Result<RenderReport> {
        self.render_in(&self.toolbox.engine().run(), options)
    }

    /// [`Job::render`] as a part of a run that has begun, with what that has left.
    ///
    /// # Errors
    /// As [`Job::render`].
    pub fn render_in(&self, run: &Run<'_>, options: RenderOptions) -> Result<RenderReport> {
        self.render_with(run, &|groups, _, finish| run.render(groups, options.batch, finish))
    }

    /// [`Job::render_in`], with the rendering itself left to `render`.
    pub(crate) fn render_with(&self, run: &Run<'_>, render: &RunGroups<'_>) -> Result<RenderReport> {
        let _span = tracing::info_span!("render", files = self.plan.files.len()).entered();
        let (context, known) = self.given();
        let renderer = Renderer { job: self, run, context: &context, known: &known };
        let files = self.plan.files.len();
        let notes = self.values.remarks.clone();
        let mut collected = Collected { made: Vec::with_capacity(files), notes, ..Collected::default() };
        let mut work: Vec<Work> = (0..files).map(|file| Work { file, given: None }).collect();
        let mut stage = 0;
        while !work.is_empty() {
            work = renderer.stage(stage, &work, render, &mut collected)?;
            if run.budget().interrupt().is_set() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            stage += 1;
        }
        if let Some(error) = collected.take_error() {
            return Err(error);
        }
        let message = renderer.message()?.map(|(text, _)| text);
        let (files, mut reports): (Vec<TreeFile>, Vec<FileReport>) =
            collected.made.into_iter().map(|made| *made).unzip();
        let budget = run.budget();
        budget.check_outputs(files.len() as u64)?;
        budget.check_output_bytes(files.iter().map(|file| file.contents().len() as u64).sum())?;
        let tree = Tree::build_placed(files, &|file| self.output_place(file))?;
        reports.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(RenderReport { tree, files: reports, notes: collected.notes, message })
    }

    /// Renders the text that is shown afterwards, and nothing else; returns the variables that it reads.
    ///
    /// # Errors
    /// As [`Job::render`].
    pub(crate) fn message_reads(&self, run: &Run<'_>) -> Result<Vec<String>> {
        let (context, known) = self.given();
        let message = Renderer { job: self, run, context: &context, known: &known }.message()?;
        Ok(message.map(|(_, reads)| reads).unwrap_or_default())
    }

    /// What templates are given, and what is known of it.
    fn given(&self) -> (Vec<u8>, Known<'_>) {
        let secrets = self.plan.secrets.iter().map(String::as_str);
        let secrets = secrets.chain(self.values.secrets.iter().map(VariableName::as_str));
        (crate::plan::context_bytes(&self.values.values), Known::new(&self.values.values, secrets))
    }
}

fn locals_of(file: &PlannedFile) -> Vec<u8> {
    file.item.as_ref().map_or_else(|| b"{}".to_vec(), |item| json!({ "item": item }).to_string().into_bytes())
}

/// What a job is given beside its template, as JSON.
type LocalsAndOptions = (Vec<u8>, Arc<Vec<u8>>);

/// Options as JSON, once for all files that have the same ones.
#[derive(Default)]
struct OptionTexts(HashMap<*const Map<String, Value>, Arc<Vec<u8>>>);

impl OptionTexts {
    fn of(&mut self, options: &Arc<Map<String, Value>>) -> Arc<Vec<u8>> {
        let text = || Arc::new(crate::plan::context_bytes(options));
        Arc::clone(self.0.entry(Arc::as_ptr(options)).or_insert_with(text))
    }
}

/// The jobs of one engine in a stage.
struct StageJobs<'g, 'a> {
    renderer: &'g Renderer<'a>,
    work: &'g [&'g Work],
    stage: usize,
    locals: &'g [LocalsAndOptions],
}

impl<'g> Asking<'g> for StageJobs<'g, '_> {
    fn count(&self) -> usize {
        self.work.len()
    }

    fn job(&self, number: usize) -> AskedJob<'g> {
        self.renderer.job(self.work[number], self.stage, &self.locals[number])
    }
}

impl<'a> Renderer<'a> {
    fn file(&self, path: &'a PackPath) -> FileParam<'a> {
        let contents = self.job.sources.get(path).map_or(&[][..], |source| source.contents.as_slice());
        FileParam { path: path.as_str(), contents }
    }

    /// The planned partials that belong to an engine.
    fn partials(&self, engine: &TemplateEngine) -> Vec<FileParam<'a>> {
        let belongs: BTreeSet<PackPath> = self.job.pack.partials(engine).into_iter().collect();
        self.job.plan.partials.keys().filter(|path| belongs.contains(*path)).map(|path| self.file(path)).collect()
    }

    /// Jobs for one engine.
    fn group<'g>(&'g self, engine: &TemplateEngine, callee: &'g Deferred, asking: impl Asking<'g>) -> Group<'g> {
        let partials = self.partials(engine);
        let jobs: Vec<JobParam<'g>> = (0..asking.count()).map(|number| asking.job(number).param).collect();
        let recall = self.job.toolbox.book().map(|book| {
            let digests = partials.iter().map(|file| (file.path, self.digest(file.path)));
            let included = book.partials(digests);
            let tags = callee.tags(self.run, book);
            let asked = AskedJobs { book, asking, renderer: callee.name(), tags, included, options: Mutex::default() };
            let reads_all = matches!(engine, TemplateEngine::Plugin(_));
            Recall { book, known: Some(self.known), reads_all, asked: Box::new(asked) }
        });
        let plugin = Callee::Deferred(callee);
        Group { plugin, limits: *callee.limits(), context: self.context, partials, jobs, recall }
    }

    /// The digest of a file of the pack, which was read.
    fn digest(&self, path: &str) -> &'a [u8] {
        self.job.sources.get(path).map_or(&[][..], |source| source.digest.as_bytes())
    }

    /// A job, and what it depends on.
    fn job<'w>(&'w self, work: &'w Work, stage: usize, (locals, options): &'w LocalsAndOptions) -> AskedJob<'w> {
        let file = &self.job.plan.files[work.file];
        let has_secret = work.given.as_ref().is_some_and(|given| given.has_secret)
            || file.reads.iter().any(|name| self.known.is_secret(name));
        // Files of later stages find answers for each other first, which costs a comparison.
        let stage = b"123456789".get(stage..=stage).unwrap_or(b"+");
        AskedJob {
            param: JobParam { template: self.template(work), locals, options },
            digest: work.given.is_none().then(|| self.digest(file.template.as_str())),
            is_for: [file.output.as_bytes(), file.template.as_str().as_bytes(), stage],
            has_secret,
        }
    }

    /// Has one stage rendered for all files that have one, and returns the work of the next.
    fn stage(
        &self,
        stage: usize,
        work: &[Work],
        render: &RunGroups<'_>,
        collected: &mut Collected,
    ) -> Result<Vec<Work>> {
        let mut by_engine: BTreeMap<&TemplateEngine, Vec<&Work>> = BTreeMap::new();
        for one in work {
            if let Some(engine) = self.job.plan.files[one.file].engine_of(stage) {
                by_engine.entry(engine).or_default().push(one);
            }
        }
        let copies = by_engine.remove(&TemplateEngine::Copy).unwrap_or_default();
        let engines: Vec<(&TemplateEngine, Vec<&Work>)> = by_engine.into_iter().collect();
        let mut texts = OptionTexts::default();
        let mut locals = |one: &&Work| {
            let file = &self.job.plan.files[one.file];
            (locals_of(file), texts.of(file.options_of(stage)))
        };
        let locals: Vec<Vec<LocalsAndOptions>> =
            engines.iter().map(|(_, work)| work.iter().map(&mut locals).collect()).collect();
        let mut groups = Vec::with_capacity(engines.len());
        for ((engine, work), locals) in engines.iter().zip(&locals) {
            let callee = self.job.toolbox.renderer(engine)?;
            tracing::debug!(engine = %engine, stage = stage + 1, jobs = work.len(), "group");
            groups.push(self.group(engine, callee, StageJobs { renderer: self, work, stage, locals }));
        }
        let part = |one: &&Work| Part { file: one.file, stage };
        let parts: Vec<Vec<Part>> = engines.iter().map(|(_, work)| work.iter().map(part).collect()).collect();
        let finished = collected.made.iter().map(|made| made.0.contents().len() as u64).sum();
        let (planned, files) = (self.job.plan.files.len(), collected.made.len() as u64);
        let meter = Meter::new(self.run.budget(), planned, files, finished);
        let finish = |group: usize, job: usize, outcome: Outcome<GuestRendered>| -> Made {
            let (engine, work) = &engines[group];
            let most = groups[group].limits.outputs;
            self.finish(Stage { engine, number: stage, meter: &meter, most }, work[job], outcome)
        };
        let rendered = render(&groups, &parts, &finish)?;
        let copied = self.job.toolbox.engine().each_on_workers(&copies, |one| self.copy(one.file))?;
        meter.check()?;

        let files = parts.iter().flatten().map(|part| part.file).chain(copies.iter().map(|one| one.file));
        let mut next = Vec::new();
        let mut too_many = BTreeSet::new();
        let tables = Tables::of(&self.job.pack.manifest.variables, &self.job.values);
        for (file, job) in files.zip(rendered.into_iter().flatten().chain(copied)) {
            let most = self.most_pieces(file, stage);
            match job {
                Ok(_) if meter.pieces(file) > most => {
                    if too_many.insert(file) {
                        collected.failures.push(self.too_many(file, stage, most));
                    }
                }
                Ok((pieces, remarks)) => {
                    for piece in pieces {
                        match piece {
                            Piece::File(made) => collected.made.push(made),
                            Piece::Next(given) => next.push(Work { file, given: Some(given) }),
                        }
                    }
                    collected.notes.extend(remarks);
                }
                Err(failure) => match self.blamed(&tables, file, &failure) {
                    Some(Blame::User(mistake)) => collected.mistakes.push(mistake),
                    Some(Blame::UserAgain) => {}
                    Some(Blame::Nobody(finding)) => {
                        collected.failures.push(JobFailure { findings: vec![finding], ..failure });
                    }
                    None => collected.fail(self.with_item(file, failure)),
                },
            }
        }
        Ok(next)
    }

    /// Says at which item of a `for_each` a template was stopped; what is wrong with a template is so for all of them.
    fn with_item(&self, file: usize, mut failure: JobFailure) -> JobFailure {
        if let (Some(item), true) = (&self.job.plan.files[file].item, failure.stop.is_some()) {
            let item = self.job.secrets.redact(&show::value(item));
            for finding in &mut failure.findings {
                finding.message = format!("{}, at the item {item}", finding.message);
            }
        }
        failure
    }

    /// Says whose mistake it is that a template reads a key which an item of the user's lacks.
    fn blamed(&self, tables: &Tables<'_>, file: usize, failure: &JobFailure) -> Option<Blame> {
        let file = &self.job.plan.files[file];
        tables.blame(failure.findings.first()?, file.item.as_ref().map(|item| (&*file.reads, item)))
    }

    /// How many files a stage may make of one template.
    fn most_pieces(&self, file: usize, stage: usize) -> u64 {
        let engine = self.job.plan.files[file].engine_of(stage);
        let renderer = engine.and_then(|engine| self.job.toolbox.renderer(engine).ok());
        renderer.map_or(u64::MAX, |callee| callee.limits().outputs)
    }

    /// What a stage renders.
    fn template<'w>(&'w self, work: &'w Work) -> FileParam<'w> {
        match &work.given {
            Some(given) => FileParam { path: given.path.as_str(), contents: &given.contents },
            None => self.file(&self.job.plan.files[work.file].template),
        }
    }

    /// Renders the text that is shown afterwards; with it come the variables that it reads.
    fn message(&self) -> Result<Option<(String, Vec<String>)>> {
        let Some(message) = &self.job.plan.message else { return Ok(None) };
        let template = self.file(&message.template);
        if message.engine == TemplateEngine::Copy {
            let path = self.job.pack.path_of(&message.template);
            let text = files::text(template.contents)
                .map_err(|error| error.error(ErrorKind::Template, &format!("the message `{path}`"), &path))?;
            return Ok(Some((text.to_owned(), Vec::new())));
        }
        let callee = self.job.toolbox.renderer(&message.engine)?;
        let job = AskedJob {
            param: JobParam { template, locals: b"{}", options: b"{}" },
            digest: Some(self.digest(template.path)),
            is_for: [b"message", b"", b""],
            has_secret: false,
        };
        let group = self.group(&message.engine, callee, job);
        let lookup = |path: &str| self.lookup(path);
        let finish = |_: usize, _: usize, outcome: Outcome<GuestRendered>| match outcome.result {
            Ok(rendered) => {
                outcome.held.keep();
                let reads: Vec<String> = rendered.reads.variables.0.into_iter().map(|name| name.0).collect();
                let reads_secret = reads.iter().any(|name| self.job.plan.secrets.contains(name));
                let contents =
                    rendered.outputs.0.into_iter().next().map(|output| output.contents.0).unwrap_or_default();
                let text = String::from_utf8_lossy(&contents);
                let text = text.trim_start_matches('\u{feff}');
                let secrets = &self.job.secrets;
                let text = if reads_secret { secrets.redact_contents(text) } else { secrets.redact(text) };
                Ok((text, reads))
            }
            Err(error) => {
                let span = Span::file(self.job.pack.path_of(&message.template));
                let failure = JobFailure::new(&error, &span, &lookup, &self.job.secrets);
                Err(failure.naming_no_partials(&self.job.pack, &message.engine))
            }
        };
        let mut results = self.run.render(&[group], None, &finish)?;
        match results.pop().and_then(|mut results| results.pop()) {
            Some(Ok(message)) => Ok(Some(message)),
            Some(Err(failure)) => match JobFailure::into_error(vec![failure], "message") {
                Some(error) => Err(error),
                None => Ok(None),
            },
            None => Ok(None),
        }
    }
}
