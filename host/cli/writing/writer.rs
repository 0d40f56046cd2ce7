//! A run of `generate` or `apply`: from a job to an output folder, and what is told of it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use crate::cli::args::{self, Isolation, Writing};
use crate::cli::documents::{
    DryRun, ErrorBody, FileStatus, Generated, GeneratedFile, GeneratedPack, Left, Milliseconds, Reads,
};
use crate::cli::session::{Session, shown};
use crate::cli::writing::why;
use crate::cli::writing::written::{Rewriting, colored, measured};
use crate::engine::{Profile, Run as EngineRun};
use crate::error::{Error, ErrorKind, Result};
use crate::facade::{self, LOOKS, OnExisting, Packbox, Rendered, busy};
use crate::generate::commit::{Committed, FileState};
use crate::generate::{Composition, Job, Joined, RenderOptions, RenderReport};
use crate::show::count;
use crate::text::{format_bytes, printable};

/// How long the stages took.
#[derive(Debug)]
pub struct Timings {
    started: Instant,
    last: Instant,
    stages: Milliseconds,
}

impl Timings {
    pub fn start() -> Self {
        let now = Instant::now();
        Self { started: now, last: now, stages: Milliseconds::default() }
    }

    /// Ends a stage.
    pub fn stage(&mut self, which: fn(&mut Milliseconds) -> &mut Option<f64>) {
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
pub struct Writer<'a> {
    pub session: &'a Session,
    pub command: &'static str,
    /// The output folder.
    pub folder: &'a Path,
    pub timings: Timings,
}

impl Writer<'_> {
    /// Renders, and writes or shows what differs.
    pub fn finish(
        mut self,
        packbox: &Packbox,
        job: facade::Job<'_>,
        writing: Writing,
        isolation: Isolation,
    ) -> Result<u8> {
        let (session, folder) = (self.session, self.folder);
        // What is interrupted is undone by whoever has the key, which a home keeps.
        session.environment.folders()?;
        let undone = || session.output.say(&format!("undid what an interrupted run had begun in {}", shown(folder)));
        if !writing.dry_run && packbox.recover(folder, &session.interrupt)? {
            undone();
        }
        let batch = (isolation == Isolation::Fresh).then_some(std::num::NonZeroUsize::MIN);
        let rendered = job.render_with(RenderOptions { batch })?;
        self.timings.stage(|spent| &mut spent.render_ms);
        session.output.findings(rendered.notes());
        if writing.why && !session.output.is_json() {
            why::tell(session, rendered.inner().1);
        }
        let on_existing = match writing.on_existing {
            args::OnExisting::Fail => OnExisting::Fail,
            args::OnExisting::Skip => OnExisting::Skip,
            args::OnExisting::Overwrite => OnExisting::Overwrite,
            args::OnExisting::Merge => OnExisting::Merge,
        };
        let tell_joined = |joined: &Joined<'_>| {
            session.output.findings(joined.notes());
            if writing.why && !session.output.is_json() {
                why::tell_joined(session, joined);
            }
        };
        let how = facade::Writing { on_existing, prune: writing.prune };
        if writing.dry_run {
            rendered.await_writer(folder)?;
            let joined = rendered.joined(folder, how)?;
            tell_joined(&joined);
            let change = rendered.change(folder, &joined, how)?;
            let rewriting = Rewriting(&change);
            rewriting.tell_before(session);
            return self.show_diff(&rendered, (rewriting, &joined), writing.why);
        }
        for _ in 0..LOOKS {
            if rendered.settle(folder)? {
                undone();
            }
            let joined = rendered.joined(folder, how)?;
            tell_joined(&joined);
            let change = rendered.change(folder, &joined, how)?;
            let rewriting = Rewriting(&change);
            rewriting.tell_before(session);
            change.preview()?;
            rewriting.tell_removals(session);
            if let Some(committed) = rendered.commit(&change)? {
                self.timings.stage(|spent| &mut spent.commit_ms);
                let made = (rewriting, &joined);
                return self.report_done(&rendered, made, (&committed, writing.why)).map(|()| 0);
            }
        }
        Err(busy())
    }

    /// Shows what would change, and ends as the real run would.
    fn show_diff(
        self,
        rendered: &Rendered<'_>,
        (rewriting, joined): (Rewriting<'_>, &Joined<'_>),
        why: bool,
    ) -> Result<u8> {
        let session = self.session;
        let (composition, report) = rendered.inner();
        let job = composition.leading();
        let (text, preview) = (rewriting.0.diff(), rewriting.0.preview());
        if session.output.is_json() {
            let states: Vec<&FileState> = rewriting.0.survey().files().map(|(_, state)| state).collect();
            let status = |index: usize| match states.get(index) {
                Some(FileState::New) => FileStatus::New,
                Some(FileState::Unchanged) => FileStatus::Unchanged,
                Some(FileState::Outdated(_)) => FileStatus::Outdated,
                Some(FileState::Differs(_) | FileState::OfOthers(_)) => FileStatus::Differs,
                Some(FileState::Merged(_)) => FileStatus::Merged,
                Some(FileState::Kept) | None => FileStatus::Kept,
            };
            let document = DryRun {
                pack: generated(job),
                packs: packs(composition),
                dry_run: true,
                files: files(rewriting, report, (joined, why), status),
                left: left(rewriting),
                removed: preview.as_ref().map(|preview| &*preview.removed).unwrap_or_default(),
                notes: report.notes.iter().chain(joined.notes()).collect(),
                diff: text,
                wasm_calls: job.toolbox.budget().calls(),
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
        let changes = !preview.written.is_empty() || !preview.removed.is_empty();
        session.output.say(if changes { "dry run: nothing was written" } else { "dry run: nothing would change" });
        Ok(0)
    }

    fn report_done(
        self,
        rendered: &Rendered<'_>,
        (rewriting, joined): (Rewriting<'_>, &Joined<'_>),
        (committed, why): (&Committed, bool),
    ) -> Result<()> {
        let (session, folder) = (self.session, self.folder);
        let (composition, report) = rendered.inner();
        let job = composition.leading();
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
                pack: generated(job),
                packs: packs(composition),
                output: shown(folder),
                files: files(rewriting, report, (joined, why), status),
                left: left(rewriting),
                removed: &committed.removed,
                notes: report.notes.iter().chain(joined.notes()).collect(),
                message,
                allocation: job.toolbox.engine().allocation(),
                wasm_calls: job.toolbox.budget().calls(),
                budget: job.toolbox.budget().used(),
                timings: self.timings.end(),
            };
            return session.output.document(self.command, &document);
        }
        let bytes: usize = rewriting.0.tree().files().iter().map(|file| file.contents().len()).sum();
        let names = composition.jobs().iter().map(|job| format!("{} {}", job.plan.pack.name, job.plan.pack.version));
        let mut line = format!(
            "generated {} into {}: {}, {}",
            names.collect::<Vec<_>>().join(", "),
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

/// Says that nothing was written, where a run ended before it had begun to write.
pub fn unwritten(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Template | ErrorKind::Plugin | ErrorKind::Stopped => error.before_writing(),
        // Who was interrupted while writing says so.
        ErrorKind::Interrupted if error.body().detail == "interrupted" => error.before_writing(),
        _ => error,
    }
}

/// Adds what a run had used to its error.
pub fn with_budget(run: &EngineRun<'_>, error: Error) -> Error {
    error.with_budget(serde_json::to_value(run.budget().used()).unwrap_or_default())
}

fn generated<'j>(job: &'j Job<'_>) -> GeneratedPack<'j> {
    GeneratedPack { name: &job.plan.pack.name, version: &job.plan.pack.version }
}

/// All packs, where they are several.
fn packs<'c>(composition: &'c Composition<'_>) -> Vec<GeneratedPack<'c>> {
    let jobs = composition.jobs();
    if jobs.len() > 1 { jobs.iter().map(generated).collect() } else { Vec::new() }
}

/// What an earlier run left behind and stays, and whether somebody touched it.
fn left(rewriting: Rewriting<'_>) -> Vec<Left<'_>> {
    let left = rewriting.0.staying();
    left.map(|leftover| Left { path: &leftover.recorded.path, edited: leftover.is_edited }).collect()
}

fn files<'r>(
    rewriting: Rewriting<'r>,
    report: &'r RenderReport,
    (joined, why): (&Joined<'_>, bool),
    status: impl Fn(usize) -> FileStatus,
) -> Vec<GeneratedFile<'r>> {
    let files = rewriting.0.tree().files().iter().zip(&report.files).enumerate();
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
                owners: file.owners(),
                then: provenance.then.iter().map(|stage| stage.engine.as_str()).collect(),
                reads: Reads { variables: &provenance.variables, partials: &details.partials, absent: &details.absent },
                usage: details.usage,
                why: why::reasons(details, joined, why),
            }
        })
        .collect()
}
