//! Templates rendered over all threads, in batches, but for those of which the answer is known.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else; what comes
//! of a job is the same whether its answer was known or not.

use std::num::NonZeroUsize;

use super::answers::{Came, Found, Recall, Why};
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

/// The jobs of a group that are called for.
#[derive(Default)]
struct Missing<'a> {
    jobs: Vec<JobParam<'a>>,
    /// Their numbers in the order of all groups' jobs.
    numbers: Vec<usize>,
    /// Why each of them is called for; empty where that is told of none.
    whys: Vec<Vec<Why>>,
}

/// What came of jobs for which answers were looked for: those that are known are finished.
type Looked<T> = Vec<Result<T, Vec<Why>>>;

impl Group<'_> {
    /// Bytes that a call with this job alone is handed.
    fn input(&self, job: &JobParam<'_>) -> u64 {
        self.shared_bytes().saturating_add(Render::job_bytes(job))
    }
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
        let mut results: Vec<Vec<(usize, T)>> =
            groups.iter().map(|group| Vec::with_capacity(group.jobs.len())).collect();
        let mut missing: Vec<Missing<'_>> = Vec::with_capacity(groups.len());
        for (number, group) in groups.iter().enumerate() {
            let mut rest = Missing::default();
            let mut call_for = |job: usize| {
                rest.jobs.push(group.jobs[job]);
                rest.numbers.push(firsts[number] + job);
            };
            match recall(number) {
                None => (0..group.jobs.len()).for_each(call_for),
                Some(recall) => {
                    for (job, looked) in
                        self.look(group, recall, &|job, outcome| finish(number, job, outcome))?.into_iter().enumerate()
                    {
                        match looked {
                            Ok(result) => results[number].push((job, result)),
                            Err(whys) => {
                                call_for(job);
                                rest.whys.push(whys);
                            }
                        }
                    }
                }
            }
            missing.push(rest);
        }
        let docket = Docket::new(&self.budget);
        let calls: Vec<Render<'_>> = groups.iter().map(Group::call).collect();
        let patience: Vec<Patience> = groups.iter().map(|group| Patience::new(&group.limits)).collect();
        let mut plugins = Vec::with_capacity(groups.len());
        for (group, missing) in groups.iter().zip(&missing) {
            plugins.push(if missing.jobs.is_empty() { None } else { Some(group.plugin.ready(self)?) });
        }
        let mut pieces = Vec::new();
        for (number, (missing, plugin)) in missing.iter().zip(plugins).enumerate() {
            // Who calls was made ready above.
            let Some(plugin) = plugin else { continue };
            let even = || missing.jobs.len().div_ceil(threads).clamp(1, worth_reading(&groups[number]));
            let size = batch.map_or_else(even, NonZeroUsize::get);
            for (chunk, jobs) in missing.jobs.chunks(size).enumerate() {
                let range = chunk * size..chunk * size + jobs.len();
                let whys = missing.whys.get(range.clone()).unwrap_or_default();
                pieces.push((number, plugin, jobs, &missing.numbers[range], whys));
            }
        }
        let finished = self.engine.each_on_workers(&pieces, |(number, plugin, jobs, numbers, whys)| {
            let (group, start) = (&groups[*number], firsts[*number]);
            let mut finished = Vec::with_capacity(jobs.len());
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
            (*number, finished)
        })?;
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

    /// Looks for the answers of a group's jobs, and finishes those that are there, over all threads.
    fn look<T: Send>(
        &self,
        group: &Group<'_>,
        recall: &Recall<'_>,
        finish: &(dyn Fn(usize, Outcome<GuestRendered>) -> T + Sync),
    ) -> Result<Looked<T>> {
        let count = group.jobs.len();
        if !recall.book.is_there() {
            return Ok((0..count).map(|_| Err(vec![Why::First])).collect());
        }
        let shared = group.shared_bytes();
        let input = |job: usize| shared.saturating_add(Render::job_bytes(&group.jobs[job]));
        let looked = self.engine.each_on_workers(&self.engine.evenly(count), |jobs| {
            let found = recall.find(jobs.clone(), input, &group.limits);
            let finish = |(job, found): (usize, Found<GuestRendered>)| {
                found.map(|(rendered, weight)| finish(job, self.known(rendered, weight)))
            };
            jobs.clone().zip(found).map(finish).collect::<Looked<T>>()
        })?;
        Ok(looked.into_iter().flatten().collect())
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
