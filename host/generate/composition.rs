//! Packs that are generated together: [`Composition`].
//!
//! Always true here: what becomes of a path that several packs write is decided before anything is rendered, as far as paths
//! are known then, and again once all are; it does not depend on threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decided::{self, Decided};
use super::dispute::{Dispute, Wanting, Writers, refuse};
use super::job::Job;
use super::merge::{Mergers, Side, merge_all};
use super::piece::FileReport;
use super::render::{RenderOptions, RenderReport};
use super::tree::{PackRecord, ReceiptHeader, Tree, TreeFile};
use crate::diagnostic::Diagnostic;
use crate::engine::{Came, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Merging, OnConflict, OutputPath, PackName, VariableName};
use crate::plan::{ComposedPlan, Decision, FORMAT, OwnMerger, PlannedFolder, PlannedMerger, Rules, merger_changed};
use crate::secrets::Secrets;

/// Variables that are one for several packs: the first has it.
type Shared = BTreeMap<VariableName, Vec<PackName>>;

/// Packs that are generated together, each ready.
#[derive(Debug)]
pub struct Composition<'e> {
    jobs: Vec<Job<'e>>,
    leading: usize,
    shared: Shared,
    rules: Rules,
    decided: Decided,
    secrets: Secrets,
    /// The folder that a saved plan is for.
    folder: Option<PlannedFolder>,
}

/// A file that a pack made, on its way into the tree of all.
struct Made {
    /// The pack, by its position.
    pack: usize,
    file: TreeFile,
    report: FileReport,
}

impl<'e> Composition<'e> {
    /// Puts jobs together, in the order of their packs; `leading` is the position of the one that speaks for all, and `shared` what makes
    /// variables of several packs one.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where packs write one file and nothing says what holds;
    /// [`ErrorKind::Usage`] where a resolution names a pack or a file that is none of them.
    pub fn of(jobs: Vec<Job<'e>>, (leading, shared): (usize, Shared), rules: Rules) -> Result<Self> {
        let secrets = Secrets::new(jobs.iter().flat_map(|job| job.secrets.values().iter().cloned()));
        let leading = leading.min(jobs.len().saturating_sub(1));
        let decided = Decided::of(&jobs, &rules)?;
        Ok(Self { leading, jobs, shared, rules, decided, secrets, folder: None })
    }

    /// Binds it to the folder that a saved plan is for: nothing is written where something else stands.
    #[must_use]
    pub fn bound_to(self, folder: Option<PlannedFolder>) -> Self {
        Self { folder, ..self }
    }

    /// The folder that a saved plan is for.
    #[must_use]
    pub fn folder(&self) -> Option<&PlannedFolder> {
        self.folder.as_ref()
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
        engines.extend(self.decided.mergers.iter().map(|(name, digest)| (name.clone(), Some(*digest))));
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
            let report = job.render_in(run, options)?;
            if self.rules.merges.is_empty() && self.rules.resolutions.is_empty() {
                return Ok(report);
            }
            let written: Writers<'_> = report.tree.files().iter().map(|file| (file.path(), [0].into())).collect();
            refuse(self.dispute().wrong(Some(&written)), Vec::new())?;
            let files = report.tree.into_files().into_iter().map(|file| self.as_said(file));
            return Ok(RenderReport { tree: Tree::build(files.collect())?, ..report });
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
            made.into_iter().map(|made| (self.as_said(made.file), made.report)).unzip();
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
        let written: Writers<'_> =
            by_path.iter().map(|(path, made)| (path, made.iter().map(|made| made.pack).collect())).collect();
        let wrong = self.dispute().wrong(Some(&written));
        let (mut settled, mut merges, mut clashes) = (Vec::new(), Vec::new(), Vec::new());
        for (path, mut several) in by_path {
            if several.len() == 1 {
                settled.append(&mut several);
                continue;
            }
            let wanted: Vec<Wanting<'_>> = several.iter().map(|made| self.wanting(made)).collect();
            match self.dispute().decide(&path, &wanted) {
                Some(Decision::Take(index)) => settled.push(several.swap_remove(index)),
                Some(Decision::Cover(index)) => {
                    notes.push(self.dispute().covered(&path, &wanted, index));
                    settled.push(several.swap_remove(index));
                }
                Some(Decision::Merge(merging, sides)) => {
                    clashes.extend(self.dispute().modes(&path, sides.iter().map(|index| &wanted[*index])));
                    let of = |(index, made)| sides.contains(&index).then_some(made);
                    merges.push((path, merging, several.into_iter().enumerate().filter_map(of).collect::<Vec<_>>()));
                }
                None if self.rules.resolutions.contains_key(&path) => {}
                None => clashes.push(self.dispute().clash(&path, &wanted)),
            }
        }
        refuse(wrong, clashes)?;
        self.merge(run, merges, notes, settled)
    }

