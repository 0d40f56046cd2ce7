//! Templates rendered over all threads, in batches, but for those of which the answer is known.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else; what comes
//! of a job is the same whether its answer was known or not.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use super::answers::{Came, Recall, Why};
use super::call::Caller;
use super::callee::Callee;
use super::docket::Docket;
use super::exports::Export as _;
use super::exports::renderer::Render;
use super::outcome::{CallError, Outcome, Usage};
use super::patience::Patience;
use super::run::Run;
use crate::abi::{FileParam, GuestRendered, JobParam};
use crate::error::Result;
use crate::limits::{Held, Limits};

/// Jobs of one batch, where their context is not large: more gain nothing, and a failing one is dearer.
const BATCH: usize = 25;
/// Jobs of one batch at the most.
const MOST: usize = 1000;

/// How many jobs of a group are worth reading what they share: 25, or as many as have as many bytes. So all of them together
/// cost in proportion to their number, however large the context is that comes with each call.
pub(super) fn worth_reading(group: &Group<'_>) -> usize {
    let own: u64 = group.jobs.iter().map(Render::job_bytes).sum();
    let jobs = group.jobs.len() as u64;
    let as_many = group.shared_bytes().saturating_mul(jobs) / own.max(1);
    usize::try_from(as_many).unwrap_or(usize::MAX).clamp(BATCH, MOST)
}

/// Jobs that one plugin renders with one context.
#[derive(Debug)]
pub struct Group<'a> {
    /// Who renders.
    pub plugin: Callee<'a>,
    /// What a call may use.
    pub limits: Limits,
    /// The variables, a JSON object.
    pub context: &'a [u8],
    /// Files that templates may include.
    pub partials: Vec<FileParam<'a>>,
    /// The jobs.
    pub jobs: Vec<JobParam<'a>>,
    /// What is known of them; none where nothing is kept.
    pub recall: Option<Recall<'a>>,
}

impl Group<'_> {
    /// Bytes that each call is handed beside its jobs: context and partials.
    #[must_use]
    pub fn shared_bytes(&self) -> u64 {
        self.call().shared_bytes()
    }

    /// The call that renders its jobs.
    pub(super) fn call(&self) -> Render<'_> {
        Render { context: self.context, partials: (&self.partials).into(), jobs: (&self.jobs).into() }
    }
}

/// The jobs of a group: those of which the answer is known, and the others.
struct Sorted<'a> {
    /// By number in the group, with the bytes that each counts for.
    found: Vec<(usize, GuestRendered, u64)>,
    missing: Vec<JobParam<'a>>,
    /// Their numbers in the order of all groups' jobs.
    numbers: Vec<usize>,
    /// Why each of them is called for.
    whys: Vec<Vec<Why>>,
}

impl<'a> Sorted<'a> {
    /// Looks for the answers of a group's jobs, the first of which has the number `start`.
    fn of(group: &Group<'a>, start: usize, recall: Option<&Recall<'_>>) -> Self {
        let Some(recall) = recall else {
            let (jobs, numbers) = (group.jobs.clone(), (start..start + group.jobs.len()).collect());
            return Self { found: Vec::new(), missing: jobs, numbers, whys: Vec::new() };
        };
        let mut sorted = Self { found: Vec::new(), missing: Vec::new(), numbers: Vec::new(), whys: Vec::new() };
        for (number, job) in group.jobs.iter().enumerate() {
            match recall.find(number, group.input(job), &group.limits) {
                Ok((rendered, weight)) => sorted.found.push((number, rendered, weight)),
                Err(whys) => {
                    sorted.missing.push(*job);
                    sorted.numbers.push(start + number);
                    sorted.whys.push(whys);
                }
            }
        }
        sorted
    }
}

impl Group<'_> {
    /// Bytes that a call with this job alone is handed.
    fn input(&self, job: &JobParam<'_>) -> u64 {
        self.shared_bytes().saturating_add(Render::job_bytes(job))
    }
}

/// What a worker does at once.
enum Piece<'s, 'a> {
    /// Finishes answers that are known.
    Found(Mutex<Vec<(usize, GuestRendered, u64)>>),
    /// Calls with jobs that have these numbers and are called for these reasons.
    Call(&'s [JobParam<'a>], &'s [usize], &'s [Vec<Why>]),
}

