//! `generate` and `apply`: from a pack, or from a saved plan, to a directory.

use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::super::args::{self, Isolation, Writing};
use super::super::documents::{
    DryRun, ErrorBody, FileStatus, Generated, GeneratedFile, GeneratedPack, Left, Milliseconds, Reads,
};
use super::super::kept_answers::KeptAnswers;
use super::super::progress;
use super::super::session::{Session, read_bytes, shown};
use super::plugin_tools::{save_failure, secret_names};
use super::written::{Rewriting, colored, measured};
use crate::compose::variables::{Declared, Values, of_saved_plan};
use crate::diagnostic::Span;
use crate::engine::{Profile, Recorder, Run as EngineRun};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::commit::{Committed, FileState, NoObserver, OnExisting, StepObserver, recover};
use crate::generate::{self, Apart, Change, Job, RenderOptions, RenderReport};
use crate::limits::UserLimits;
use crate::measure::Placeholders;
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, Pack};
use crate::plan::{LARGEST_PLAN, Plan, parse, plugins_in_use};
use crate::plugins::Toolbox;
use crate::show::count;
use crate::text::{format_bytes, printable, printable_line};

/// How long the stages took.
#[derive(Debug)]
struct Timings {
    started: Instant,
    last: Instant,
    stages: Milliseconds,
}

impl Timings {
    fn start() -> Self {
        let now = Instant::now();
        Self { started: now, last: now, stages: Milliseconds::default() }
    }

    /// Ends a stage.
    fn stage(&mut self, which: fn(&mut Milliseconds) -> &mut Option<f64>) {
        let now = Instant::now();
        *which(&mut self.stages) = Some(milliseconds(now - self.last));
        self.last = now;
    }

    /// Ends the run.
    fn end(self) -> Milliseconds {
        Milliseconds { total_ms: milliseconds(self.started.elapsed()), ..self.stages }
    }
}

fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// A run of `generate` or `apply`, for what is told of it.
struct Run<'a> {
    session: &'a Session,
    command: &'static str,
    /// The output folder.
    folder: &'a Path,
    /// Where the pack lies, seen from there.
    apart: Apart,
    timings: Timings,
}

/// Generates a project from a pack.
///
/// # Errors
/// Those of every stage; nothing is written then.
pub fn generate(session: &Session, arguments: &args::Generate) -> Result<u8> {
    let Some(path) = &arguments.record else {
        return generate_with(session, arguments, None, &mut Placeholders::default()).map_err(unwritten);
    };
    let recorder = Arc::new(Recorder::default());
    let mut placeholders = Placeholders::default();
    let result = generate_with(session, arguments, Some(&recorder), &mut placeholders).map_err(unwritten);
    save_failure(session, path, &recorder, &placeholders);
    result
}

/// Says that nothing was written, where a run ended before it had begun to write.
fn unwritten(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Template | ErrorKind::Plugin | ErrorKind::Stopped => error.before_writing(),
        // Who was interrupted while writing says so.
        ErrorKind::Interrupted if error.body().detail == "interrupted" => error.before_writing(),
        _ => error,
    }
}

/// Adds what a run had used to its error.
fn with_budget(run: &EngineRun<'_>, error: Error) -> Error {
    error.with_budget(serde_json::to_value(run.budget().used()).unwrap_or_default())
}