    /// Merges what packs want to be merged.
    fn merge(
        &self,
        run: &Run<'_>,
        merges: Vec<(OutputPath, Arc<Merging>, Vec<Made>)>,
        notes: &mut Vec<Diagnostic>,
        mut settled: Vec<Made>,
    ) -> Result<Vec<Made>> {
        let jobs: Vec<_> = merges
            .iter()
            .map(|(path, merging, sides)| {
                let sides = sides.iter().map(|made| {
                    let (contents, has_secret) = (made.file.contents(), made.file.has_secret());
                    let template = made.file.provenance().template.as_str();
                    Side { job: &self.jobs[made.pack], contents, template, has_secret }
                });
                (path, &**merging, sides.collect::<Vec<_>>())
            })
            .collect();
        let merged = merge_all(run, self.who_merges(), &jobs, &self.secrets, notes)?;
        drop(jobs);
        for ((_, _, sides), (contents, came)) in merges.into_iter().zip(merged) {
            settled.extend(together(sides, contents, came));
        }
        Ok(settled)
    }

    /// What a pack wants of a file that it made.
    fn wanting<'a>(&'a self, made: &'a Made) -> Wanting<'a> {
        Wanting {
            pack: made.pack,
            policy: &made.file.provenance().on_conflict,
            executable: Some(made.file.executable()),
            place: self.jobs[made.pack].output_place(&made.file),
        }
    }

    fn dispute(&self) -> Dispute<'_, 'e> {
        Dispute { jobs: &self.jobs, rules: &self.rules }
    }

    /// Checks that files can stand beside each other, as far as paths are known. Of one pack this is told with all that is wrong with its
    /// templates, once they are rendered, unless who plans asks for it.
    ///
    /// # Errors
    /// Those of [`decided::check_paths`].
    pub(crate) fn check_paths(&self) -> Result<()> {
        decided::check_paths(&self.jobs)
    }

    /// Who merges files.
    pub(super) fn who_merges(&self) -> Mergers<'_> {
        Mergers { rules: &self.rules }
    }

    /// A file with the policy that the user says for it.
    fn as_said(&self, file: TreeFile) -> TreeFile {
        match self.users_merging(file.path()) {
            Some(merging) => file.with_on_conflict(OnConflict::Merge(Arc::clone(merging))),
            None => file,
        }
    }

    /// How a file is merged because the user says so.
    fn users_merging(&self, path: &OutputPath) -> Option<&Arc<Merging>> {
        self.rules.merges.get(path)
    }

    /// Checks that what was decided is what a saved plan says.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] where other components merge, or files are other packs'.
    pub fn check_as_planned(&self, plan: &ComposedPlan) -> Result<()> {
        let other = self.decided.mergers.iter().find(|(name, digest)| plan.mergers.get(*name) != Some(*digest));
        if let Some((name, _)) = other {
            return Err(merger_changed(name));
        }
        if self.decided.outputs == plan.outputs {
            return Ok(());
        }
        let detail = "the plan says otherwise whose files are taken than the packs do";
        Err(Error::new(ErrorKind::Integrity, detail).hint("make a new plan"))
    }

    /// What is planned, as data that can be saved.
    #[must_use]
    pub fn plan(&self) -> ComposedPlan {
        ComposedPlan {
            format: FORMAT,
            packbox: crate::version(),
            leading: self.leading().plan.pack.name.clone(),
            strategy: self.rules.strategy,
            resolutions: self.rules.resolutions.clone(),
            merges: self.rules.merges.iter().map(|(path, merging)| (path.clone(), (**merging).clone())).collect(),
            own_mergers: self.rules.mergers.iter().map(|(name, own)| (name.clone(), planned_merger(own))).collect(),
            shared: self.shared.clone(),
            packs: self.jobs.iter().map(|job| job.plan.clone()).collect(),
            mergers: self.decided.mergers.clone(),
            outputs: self.decided.outputs.clone(),
            settings: None,
            folder: self.folder.clone(),
        }
    }
}

/// A user's merger, as a plan names it.
fn planned_merger(own: &OwnMerger) -> PlannedMerger {
    PlannedMerger { path: own.path.display().to_string(), sha256: own.digest }
}

/// One file of those that were merged.
fn together(sides: Vec<Made>, contents: Vec<u8>, came: Option<Came>) -> Option<Made> {
    let has_secret = sides.iter().any(|made| made.file.has_secret());
    let owners = sides.iter().flat_map(|made| made.file.owners().to_vec()).collect();
    let variables: Vec<String> =
        sides.iter().skip(1).flat_map(|made| made.file.provenance().variables.iter().cloned()).collect();
    let mut sides = sides.into_iter();
    let first = sides.next()?;
    let mut report = first.report;
    for other in sides {
        report.partials.extend(other.report.partials);
        report.absent.extend(other.report.absent);
        report.making = report.making.and(other.report.making);
        report.usage = match (report.usage, other.report.usage) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
    }
    report.making.merged(came);
    let (path, executable, mut provenance) = first.file.into_parts();
    provenance.variables.extend(variables);
    provenance.variables.sort();
    provenance.variables.dedup();
    let file = TreeFile::new(path, contents, executable, provenance).with_secret(has_secret).owned_by(owners);
    Some(Made { pack: first.pack, file, report })
}
