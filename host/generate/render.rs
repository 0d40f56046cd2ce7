//! From a plan to a tree: every template rendered in the sandbox, every path checked once more.
//!
//! Always true here: nothing is written; the tree depends on the plan, the sources and the values only, not on threads or
//! batches.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::diagnose::{JobFailure, diagnostics};
use super::toolbox::Toolbox;
use super::tree::{OutputPath, Provenance, Tree, TreeFile};
use crate::abi::{FileParam, GuestRendered, JobParam};
use crate::diagnostic::{Diagnostic, Span};
use crate::digest::Digest;
use crate::engine::{Group, Limits, Outcome, Plugin, Usage};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Engine, OnConflict, Pack, PackPath};
use crate::plan::{Plan, PlannedFile, Sources};
use crate::secrets::Secrets;

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
    /// Remarks of renderers.
    pub notes: Vec<Diagnostic>,
    /// The text to show, where the pack has one.
    pub message: Option<String>,
}

/// What is known of a generated file beside what its receipt says.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: OutputPath,
    /// Partials that were included.
    pub partials: Vec<PackPath>,
    /// Variables that were looked up in vain, or partials.
    pub absent: Vec<String>,
    /// What the call cost; none for a copy.
    pub usage: Option<Usage>,
}

/// A file and its report, not yet in a tree.
type Made = (TreeFile, FileReport);
/// What one job made, with its remarks.
pub(crate) type Job = std::result::Result<(Vec<Made>, Vec<Diagnostic>), JobFailure>;
/// Turns the outcome of a group's job into what it made.
pub(crate) type Finish<'a> = dyn Fn(usize, usize, Outcome<GuestRendered>) -> Job + Sync + 'a;
/// Has groups of jobs rendered, in whatever way, and each outcome finished.
pub(crate) type RunGroups<'a> = dyn Fn(&[Group<'_>], &Finish<'_>) -> Result<Vec<Vec<Job>>> + 'a;

/// Everything that turning outcomes into files needs.
struct Renderer<'a> {
    pack: &'a Pack,
    plan: &'a Plan,
    sources: &'a Sources,
    secrets: &'a Secrets,
}

