//! Packs that are generated together: [`Composition`].
//!
//! Always true here: what becomes of a path that several packs write is decided before anything is rendered, as far as paths
//! are known then, and again once all are; it does not depend on threads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::job::Job;
use super::merge::{Side, merge_all};
use super::piece::FileReport;
use super::render::{RenderOptions, RenderReport};
use super::tree::{PackRecord, ReceiptHeader, Tree, TreeFile};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::engine::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Merging, OnConflict, OutputPath, PackName, TemplateEngine, VariableName};
use crate::plan::{COMPOSED_FORMAT, Claim, ComposedPlan, Decision, PlannedFile, PlannedOutput, Rules, suggested};
use crate::secrets::Secrets;
use crate::text::nearest;

/// Packs that are generated together, each ready.
#[derive(Debug)]
pub struct Composition<'e> {
    jobs: Vec<Job<'e>>,
    leading: usize,
    rules: Rules,
    secrets: Secrets,
}

/// A file that a pack made, on its way into the tree of all.
struct Made {
    /// The pack, by its position.
    pack: usize,
    file: TreeFile,
    report: FileReport,
}

impl Made {
    fn policy(&self) -> &OnConflict {
        &self.file.provenance().on_conflict
    }
}

impl<'e> From<Job<'e>> for Composition<'e> {
    fn from(job: Job<'e>) -> Self {
        Self { secrets: job.secrets.clone(), jobs: vec![job], leading: 0, rules: Rules::default() }
    }
}

impl<'e> Composition<'e> {
    /// Puts jobs together, in the order of their packs; `leading` is the position of the one that speaks for all.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where packs write one file and nothing says what holds;
    /// [`ErrorKind::Usage`] where a resolution names a pack or a file that is none of them.
    pub fn of(jobs: Vec<Job<'e>>, leading: usize, rules: Rules) -> Result<Self> {
        let secrets = Secrets::new(jobs.iter().flat_map(|job| job.secrets.values().iter().cloned()));
        let composition = Self { leading: leading.min(jobs.len().saturating_sub(1)), jobs, rules, secrets };
        composition.check_resolutions()?;
        composition.check_planned()?;
        Ok(composition)
    }

    /// The jobs, in the order of their packs; at least one.
    #[must_use]
    pub fn jobs(&self) -> &[Job<'e>] {
        &self.jobs
    }