/// Generates, and keeps the first failed call and what must not be saved of it.
fn generate_with(
    session: &Session,
    arguments: &args::Generate,
    recorder: Option<&Arc<Recorder>>,
    placeholders: &mut Placeholders,
) -> Result<u8> {
    let mut timings = Timings::start();
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let pack = session.pack(&arguments.pack, &limits.pack)?;
    session.tell_withdrawn(&arguments.pack);
    pack.check_host(&crate::version())?;
    pack.check_dependencies()?;
    let apart = Apart::of(&pack, &arguments.output)?;
    let sources = session.sources(&arguments.variables)?;
    timings.stage(|spent| &mut spent.load_ms);
    // The process ends with the command: giving back the pool's address space would only take time.
    let engine = ManuallyDrop::new(session.engine(&arguments.rendering, &limits, &pack, recorder)?);
    *placeholders = secret_names(&pack);
    let run = engine.run();
    let rendered = || {
        progress::stage("making plugins ready");
        let toolbox = Toolbox::prepare(&run, &pack, &plugins_in_use(&pack))?;
        timings.stage(|spent| &mut spent.prepare_ms);
        progress::stage("finding values and files");
        let values = session.values((&pack).into(), &toolbox, &sources, arguments.variables.no_input)?;
        timings.stage(|spent| &mut spent.variables_ms);
        let answers = KeptAnswers::of(&values);
        let written = || {
            let job = Job::prepare(&pack, &toolbox, values)?;
            timings.stage(|spent| &mut spent.plan_ms);
            let names = job.values.secrets.iter().map(ToString::to_string);
            *placeholders = Placeholders::new(names, job.secrets.values().iter().cloned());
            Run { session, command: "generate", folder: &arguments.output, apart, timings }.finish(
                &job,
                arguments.writing,
                arguments.rendering.isolation,
            )
        };
        written().inspect_err(|_| answers.keep(session, pack.manifest.pack.name.value.as_str()))
    };
    rendered().map_err(|error| with_budget(&run, error))
}

/// Generates what a saved plan says.
///
/// # Errors
/// `Integrity` where the pack is not the one that the plan was made for; those of every stage.
pub fn apply(session: &Session, arguments: &args::Apply) -> Result<u8> {
    apply_plan(session, arguments).map_err(unwritten)
}

fn apply_plan(session: &Session, arguments: &args::Apply) -> Result<u8> {
    let mut timings = Timings::start();
    let limits = UserLimits::parse(&arguments.rendering.engine.limits)?;
    let plan = read_plan(session, &arguments.plan)?;
    let folder = arguments.pack.clone().unwrap_or_else(|| plan.pack.path.clone().into());
    let pack = session.pack(&folder, &limits.pack)?;
    session.tell_withdrawn(&folder);
    let apart = Apart::of(&pack, &arguments.output)?;
    timings.stage(|spent| &mut spent.load_ms);
    let engine = ManuallyDrop::new(session.engine(&arguments.rendering, &limits, &pack, None)?);
    let run = engine.run();
    let rendered = || {
        let toolbox = Toolbox::prepare(&run, &pack, &plugins_in_use(&pack))?;
        let job = Job::reload(&pack, &toolbox, plan, |plan| {
            timings.stage(|spent| &mut spent.prepare_ms);
            with_secrets(session, plan, &pack, &toolbox, arguments)
        })?;
        Run { session, command: "apply", folder: &arguments.output, apart, timings }.finish(
            &job,
            arguments.writing,
            arguments.rendering.isolation,
        )
    };
    rendered().map_err(|error| with_budget(&run, error))
}

/// Reads a saved plan; what is a pack instead, or may be the name of one, is told.
fn read_plan(session: &Session, path: &Path) -> Result<Plan> {
    let name = shown(path);
    let instead = |pack: &str| {
        format!(
            "`apply` takes a plan that `packbox plan {pack} --save FILE` wrote; `packbox generate {pack}` takes a pack"
        )
    };
    let not_a_plan = |what: &str, pack: &str| {
        Error::new(ErrorKind::Usage, format!("`{name}` is {what}, not a saved plan")).hint(instead(pack))
    };
    let is_archive = path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION);
    if path.join(MANIFEST_NAME).is_file() || (path.is_file() && (is_archive || path.ends_with(MANIFEST_NAME))) {
        return Err(not_a_plan("a pack", &name));
    }
    if path.is_dir() {
        return Err(not_a_plan("a folder", "PACK"));
    }
    let bytes = read_bytes(path, LARGEST_PLAN, "plan", &session.interrupt).map_err(|error| match error.kind() {
        ErrorKind::NotFound => error.hint(instead("PACK")),
        _ => error,
    })?;
    parse(&bytes).map_err(|error| error.at(Span::file(name)))
}

