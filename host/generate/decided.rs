//! What holds for the files of packs whose paths are known before anything is rendered: [`Decided`].
//!
//! Always true here: each file is decided once, by what packs and the user say of it; what is wrong is told before anything is
//! rendered, and nobody is called but mergers, for the policies that they have.

use std::collections::{BTreeMap, BTreeSet};

use super::dispute::{Dispute, Wanting, Writers, refuse};
use super::job::Job;
use super::merge::{Mergers, check_mergers, check_users};
use super::tree::{Standing, check_standing};
use crate::digest::Digest;
use crate::error::Result;
use crate::pack::{OnConflict, OutputPath, PackName, TemplateEngine};
use crate::plan::{Decision, PlannedFile, PlannedOutput, Rules};

/// What was decided of files, as plain data.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// The files whose paths are known, sorted by path, each with whose it is.
    pub outputs: Vec<PlannedOutput>,
    /// The components that merge them, by name, with their digests.
    pub mergers: BTreeMap<String, Digest>,
}

/// A file that a pack is going to make: the pack, by its position, and what is planned.
type Planned<'a> = (usize, &'a PlannedFile);

impl Decided {
    /// Decides all that can be said before anything is rendered, as far as paths are known.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::error::ErrorKind::Conflict) where packs write one file and nothing says what holds;
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) where a resolution names a pack or a file that is none of them;
    /// those of [`check_mergers`] and [`check_standing`].
    pub fn of(jobs: &[Job<'_>], rules: &Rules) -> Result<Self> {
        let (dispute, mergers, known) = (Dispute { jobs, rules }, Mergers { rules }, known(jobs));
        let mut wrong = dispute.wrong(written(jobs, &known).as_ref());
        if let Some(job) = jobs.first() {
            wrong.extend(check_users(job.toolbox.run(), mergers, job)?);
        }
        let name = |index: &usize| jobs[*index].plan.pack.name.clone();
        let mut decided = Self::default();
        let (mut clashes, mut merges, mut standing) = (Vec::new(), Vec::new(), Vec::new());
        for (path, wanted) in &known {
            let packs: BTreeSet<usize> = wanted.iter().map(|(pack, _)| *pack).collect();
            // Two files of one pack are that pack's mistake.
            if packs.len() < wanted.len() {
                standing.extend(wanted.iter().map(|one| (path, *one)));
                continue;
            }
            let wanting: Vec<Wanting<'_>> = wanted.iter().map(planned).collect();
            let (taken, on_conflict) = match dispute.decide(path, &wanting) {
                Some(Decision::Take(index) | Decision::Cover(index)) => {
                    (vec![index], wanted[index].1.on_conflict.clone())
                }
                Some(Decision::Merge(merging, sides)) => {
                    if dispute.modes(path, sides.iter().map(|index| &wanting[*index])).is_some() {
                        let placed: Vec<Wanting<'_>> =
                            sides.iter().map(|index| placed(jobs, &wanted[*index])).collect();
                        clashes.extend(dispute.modes(path, placed.iter()));
                    }
                    let first = &jobs[wanted[sides[0]].0];
                    decided.mergers.extend(mergers.named(path, &merging, first));
                    merges.push((path, merging.clone(), first));
                    (sides, OnConflict::Merge(merging))
                }
                // What is said of it is wrong, as was told, or is true of what a plugin writes, once its files have names.
                None if wanted.len() == 1 || rules.resolutions.contains_key(path) => {
                    standing.push((path, wanted[0]));
                    continue;
                }
                None => {
                    let placed: Vec<Wanting<'_>> = wanted.iter().map(|one| placed(jobs, one)).collect();
                    clashes.push(dispute.clash(path, &placed));
                    continue;
                }
            };
            standing.push((path, wanted[taken[0]]));
            let passed_over = (0..wanted.len()).filter(|index| !taken.contains(index));
            decided.outputs.push(PlannedOutput {
                path: path.clone(),
                passed_over: passed_over.map(|index| name(&wanted[index].0)).collect(),
                owners: taken.iter().map(|index| name(&wanted[*index].0)).collect(),
                on_conflict,
            });
        }
        refuse(wrong, clashes)?;
        if jobs.len() > 1 {
            check_beside(jobs, &standing)?;
        }
        jobs.first().map_or(Ok(()), |job| check_mergers(job.toolbox.run(), mergers, &merges))?;
        Ok(decided)
    }
}

/// Checks that the files of a pack by itself can stand beside each other; those of several were looked at when they were decided.
///
/// # Errors
/// Those of [`check_standing`].
pub(super) fn check_paths(jobs: &[Job<'_>]) -> Result<()> {
    let known = known(jobs);
    let files = known.iter().flat_map(|(path, wanted)| wanted.iter().map(move |one| (path, *one)));
    if jobs.len() > 1 { Ok(()) } else { check_beside(jobs, &files.collect::<Vec<_>>()) }
}

fn check_beside(jobs: &[Job<'_>], standing: &[(&OutputPath, Planned<'_>)]) -> Result<()> {
    let pack = |pack: usize| -> Option<&PackName> { (jobs.len() > 1).then(|| &jobs[pack].plan.pack.name) };
    let files = standing.iter().map(|(path, (number, file))| Standing {
        path,
        template: file.template.as_str(),
        pack: pack(*number),
    });
    check_standing(files, &|number| placed(jobs, &standing[number].1).place)
}

/// The files whose paths are known.
fn known<'a>(jobs: &'a [Job<'_>]) -> BTreeMap<OutputPath, Vec<Planned<'a>>> {
    let mut by_path: BTreeMap<OutputPath, Vec<Planned<'a>>> = BTreeMap::new();
    for (pack, job) in jobs.iter().enumerate() {
        for file in job.plan.files.iter().filter(|file| !has_plugin(file)) {
            // What is no path is told by who renders.
            if let Ok(path) = OutputPath::new(&file.output) {
                by_path.entry(path).or_default().push((pack, file));
            }
        }
    }
    by_path
}

/// Who writes each file. None where a plugin names files: which there are is known only once they are rendered.
fn written<'a>(jobs: &[Job<'_>], known: &'a BTreeMap<OutputPath, Vec<Planned<'_>>>) -> Option<Writers<'a>> {
    let writers =
        |(path, wanted): (&'a OutputPath, &'a Vec<Planned<'_>>)| (path, wanted.iter().map(|(pack, _)| *pack).collect());
    (!jobs.iter().flat_map(|job| &job.plan.files).any(has_plugin)).then(|| known.iter().map(writers).collect())
}

/// Whether a plugin is among who renders a file: it may name files itself.
fn has_plugin(file: &PlannedFile) -> bool {
    (0..).map_while(|stage| file.engine_of(stage)).any(TemplateEngine::is_plugin)
}

/// What a pack wants of a file that it is going to make; where it says so is found by [`placed`].
fn planned<'a>((pack, file): &Planned<'a>) -> Wanting<'a> {
    // A renderer may make executable what nobody says anything of.
    Wanting { pack: *pack, policy: &file.on_conflict, executable: file.executable, place: None }
}

/// What a pack wants of a file that it is going to make, with the place in its manifest.
fn placed<'a>(jobs: &[Job<'_>], one: &Planned<'a>) -> Wanting<'a> {
    let place = jobs[one.0].place_of(one.1.template.as_str(), &one.1.output);
    Wanting { place, ..planned(one) }
}