    /// The job of the pack that speaks for all.
    #[must_use]
    pub fn leading(&self) -> &Job<'e> {
        &self.jobs[self.leading]
    }

    /// What must not be shown.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The names of the packs.
    pub fn names(&self) -> impl Iterator<Item = &PackName> + Clone {
        self.jobs.iter().map(|job| &job.plan.pack.name)
    }

    /// What a receipt says of all of it.
    #[must_use]
    pub fn header(&self) -> ReceiptHeader {
        let leading = &self.leading().plan;
        let record = |job: &Job<'_>| PackRecord {
            name: job.plan.pack.name.to_string(),
            sha256: None,
            version: job.plan.pack.version.clone(),
        };
        let mut engines = BTreeMap::new();
        for job in &self.jobs {
            for (name, digest) in &job.plan.engines {
                let name = match name.strip_prefix("plugin:") {
                    // Two packs may have a plugin of one name.
                    Some(plugin) if self.jobs.len() > 1 => format!("plugin:{}/{plugin}", job.plan.pack.name),
                    _ => name.clone(),
                };
                engines.insert(name, Some(*digest));
            }
        }
        ReceiptHeader {
            pack: leading.pack.name.to_string(),
            version: leading.pack.version.clone(),
            pack_digest: None,
            packbox: crate::version(),
            engines,
            packs: if self.jobs.len() > 1 { self.jobs.iter().map(record).collect() } else { Vec::new() },
        }
    }

    /// Renders all packs, and merges what several of them want.
    ///
    /// # Errors
    /// Those of [`Job::render`]; [`ErrorKind::Conflict`] where packs write one file and nothing says what holds, or can't be
    /// merged.
    pub fn render_in(&self, run: &Run<'_>, options: RenderOptions) -> Result<RenderReport> {
        if let [job] = &self.jobs[..] {
            return job.render_in(run, options);
        }
        let (mut made, mut notes, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for (pack, job) in self.jobs.iter().enumerate() {
            let report = job.render_in(run, options)?;
            notes.extend(report.notes);
            messages.extend(report.message);
            let name = &job.plan.pack.name;
            made.extend(report.tree.into_files().into_iter().zip(report.files).map(|(file, report)| {
                let owner = file.as_owned_by(name);
                Made { pack, file: file.owned_by(vec![owner]), report }
            }));
        }
        let made = self.settle(run, made, &mut notes)?;
        let (files, mut reports): (Vec<TreeFile>, Vec<FileReport>) =
            made.into_iter().map(|made| (made.file, made.report)).unzip();
        let budget = run.budget();
        budget.check_outputs(files.len() as u64)?;
        budget.check_output_bytes(files.iter().map(|file| file.contents().len() as u64).sum())?;
        let tree = Tree::build_placed(files, &|file| {
            let owner = file.owners().first()?;
            self.jobs.iter().find(|job| job.plan.pack.name == owner.pack)?.output_place(file)
        })?;
        reports.sort_by(|left, right| left.path.cmp(&right.path));
        let message = Some(messages.join("\n\n")).filter(|message| !message.is_empty());
        Ok(RenderReport { tree, files: reports, notes, message })
    }

    /// Settles whose each file is that several packs made.
    fn settle(&self, run: &Run<'_>, made: Vec<Made>, notes: &mut Vec<Diagnostic>) -> Result<Vec<Made>> {
        let mut by_path: BTreeMap<OutputPath, Vec<Made>> = BTreeMap::new();
        for made in made {
            by_path.entry(made.file.path().clone()).or_default().push(made);
        }
        self.check_resolved(&by_path)?;
        let (mut settled, mut merges, mut clashes) = (Vec::new(), Vec::new(), Vec::new());
        for (path, mut several) in by_path {
            if several.len() == 1 {
                settled.append(&mut several);
                continue;
            }
            let claims: Vec<Claim<'_>> = several.iter().map(|made| self.claim(made.pack, made.policy())).collect();
            match self.rules.decide(&path, &claims) {
                Some(Decision::Take(index)) => settled.push(several.swap_remove(index)),
                Some(Decision::Cover(index)) => {
                    notes.push(self.covered(&path, &several, index));
                    settled.push(several.swap_remove(index));
                }
                Some(Decision::Merge(merging, sides)) => {
                    let of = |(index, made)| sides.contains(&index).then_some(made);
                    merges.push((path, merging, several.into_iter().enumerate().filter_map(of).collect::<Vec<_>>()));
                }
                None => {
                    let places: Vec<_> =
                        several.iter().map(|made| self.jobs[made.pack].output_place(&made.file)).collect();
                    let wanted = several.iter().zip(places).map(|(made, place)| (made.pack, made.policy(), place));
                    clashes.push(self.clash(&path, &wanted.collect::<Vec<_>>()));
                }
            }
        }
        if !clashes.is_empty() {
            return Err(conflict(clashes));
        }
        self.merge(run, merges, notes, settled)
    }

    /// Refuses resolutions of files that nobody writes.
    fn check_resolved(&self, files: &BTreeMap<OutputPath, Vec<Made>>) -> Result<()> {
        let Some((path, pack)) = self.rules.resolutions.iter().find(|(path, _)| !files.contains_key(*path)) else {
            return Ok(());
        };
        let detail = format!("`{path}` is said to be that of `{pack}`, but none of the packs writes it");
        let error = Error::new(ErrorKind::Usage, detail);
        Err(match nearest(path.as_str(), files.keys().map(OutputPath::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        })
    }

    /// Merges what packs want to be merged.
    fn merge(
        &self,
        run: &Run<'_>,
        merges: Vec<(OutputPath, Arc<Merging>, Vec<Made>)>,
        notes: &mut Vec<Diagnostic>,
        mut settled: Vec<Made>,
    ) -> Result<Vec<Made>> {
        let modes: Vec<Diagnostic> = merges.iter().filter_map(|(path, _, sides)| self.modes(path, sides)).collect();
        if !modes.is_empty() {
            return Err(conflict(modes));
        }
        let jobs: Vec<_> = merges
            .iter()
            .map(|(path, merging, sides)| {
                let sides =
                    sides.iter().map(|made| Side { job: &self.jobs[made.pack], contents: made.file.contents() });
                (path, &**merging, sides.collect::<Vec<_>>())
            })
            .collect();
        let merged = merge_all(run, &jobs, &self.secrets, notes)?;
        drop(jobs);
        for ((_, _, sides), contents) in merges.into_iter().zip(merged) {
            settled.extend(together(sides, contents));
        }
        Ok(settled)
    }

    /// What is wrong where some packs want a file to be executable and others don't.
    fn modes(&self, path: &OutputPath, sides: &[Made]) -> Option<Diagnostic> {
        let first = sides.first()?;
        let other = sides.iter().find(|made| made.file.executable() != first.file.executable())?;
        let name = |made: &Made| &self.jobs[made.pack].plan.pack.name;
        let (yes, no) = if first.file.executable() { (first, other) } else { (other, first) };
        let message = format!("`{path}` is to be executable for `{}`, and not for `{}`", name(yes), name(no));
        let mut finding =
            Diagnostic::error("compose/mode", message).help("say it in both packs: `executable = true` or `false`");
        finding.span = self.jobs[no.pack].output_place(&no.file);
        finding.related.extend(self.jobs[yes.pack].output_place(&yes.file));
        Some(finding)
    }

    /// What a pack says of a file.
    fn claim<'a>(&'a self, pack: usize, on_conflict: &'a OnConflict) -> Claim<'a> {
        let job = &self.jobs[pack];
        let plugin = on_conflict.merging().and_then(|merging| merging.plugin.as_ref());
        let entry = plugin.and_then(|plugin| job.pack.manifest.plugins.get(plugin));
        let plugin = entry.and_then(|entry| entry.sha256.as_ref()).map(|digest| digest.value);
        Claim { pack: &job.plan.pack.name, on_conflict, plugin }
    }

    /// Says that a later pack's file is taken.
    fn covered(&self, path: &OutputPath, several: &[Made], taken: usize) -> Diagnostic {
        let name = |made: &Made| format!("`{}`", self.jobs[made.pack].plan.pack.name);
        let others = several.iter().enumerate().filter(|(index, _)| *index != taken).map(|(_, made)| name(made));
        let others = others.collect::<Vec<_>>().join(" and ");
        let message =
            format!("`{path}` is that of {}, and not that of {others}: later packs win", name(&several[taken]));
        let mut note = Diagnostic::error("compose/covered", message);
        note.severity = Severity::Note;
        note
    }

    /// The files whose paths are known before anything is rendered.
    fn known(&self) -> BTreeMap<OutputPath, Vec<(usize, &PlannedFile)>> {
        let is_named = |file: &&PlannedFile| {
            let mut engines = std::iter::once(&file.engine).chain(file.then.iter().map(|stage| &stage.engine));
            engines.all(|engine| !matches!(engine, TemplateEngine::Plugin(_)))
        };
        let mut by_path: BTreeMap<OutputPath, Vec<(usize, &PlannedFile)>> = BTreeMap::new();
        for (pack, job) in self.jobs.iter().enumerate() {
            for file in job.plan.files.iter().filter(is_named) {
                // What is no path is told by who renders.
                if let Ok(path) = OutputPath::new(&file.output) {
                    by_path.entry(path).or_default().push((pack, file));
                }
            }
        }
        by_path
    }

    fn check_planned(&self) -> Result<()> {
        if self.jobs.len() == 1 {
            return Ok(());
        }
        let mut clashes = Vec::new();
        for (path, wanted) in self.known().iter().filter(|(_, wanted)| wanted.len() > 1) {
            let packs: BTreeSet<usize> = wanted.iter().map(|(pack, _)| *pack).collect();
            // Two files of one pack are that pack's mistake.
            if packs.len() == wanted.len() && self.decide(path, wanted).is_none() {
                let place = |(pack, file): &(usize, &PlannedFile)| {
                    let pack_of = &self.jobs[*pack].pack;
                    let templates = pack_of.templates().ok()?;
                    let template = templates.iter().find(|template| template.source == file.template)?;
                    Some(pack_of.span(&template.output.range))
                };
                let wanted: Vec<_> = wanted.iter().map(|one| (one.0, &one.1.on_conflict, place(one))).collect();
                clashes.push(self.clash(path, &wanted));
            }
        }
        if clashes.is_empty() { Ok(()) } else { Err(conflict(clashes)) }
    }

    fn decide(&self, path: &OutputPath, wanted: &[(usize, &PlannedFile)]) -> Option<Decision> {
        let claims: Vec<Claim<'_>> = wanted.iter().map(|(pack, file)| self.claim(*pack, &file.on_conflict)).collect();
        self.rules.decide(path, &claims)
    }

    /// What is planned, as data that can be saved; `shared` is what makes variables of several packs one.
    #[must_use]
    pub fn plan(&self, shared: BTreeMap<VariableName, Vec<PackName>>) -> ComposedPlan {
        let outputs = self.known().into_iter().filter_map(|(path, wanted)| {
            let taken: Vec<usize> = match self.decide(&path, &wanted)? {
                Decision::Take(index) | Decision::Cover(index) => vec![index],
                Decision::Merge(_, sides) => sides,
            };
            let name = |index: &usize| self.jobs[wanted[*index].0].plan.pack.name.clone();
            let is_passed_over = |index: &usize| !taken.contains(index);
            Some(PlannedOutput {
                path,
                owners: taken.iter().map(name).collect(),
                passed_over: (0..wanted.len()).filter(is_passed_over).map(|index| name(&index)).collect(),
                on_conflict: wanted[*taken.first()?].1.on_conflict.clone(),
            })
        });
        ComposedPlan {
            format: COMPOSED_FORMAT,
            packbox: crate::version(),
            leading: self.leading().plan.pack.name.clone(),
            strategy: self.rules.strategy,
            resolutions: self.rules.resolutions.clone(),
            shared,
            packs: self.jobs.iter().map(|job| job.plan.clone()).collect(),
            outputs: outputs.collect(),
        }
    }

    /// What is wrong where packs write a file and nothing says what holds.
    fn clash(&self, path: &OutputPath, wanted: &[(usize, &OnConflict, Option<Span>)]) -> Diagnostic {
        let name = |pack: usize| &self.jobs[pack].plan.pack.name;
        let names: Vec<String> = wanted.iter().map(|(pack, ..)| format!("`{}`", name(*pack))).collect();
        let names = listed(&names);
        let message = match self.rules.resolutions.get(path) {
            Some(pack) => format!("{names} write `{path}`, and `{pack}`, whose it is said to be, does not"),
            None => format!("{names} write `{path}`, and nothing says whose it is"),
        };
        let mut finding = Diagnostic::error("compose/conflict", message).help(self.advice(path, wanted));
        let mut places = wanted.iter().rev().filter_map(|(_, _, place)| place.clone());
        finding.span = places.next();
        finding.related.extend(places);
        finding
    }

    /// What to write so that it is said.
    fn advice(&self, path: &OutputPath, wanted: &[(usize, &OnConflict, Option<Span>)]) -> String {
        let name = |pack: usize| &self.jobs[pack].plan.pack.name;
        let merging = wanted.iter().find_map(|(pack, policy, _)| Some((*pack, policy.merging()?)));
        let in_packs = match merging {
            Some((pack, merging)) => {
                let others = wanted.iter().filter(|(_, policy, _)| policy.merging() != Some(merging));
                let others: Vec<String> = others.map(|(pack, ..)| format!("`{}`", name(*pack))).collect();
                format!(
                    "`{}` merges it: let {} say the same in its `[[templates]]`, `on_conflict = {}`",
                    name(pack),
                    listed(&others),
                    written(&OnConflict::Merge(Arc::clone(merging)))
                )
            }
            None => match suggested(path) {
                Some(policy) => format!("merge it: write `on_conflict = \"{policy}\"` in the `[[templates]]` of all of them"),
                None => "write `on_conflict = \"create-once\"` in the `[[templates]]` of those that can do without their own".to_owned(),
            },
        };
        let first = name(wanted[0].0);
        format!("{in_packs}\nor say whose it is: `--resolve {path}={first}`")
    }

    /// Refuses resolutions that are about nothing.
    fn check_resolutions(&self) -> Result<()> {
        for (path, pack) in &self.rules.resolutions {
            if !self.names().any(|name| name == pack) {
                let names = self.names().map(PackName::as_str);
                let hint = match nearest(pack.as_str(), names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the packs are {}", names.collect::<Vec<_>>().join(", ")),
                };
                let detail = format!("`{path}` is said to be that of `{pack}`, which is none of the packs");
                return Err(Error::new(ErrorKind::Usage, detail).hint(hint));
            }
        }
        Ok(())
    }
}

/// A policy as a manifest has it.
fn written(policy: &OnConflict) -> String {
    toml::Value::try_from(policy).map(|policy| policy.to_string()).unwrap_or_default()
}

/// Names with commas and an `and`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn conflict(clashes: Vec<Diagnostic>) -> Error {
    let detail = match clashes.len() {
        1 => "packs want one file, each for itself".to_owned(),
        several => format!("packs want {several} files, each for itself"),
    };
    Error::new(ErrorKind::Conflict, detail).with_findings(clashes)
}

/// One file of those that were merged.
fn together(sides: Vec<Made>, contents: Vec<u8>) -> Option<Made> {
    let has_secret = sides.iter().any(|made| made.file.has_secret());
    let owners = sides.iter().flat_map(|made| made.file.owners().to_vec()).collect();
    let mut sides = sides.into_iter();
    let first = sides.next()?;
    let mut report = first.report;
    for other in sides {
        report.partials.extend(other.report.partials);
        report.absent.extend(other.report.absent);
        report.usage = match (report.usage, other.report.usage) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
    }
    let (path, executable, provenance) = first.file.into_parts();
    let file = TreeFile::new(path, contents, executable, provenance).with_secret(has_secret).owned_by(owners);
    Some(Made { pack: first.pack, file, report })
}