/// The plan's values, with secrets from the command line, the environment or a prompt.
fn with_secrets(
    session: &Session,
    plan: &Plan,
    pack: &Pack,
    toolbox: &Toolbox<'_>,
    arguments: &args::Apply,
) -> Result<Values> {
    for pair in &arguments.vars {
        let name = pair.split('=').next().unwrap_or(pair);
        if !plan.is_secret(name) {
            let detail = format!("the plan fixes `{}`; only secrets can be given to `apply`", printable_line(name));
            return Err(Error::new(ErrorKind::Usage, detail).hint("make a new plan to change a value"));
        }
    }
    if plan.secrets.is_empty() {
        return Ok(plan.with_secrets(Values::default()));
    }
    let variables = args::Variables { vars: arguments.vars.clone(), answers: None, no_input: arguments.no_input };
    let sources = plan.secrets_in(&session.sources(&variables)?);
    let open = Declared { variables: &plan.open_variables(pack), ..pack.into() };
    let given = session.values(open, toolbox, &sources, arguments.no_input).map_err(of_saved_plan)?;
    Ok(plan.with_secrets(given))
}

impl Run<'_> {
    /// Renders, and writes or shows what differs.
    fn finish(mut self, job: &Job<'_>, writing: Writing, isolation: Isolation) -> Result<u8> {
        let (session, folder) = (self.session, self.folder);
        let key = session.journal_key()?;
        let observer: &dyn StepObserver = match &session.hooks.observer {
            Some(observer) => &**observer,
            None => &NoObserver,
        };
        if !writing.dry_run && recover(folder, &key, observer)?.rolled_back {
            session.output.say(&format!("undid what an interrupted run had begun in {}", shown(folder)));
        }
        let batch = (isolation == Isolation::Fresh).then_some(std::num::NonZeroUsize::MIN);
        let options = RenderOptions { batch };
        progress::stage(&format!("files to render: {}", job.plan.files.len()));
        let report = job.render_in(job.toolbox.run(), options)?;
        self.timings.stage(|spent| &mut spent.render_ms);
        session.output.findings(&report.notes);
        let on_existing = match writing.on_existing {
            args::OnExisting::Fail => OnExisting::Fail,
            args::OnExisting::Skip => OnExisting::Skip,
            args::OnExisting::Overwrite => OnExisting::Overwrite,
        };
        let how = generate::Writing { on_existing, prune: writing.prune };
        let change = Change::look(job, &report.tree, (folder, &self.apart), how)?;
        let rewriting = Rewriting(&change);
        rewriting.tell_before(session);
        if writing.dry_run {
            return self.show_diff(job, &report, rewriting);
        }
        change.preview()?;
        rewriting.tell_removals(session);
        progress::stage(&format!("files to write: {}", report.tree.files().len()));
        let committed = change.commit(&key, &|| session.interrupt.is_set(), observer)?;
        self.timings.stage(|spent| &mut spent.commit_ms);
        self.report_done(job, &report, rewriting, &committed).map(|()| 0)
    }

    /// Shows what would change, and ends as the real run would.
    fn show_diff(self, job: &Job<'_>, report: &RenderReport, rewriting: Rewriting<'_>) -> Result<u8> {
        let session = self.session;
        let (text, preview) = (rewriting.0.diff(), rewriting.0.preview());
        if session.output.is_json() {
            let states: Vec<&FileState> = rewriting.0.survey().files().map(|(_, state)| state).collect();
            let status = |index: usize| match states.get(index) {
                Some(FileState::New) => FileStatus::New,
                Some(FileState::Unchanged) => FileStatus::Unchanged,
                Some(FileState::Outdated(_)) => FileStatus::Outdated,
                Some(FileState::Differs(_)) => FileStatus::Differs,
                Some(FileState::Kept) | None => FileStatus::Kept,
            };
            let document = DryRun {
                pack: GeneratedPack { name: &job.plan.pack.name, version: &job.plan.pack.version },
                dry_run: true,
                files: files(report, status),
                left: left(rewriting),
                removed: preview.as_ref().map(|preview| &*preview.removed).unwrap_or_default(),
                diff: text,
                budget: job.toolbox.budget().used(),
                timings: self.timings.end(),
                error: preview.as_ref().err().map(ErrorBody::of),
            };
            let exit = preview.as_ref().map_or_else(Error::exit_code, |_| 0);
            return session.output.document(self.command, &document).map(|()| exit);
        }
        let text = printable(&text);
        session.output.result(&if session.output.colors_stdout() { colored(&text) } else { text })?;
        let preview = preview?;
        rewriting.tell_removals(session);
        rewriting.tell_after(session, &preview);
        session.output.say("dry run: nothing was written");
        Ok(0)
    }

    fn report_done(
        self,
        job: &Job<'_>,
        report: &RenderReport,
        rewriting: Rewriting<'_>,
        committed: &Committed,
    ) -> Result<()> {
        let (session, folder) = (self.session, self.folder);
        // It speaks of what the pack makes, which is not what stands there where files of it are missing.
        let message = report.message.as_deref().filter(|_| committed.skipped.is_empty());
        if session.output.is_json() {
            let status = |index: usize| {
                let path = report.tree.files()[index].path();
                // Both are sorted, as the tree is.
                if committed.unchanged.binary_search(path).is_ok() {
                    FileStatus::Unchanged
                } else if committed.skipped.binary_search(path).is_ok() || committed.kept.binary_search(path).is_ok() {
                    FileStatus::Skipped
                } else {
                    FileStatus::Written
                }
            };
            let document = Generated {
                pack: GeneratedPack { name: &job.plan.pack.name, version: &job.plan.pack.version },
                output: shown(folder),
                files: files(report, status),
                left: left(rewriting),
                removed: &committed.removed,
                notes: &report.notes,
                message,
                allocation: job.toolbox.engine().allocation(),
                budget: job.toolbox.budget().used(),
                timings: self.timings.end(),
            };
            return session.output.document(self.command, &document);
        }
        let bytes: usize = report.tree.files().iter().map(|file| file.contents().len()).sum();
        let mut line = format!(
            "generated {} {} into {}: {}, {}",
            job.plan.pack.name,
            job.plan.pack.version,
            shown(folder),
            count(report.tree.files().len(), "file"),
            format_bytes(bytes as u64)
        );
        let counts = [
            ("unchanged", committed.unchanged.len()),
            ("kept", committed.kept.len()),
            ("skipped", committed.skipped.len()),
            ("removed", committed.removed.len()),
        ];
        for (what, count) in counts {
            if count > 0 {
                // Writing to a string does not fail.
                let _ = write!(line, ", {count} {what}");
            }
        }
        session.output.say(&line);
        rewriting.tell_after(session, committed);
        if job.toolbox.engine().options().profile == Profile::Measure {
            session.output.say(&measured(report));
        }
        match message {
            Some(message) => {
                session.output.result(&format!("\n{}\n", printable(&message.replace("\r\n", "\n")).trim_end()))
            }
            None if report.message.is_some() => {
                session.output.say("the pack's message is not shown, as not all of its files were written");
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// What an earlier run left behind and stays, and whether somebody touched it.
fn left(rewriting: Rewriting<'_>) -> Vec<Left<'_>> {
    let left = rewriting.0.staying();
    left.map(|leftover| Left { path: &leftover.recorded.path, edited: leftover.is_edited }).collect()
}

fn files(report: &RenderReport, status: impl Fn(usize) -> FileStatus) -> Vec<GeneratedFile<'_>> {
    let files = report.tree.files().iter().zip(&report.files).enumerate();
    files
        .map(|(index, (file, details))| {
            let provenance = file.provenance();
            GeneratedFile {
                path: file.path(),
                bytes: file.contents().len(),
                sha256: file.recorded_digest(),
                executable: file.executable(),
                status: status(index),
                template: &provenance.template,
                template_sha256: provenance.template_digest,
                engine: &provenance.engine,
                then: provenance.then.iter().map(|stage| stage.engine.as_str()).collect(),
                reads: Reads { variables: &provenance.variables, partials: &details.partials, absent: &details.absent },
                usage: details.usage,
            }
        })
        .collect()
}