/// Renders a plan. `values` are the variables with their secrets.
///
/// # Errors
/// One error for all jobs that failed: `Template` or `Plugin` where the pack is at fault, `Stopped` or `Refused` where
/// a limit was hit, `OutsidePath` where a renderer names a path outside, `Interrupted`; `Manifest` where two files have
/// one path.
pub fn render(
    pack: &Pack,
    plan: &Plan,
    sources: &Sources,
    toolbox: &Toolbox<'_>,
    values: &Map<String, Value>,
    secrets: &Secrets,
    options: RenderOptions,
) -> Result<RenderReport> {
    let run = |groups: &[Group<'_>], finish: &Finish<'_>| toolbox.engine().render(groups, options.batch, finish);
    render_with(pack, plan, sources, toolbox, values, secrets, &run)
}

/// [`render`], with the rendering itself left to `run`.
pub(crate) fn render_with(
    pack: &Pack,
    plan: &Plan,
    sources: &Sources,
    toolbox: &Toolbox<'_>,
    values: &Map<String, Value>,
    secrets: &Secrets,
    run: &RunGroups<'_>,
) -> Result<RenderReport> {
    let _span = tracing::info_span!("render", files = plan.files.len()).entered();
    let renderer = Renderer { pack, plan, sources, secrets };
    let context = crate::plan::context_bytes(values);
    let mut by_engine: BTreeMap<&Engine, Vec<&PlannedFile>> = BTreeMap::new();
    for file in &plan.files {
        by_engine.entry(&file.engine).or_default().push(file);
    }
    let copies = by_engine.remove(&Engine::Copy).unwrap_or_default();

    let engines: Vec<(&Engine, Vec<&PlannedFile>)> = by_engine.into_iter().collect();
    let locals: Vec<Vec<(Vec<u8>, Vec<u8>)>> =
        engines.iter().map(|(_, files)| files.iter().map(|file| locals_and_options(file)).collect()).collect();
    let mut groups = Vec::with_capacity(engines.len());
    for ((engine, files), locals) in engines.iter().zip(&locals) {
        let (plugin, limits) = plugin_for(toolbox, engine)?;
        let jobs = files
            .iter()
            .zip(locals)
            .map(|(file, (locals, options))| JobParam { template: renderer.file(&file.template), locals, options })
            .collect();
        tracing::debug!(engine = %engine, jobs = files.len(), "group");
        groups.push(Group { plugin, limits, context: &context, partials: renderer.partials(engine), jobs });
    }
    let finish = |group: usize, job: usize, outcome: Outcome<GuestRendered>| -> Job {
        let (engine, files) = &engines[group];
        renderer.finish(engine, groups[group].plugin, files[job], outcome)
    };
    let rendered = run(&groups, &finish)?;
    let copied: Vec<Job> = toolbox.engine().on_workers(|| {
        copies.par_iter().with_min_len(16).map(|file| Ok((vec![renderer.copy(file)?], Vec::new()))).collect()
    })?;

    let mut made = Vec::with_capacity(plan.files.len());
    let mut notes = Vec::new();
    let mut failures = Vec::new();
    for job in rendered.into_iter().flatten().chain(copied) {
        match job {
            Ok((files, remarks)) => {
                made.extend(files);
                notes.extend(remarks);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if toolbox.engine().options().interrupt.is_set() {
        return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was written"));
    }
    if let Some(error) = JobFailure::into_error(failures, "template") {
        return Err(error);
    }
    let message = renderer.message(toolbox, &context)?;
    let (files, mut reports): (Vec<TreeFile>, Vec<FileReport>) = made.into_iter().unzip();
    let tree = Tree::build(files)?;
    reports.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(RenderReport { tree, files: reports, notes, message })
}

fn plugin_for<'t>(toolbox: &'t Toolbox<'_>, engine: &Engine) -> Result<(&'t Plugin, Limits)> {
    match engine {
        Engine::Plugin(name) => match toolbox.plugin(name) {
            Some(plugin) => Ok((&plugin.plugin, plugin.limits)),
            None => Err(Error::new(ErrorKind::Manifest, format!("the pack has no plugin `{name}`"))),
        },
        Engine::Jinja | Engine::Copy => Ok((toolbox.jinja()?, toolbox.jinja_limits())),
    }
}

fn locals_and_options(file: &PlannedFile) -> (Vec<u8>, Vec<u8>) {
    let locals =
        file.item.as_ref().map_or_else(|| b"{}".to_vec(), |item| json!({ "item": item }).to_string().into_bytes());
    (locals, crate::plan::context_bytes(&file.options))
}

impl<'a> Renderer<'a> {
    fn file(&self, path: &'a PackPath) -> FileParam<'a> {
        let contents = self.sources.get(path).map_or(&[][..], |source| &source.contents);
        FileParam { path: path.as_str(), contents }
    }

    /// The planned partials that belong to an engine.
    fn partials(&self, engine: &Engine) -> Vec<FileParam<'a>> {
        let belongs = self.pack.partials(engine);
        self.plan.partials.keys().filter(|path| belongs.contains(path)).map(|path| self.file(path)).collect()
    }

    /// What the user knows a file of the pack by, and its text.
    fn lookup(&self, path: &str) -> (String, Option<&'a str>) {
        let known = self.sources.iter().find(|(name, _)| name.as_str() == path);
        let text = known.and_then(|(_, source)| std::str::from_utf8(&source.contents).ok());
        (path.parse().map_or_else(|_| path.to_owned(), |path| self.pack.path_of(&path)), text)
    }

    fn provenance(&self, file: &PlannedFile, plugin: Option<Digest>, mut variables: Vec<String>) -> Provenance {
        variables.extend(file.reads.iter().cloned());
        variables.retain(|name| self.plan.values.contains_key(name));
        variables.sort();
        variables.dedup();
        Provenance {
            template: file.template.to_string(),
            template_digest: file.template_sha256,
            engine: file.engine.to_string(),
            plugin_digest: plugin,
            variables,
            create_once: file.on_conflict == OnConflict::CreateOnce,
        }
    }

    fn copy(&self, file: &PlannedFile) -> std::result::Result<Made, JobFailure> {
        let contents = self.sources.get(&file.template).map(|source| source.contents.clone()).unwrap_or_default();
        let path = self.path(file, &file.output)?;
        let report = FileReport { path: path.clone(), partials: Vec::new(), absent: Vec::new(), usage: None };
        let provenance = self.provenance(file, None, Vec::new());
        Ok((TreeFile::new(path, contents, file.executable.unwrap_or(false), provenance), report))
    }

    /// Turns what a job made into files. Runs on the worker that rendered it, so that digests are computed in parallel.
    fn finish(&self, engine: &Engine, plugin: &Plugin, file: &PlannedFile, outcome: Outcome<GuestRendered>) -> Job {
        let lookup = |path: &str| self.lookup(path);
        let rendered = outcome.result.map_err(|error| {
            JobFailure::new(&error, &Span::file(self.pack.path_of(&file.template)), &lookup, self.secrets)
        })?;
        let texts =
            |list: Vec<crate::abi::Metered<String>>| -> Vec<String> { list.into_iter().map(|text| text.0).collect() };
        let reads = rendered.reads;
        let mut variables = texts(reads.variables.0);
        if matches!(engine, Engine::Plugin(_)) {
            // Only our own engines are believed: another one may have read all that it was given.
            variables = self.plan.values.keys().cloned().collect();
        }
        let partials: Vec<PackPath> = reads.partials.0.iter().filter_map(|path| path.0.parse().ok()).collect();
        let absent: Vec<String> =
            texts(reads.absent.0).iter().map(|name| self.secrets.redact(&crate::text::printable_line(name))).collect();
        let digest = matches!(engine, Engine::Plugin(_)).then(|| plugin.digest());
        let provenance = self.provenance(file, digest, variables);
        let has_secret = provenance.variables.iter().any(|name| self.plan.secrets.contains(name));
        let mut made = Vec::with_capacity(rendered.outputs.0.len());
        for output in rendered.outputs.0 {
            let path = match &output.path {
                None => self.path(file, &file.output)?,
                Some(below) => {
                    // Checked by itself first: joined to a folder, an absolute path would look like a relative one.
                    self.path(file, &below.0)?;
                    let folder = file.output.trim_end_matches('/');
                    let joined = if folder.is_empty() { below.0.clone() } else { format!("{folder}/{}", below.0) };
                    self.path(file, &joined)?
                }
            };
            let report = FileReport {
                path: path.clone(),
                partials: partials.clone(),
                absent: absent.clone(),
                usage: Some(outcome.usage),
            };
            let executable = file.executable.unwrap_or(output.executable);
            let made_file = TreeFile::new(path, output.contents.0, executable, provenance.clone());
            made.push((made_file.with_secret(has_secret), report));
        }
        Ok((made, diagnostics(&rendered.notes.0, &lookup, self.secrets)))
    }

    fn path(&self, file: &PlannedFile, path: &str) -> std::result::Result<OutputPath, JobFailure> {
        if self.secrets.redact(path) != path {
            let span = Span::file(self.pack.path_of(&file.template));
            let finding = Diagnostic::error("output/secret", "a secret would become part of an output path")
                .at(span)
                .help("paths are shown and recorded; use another variable");
            return Err(JobFailure { kind: ErrorKind::Refused, findings: vec![finding], stop: None });
        }
        OutputPath::new(path).map_err(|invalid| {
            let shown: String = crate::text::printable_line(path).chars().take(200).collect();
            let message = format!("the output path `{shown}` {invalid}");
            let span = Span::file(self.pack.path_of(&file.template));
            JobFailure {
                kind: ErrorKind::OutsidePath,
                findings: vec![Diagnostic::error("output/path", message).at(span)],
                stop: None,
            }
        })
    }

    /// Renders the text that is shown afterwards.
    fn message(&self, toolbox: &Toolbox<'_>, context: &[u8]) -> Result<Option<String>> {
        let Some(message) = &self.plan.message else { return Ok(None) };
        let template = self.file(&message.template);
        if message.engine == Engine::Copy {
            return Ok(Some(String::from_utf8_lossy(template.contents).into_owned()));
        }
        let group = Group {
            plugin: toolbox.jinja()?,
            limits: toolbox.jinja_limits(),
            context,
            partials: self.partials(&Engine::Jinja),
            jobs: vec![JobParam { template, locals: b"{}", options: b"{}" }],
        };
        let lookup = |path: &str| self.lookup(path);
        let finish = |_: usize, _: usize, outcome: Outcome<GuestRendered>| match outcome.result {
            Ok(rendered) => {
                let contents =
                    rendered.outputs.0.into_iter().next().map(|output| output.contents.0).unwrap_or_default();
                Ok(self.secrets.redact(&String::from_utf8_lossy(&contents)))
            }
            Err(error) => {
                let span = Span::file(self.pack.path_of(&message.template));
                Err(JobFailure::new(&error, &span, &lookup, self.secrets))
            }
        };
        let mut results = toolbox.engine().render(&[group], None, &finish)?;
        match results.pop().and_then(|mut results| results.pop()) {
            Some(Ok(text)) => Ok(Some(text)),
            Some(Err(failure)) => match JobFailure::into_error(vec![failure], "message") {
                Some(error) => Err(error),
                None => Ok(None),
            },
            None => Ok(None),
        }
    }
}
