//! From the outcome of a job to its pieces: paths checked, provenance gathered, findings told with their stage.
//!
//! Always true here: this runs on the worker that rendered, so that digests are computed in parallel; a failure names the
//! template, and in a chain the stage.

use std::sync::Arc;

use super::piece::{FileReport, Intermediate, LONGEST_ABSENT, Origin, Piece, Work, name_stage};
use super::renderer::{Made, Renderer, Stage};
use super::tree::{Provenance, StageRecord, TreeFile};
use crate::abi::{GuestOutput, GuestRendered};
use crate::advice;
use crate::diagnostic::{Diagnostic, Span};
use crate::engine::Outcome;
use crate::error::ErrorKind;
use crate::pack::{OutputPath, TemplateEngine, TemplateEntry};
use crate::plan::PlannedFile;
use crate::plugins::{JobFailure, diagnostics};
use crate::stop::{RULE_OF_STOPS, Stop, StopReason};
use crate::text;

type Checked<T> = std::result::Result<T, JobFailure>;

impl Renderer<'_> {
    /// Turns what a job made into pieces, and draws what is kept from the run's budget.
    pub(super) fn finish(&self, stage: Stage<'_>, work: &Work, mut outcome: Outcome<GuestRendered>) -> Made {
        let held = std::mem::take(&mut outcome.held);
        let made = self.pieces(stage, work, outcome);
        // From now on what is left of it counts.
        drop(held);
        self.charged(made)
    }

    /// Draws what a job left from the run's budget: a failure takes its place where that has no room for it.
    fn charged(&self, made: Made) -> Made {
        let budget = self.run.budget();
        let findings = match &made {
            Ok((_, remarks)) => remarks,
            Err(failure) => &failure.findings,
        };
        let pieces: u64 = made.iter().flat_map(|(pieces, _)| pieces).map(Piece::weight).sum();
        let bytes = findings.iter().map(Diagnostic::weight).fold(pieces, u64::saturating_add);
        let drawn = budget.find(findings.len() as u64).and_then(|()| budget.draw(bytes));
        drawn.map_or_else(|stop| Err(JobFailure::untried(Some(stop))), |()| made)
    }

    fn pieces(&self, stage: Stage<'_>, work: &Work, outcome: Outcome<GuestRendered>) -> Made {
        let Stage { engine, number, meter, most } = stage;
        let file = &self.job.plan.files[work.file];
        let shown = self.job.pack.path_of(&file.template);
        let lookup = |path: &str| match &work.given {
            Some(given) if given.path.as_str() == path => (path.to_owned(), std::str::from_utf8(&given.contents).ok()),
            _ => self.lookup(path),
        };
        let named = |mut findings: Vec<Diagnostic>| {
            if let Some(given) = &work.given {
                name_stage(&mut findings, number, engine, &shown, given);
            }
            findings
        };
        let failed = |failure: JobFailure| JobFailure { findings: named(failure.findings), ..failure };
        let (rendered, cost) = (outcome.result, (outcome.usage, outcome.came));
        let rendered = rendered
            .map_err(|error| JobFailure::new(&error, &Span::file(&*shown), &lookup, &self.job.secrets))
            .map_err(|failure| {
                let options = || self.options_span(file, number);
                let failure = failure.placed(&options, &shown).naming_no_partials(&self.job.pack, engine);
                failed(failure.naming_other_tools(&self.job.pack, engine))
            })?;
        let mut origin = work.given.as_ref().map(|given| given.origin.clone()).unwrap_or_default();
        origin.add(rendered.reads, cost, |name| {
            text::shortened(text::printable_line(&self.job.secrets.redact(name)), LONGEST_ABSENT)
        });
        if matches!(engine, TemplateEngine::Plugin(_)) {
            // Only our own engines are believed: another one may have read all that it was given.
            origin.variables = self.job.plan.values.keys().cloned().collect();
        }
        let outputs = rendered.outputs.0;
        let bytes = outputs.iter().map(|output| output.contents.0.len() as u64).sum();
        if !meter.take(work.file, outputs.len(), bytes, most) {
            // The stage as a whole fails for it; what is not kept takes no memory.
            return Ok((Vec::new(), Vec::new()));
        }
        let piece = |output: GuestOutput| {
            let path = self.output_path(file, work.given.as_deref(), &output)?;
            let executable = output.executable || work.given.as_ref().is_some_and(|given| given.executable);
            let made = Intermediate {
                path,
                contents: Arc::new(output.contents.0),
                executable,
                has_secret: false,
                origin: origin.clone(),
            };
            Ok(self.piece(work.file, number, made))
        };
        // Very many are kept at once, and nearly all are one: a list takes the room that it needs.
        let mut pieces = Vec::with_capacity(outputs.len());
        for output in outputs {
            pieces.push(piece(output).map_err(failed)?);
        }
        Ok((pieces, named(diagnostics(&rendered.notes.0, &lookup, &self.job.secrets))))
    }

    /// Where the options of a stage are written; a plan keeps them without their place.
    fn options_span(&self, file: &PlannedFile, stage: usize) -> Option<Span> {
        let (pack, options) = (&self.job.pack, file.options_of(stage));
        let entries = self.job.entries_of(file.template.as_str());
        let has_them = |entry: &&TemplateEntry| match stage.checked_sub(1) {
            None => entry.options == *options,
            Some(stage) => entry.then.get(stage).is_some_and(|stage| stage.options == *options),
        };
        let written = entries.filter(has_them).find_map(|entry| entry.options_at.get(stage)?.clone());
        written.map(|range| pack.span(&range))
    }

    /// Copies a file of the pack.
    pub(super) fn copy(&self, number: usize) -> Made {
        self.charged(self.copied(number).map(|piece| (vec![piece], Vec::new())))
    }

    fn copied(&self, number: usize) -> Checked<Piece> {
        let file = &self.job.plan.files[number];
        let contents = self.job.sources.get(&file.template).map(|source| source.contents.clone()).unwrap_or_default();
        let path = self.path(file, &file.output)?;
        let (executable, has_secret, origin) = (false, false, Origin::default());
        Ok(self.piece(number, 0, Intermediate { path, contents, executable, has_secret, origin }))
    }

    /// Makes a file of the tree where the chain has ended, and a template of the next stage otherwise; says whether a
    /// secret may be in it.
    fn piece(&self, number: usize, stage: usize, mut made: Intermediate) -> Piece {
        let file = &self.job.plan.files[number];
        made.origin.variables.extend(file.reads.iter().cloned());
        made.origin.variables.retain(|name| self.job.plan.values.contains_key(name));
        made.has_secret = made.origin.variables.iter().any(|name| self.job.plan.secrets.contains(name));
        if file.engine_of(stage + 1).is_some() {
            return Piece::Next(Box::new(made));
        }
        let Intermediate { path, contents, executable, has_secret, origin } = made;
        let report = FileReport {
            path: path.clone(),
            partials: origin.partials.into_iter().collect(),
            absent: origin.absent.into_iter().collect(),
            usage: origin.usage,
            making: origin.making,
        };
        let provenance = self.provenance(file, origin.variables.into_iter().collect());
        let executable = file.executable.unwrap_or(executable);
        let made = if stage == 0 && file.engine == TemplateEngine::Copy {
            TreeFile::copied(path, contents, file.template_sha256, executable, provenance)
        } else {
            TreeFile::made(path, contents, executable, provenance)
        };
        let made = made.with_secret(has_secret);
        Piece::File(Box::new((made, report)))
    }

    fn provenance(&self, file: &PlannedFile, variables: Vec<String>) -> Provenance {
        let plugin_digest = |engine: &TemplateEngine| match engine {
            TemplateEngine::Plugin(_) => self.job.toolbox.digest(engine),
            TemplateEngine::BuiltIn(_) | TemplateEngine::Copy => None,
        };
        let record =
            |engine: &TemplateEngine| StageRecord { engine: engine.to_string(), plugin_sha256: plugin_digest(engine) };
        Provenance {
            template: file.template.to_string(),
            template_digest: file.template_sha256,
            engine: file.engine.to_string(),
            plugin_digest: plugin_digest(&file.engine),
            then: file.then.iter().map(|stage| record(&stage.engine)).collect(),
            variables,
            on_conflict: file.on_conflict.clone(),
        }
    }

    /// Where an output goes: to the path that its template has in the plan or from the stage before, or beside it where
    /// the renderer names the file.
    fn output_path(
        &self,
        file: &PlannedFile,
        given: Option<&Intermediate>,
        output: &GuestOutput,
    ) -> Checked<OutputPath> {
        let Some(below) = &output.path else {
            return self.path(file, given.map_or(&file.output, |given| given.path.as_str()));
        };
        if self.job.secrets.are_in(&below.0) {
            let span = Span::file(self.job.pack.path_of(&file.template));
            let finding = Diagnostic::error("output/secret", "a secret would become part of an output path")
                .at(span)
                .help("paths are shown and recorded; use another variable");
            return Err(JobFailure { kind: ErrorKind::Refused, findings: vec![finding], stop: None, untried: false });
        }
        // Checked by itself first: joined to a folder, an absolute path would look like a relative one.
        self.path(file, &below.0)?;
        let folder = match given {
            // A plugin that a template names gets a folder; later ones get a file, and stay in its folder.
            Some(given) => given.path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder),
            None => file.output.trim_end_matches('/'),
        };
        if folder.is_empty() { self.path(file, &below.0) } else { self.path(file, &format!("{folder}/{}", below.0)) }
    }

    fn path(&self, file: &PlannedFile, path: &str) -> Checked<OutputPath> {
        OutputPath::new(path).map_err(|invalid| {
            let shown: String = text::printable_line(path).chars().take(200).collect();
            let message = format!("the output path `{shown}` {invalid}");
            let span = Span::file(self.job.pack.path_of(&file.template));
            JobFailure {
                kind: ErrorKind::OutsidePath,
                findings: vec![Diagnostic::error("output/path", message).at(span)],
                stop: None,
                untried: false,
            }
        })
    }

    /// The failure of a template of which a stage made too many files.
    pub(super) fn too_many(&self, number: usize, stage: usize, most: u64) -> JobFailure {
        let file = &self.job.plan.files[number];
        let detail = format!("stage {} of the chain made more than {most} files of one template", stage + 1);
        let stop = Stop::new(StopReason::Outputs, detail.clone()).limit(most);
        let raised = advice::limit(&stop.raised().unwrap_or_else(|| "outputs".to_owned()));
        let finding = Diagnostic::error(format!("{RULE_OF_STOPS}outputs"), detail)
            .at(Span::file(self.job.pack.path_of(&file.template)))
            .help(format!("if you trust it to need that much, run again with {raised}"));
        JobFailure { kind: ErrorKind::Stopped, findings: vec![finding], stop: Some(Box::new(stop)), untried: false }
    }
}