impl Run<'_> {
    /// Renders groups of jobs over all threads and hands each outcome, while still on the worker's thread, to `finish`
    /// with the group's and the job's number. The answer is in the order of groups and jobs. `batch` is the most jobs
    /// that share an instance; 1 gives each its own, and where it is said nothing is recalled. Jobs for which the run's budget
    /// does not last are not tried; where one turns out to be such a job once it was rendered, `finish` is called for it again.
    ///
    /// # Errors
    /// `Io` where threads can't be started; those of preparing who is called.
    pub fn render<T: Send>(
        &self,
        groups: &[Group<'_>],
        batch: Option<NonZeroUsize>,
        finish: &(dyn Fn(usize, usize, Outcome<GuestRendered>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>> {
        let threads = self.engine.options.threads.get();
        let recalls = batch.is_none() && self.budget.spent().is_none();
        let mut firsts = Vec::with_capacity(groups.len());
        let mut jobs = 0;
        for group in groups {
            firsts.push(jobs);
            jobs += group.jobs.len();
        }
        let recall = |group: usize| groups[group].recall.as_ref().filter(|_| recalls);
        let mut sorted: Vec<Sorted<'_>> =
            (0..groups.len()).map(|group| Sorted::of(&groups[group], firsts[group], recall(group))).collect();
        let found: Vec<_> = sorted.iter_mut().map(|sorted| std::mem::take(&mut sorted.found)).collect();
        let docket = Docket::new(&self.budget);
        let calls: Vec<Render<'_>> = groups.iter().map(Group::call).collect();
        let patience: Vec<Patience> = groups.iter().map(|group| Patience::new(&group.limits)).collect();
        let mut plugins = Vec::with_capacity(groups.len());
        for (group, sorted) in groups.iter().zip(&sorted) {
            plugins.push(if sorted.missing.is_empty() { None } else { Some(group.plugin.ready(self)?) });
        }
        let mut pieces = Vec::new();
        for (number, (mut found, sorted)) in found.into_iter().zip(&sorted).enumerate() {
            while !found.is_empty() {
                let rest = found.split_off(found.len().min(BATCH));
                pieces.push((number, Piece::Found(Mutex::new(std::mem::replace(&mut found, rest)))));
            }
            let even = || sorted.missing.len().div_ceil(threads).clamp(1, worth_reading(&groups[number]));
            let size = batch.map_or_else(even, NonZeroUsize::get);
            for (chunk, jobs) in sorted.missing.chunks(size).enumerate() {
                let range = chunk * size..chunk * size + jobs.len();
                let whys = sorted.whys.get(range.clone()).unwrap_or_default();
                pieces.push((number, Piece::Call(jobs, &sorted.numbers[range], whys)));
            }
        }
        let finished = self.engine.each_on_workers(&pieces, |(number, piece)| {
            let (group, start) = (&groups[*number], firsts[*number]);
            let mut finished = Vec::new();
            match (piece, plugins[*number]) {
                (Piece::Found(found), _) => {
                    let found = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
                    let known = |(job, rendered, weight)| (job, finish(*number, job, self.known(rendered, weight)));
                    finished.extend(found.into_iter().map(known));
                }
                (Piece::Call(jobs, numbers, whys), Some(plugin)) => {
                    let caller = Caller::new(self, plugin, &group.limits, &calls[*number]);
                    let mut whys = whys.iter().cloned();
                    caller.batch(numbers, jobs, (&patience[*number], &docket), &mut |place, mut outcome| {
                        let job = place - start;
                        outcome.came = match (recall(*number), &outcome.result) {
                            (Some(recall), Ok(rendered)) => {
                                let answer = (rendered, whys.next().unwrap_or_default());
                                let took = (group.input(&group.jobs[job]), outcome.usage.memory);
                                recall.keep(job, took, &group.limits, answer)
                            }
                            (Some(_), Err(_)) => Came::Called(whys.next().unwrap_or_default()),
                            (None, _) => Came::Called(vec![Why::Unkept]),
                        };
                        finished.push((job, finish(*number, job, outcome)));
                    });
                }
                // Who calls was made ready above.
                (Piece::Call(..), None) => {}
            }
            (*number, finished)
        })?;
        let mut results: Vec<Vec<(usize, T)>> =
            groups.iter().map(|group| Vec::with_capacity(group.jobs.len())).collect();
        for (number, finished) in finished {
            results[number].extend(finished);
        }
        let mut results: Vec<Vec<T>> = results
            .into_iter()
            .map(|mut results| {
                results.sort_by_key(|(job, _)| *job);
                results.into_iter().map(|(_, result)| result).collect()
            })
            .collect();
        let all = groups.iter().flat_map(|group| &group.jobs).map(|job| job.template.path);
        for (place, why) in docket.close(all.enumerate()) {
            let group = firsts.partition_point(|first| *first <= place) - 1;
            let job = place - firsts[group];
            results[group][job] = finish(group, job, Outcome::untried(why));
        }
        Ok(results)
    }

    /// The outcome of a job whose answer is known; it takes the same room as one that was copied out of a guest.
    fn known(&self, rendered: GuestRendered, weight: u64) -> Outcome<GuestRendered> {
        let mut held = Held::of(&self.budget);
        let result = match held.grow(weight) {
            Ok(()) => Ok(rendered),
            Err(stop) => Err(CallError::Stopped(self.budget.spend(stop))),
        };
        Outcome { result, usage: Usage::default(), held, came: Came::Recalled }
    }
}
