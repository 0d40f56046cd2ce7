//! Templates rendered over all threads, in batches.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else.

use std::num::NonZeroUsize;

use super::call::Caller;
use super::docket::Docket;
use super::exports::Export as _;
use super::exports::renderer::Render;
use super::outcome::Outcome;
use super::patience::Patience;
use super::plugin::Plugin;
use super::run::Run;
use crate::abi::{FileParam, GuestRendered, JobParam};
use crate::error::Result;
use crate::limits::Limits;

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
    pub plugin: &'a Plugin,
    /// What a call may use.
    pub limits: Limits,
    /// The variables, a JSON object.
    pub context: &'a [u8],
    /// Files that templates may include.
    pub partials: Vec<FileParam<'a>>,
    /// The jobs.
    pub jobs: Vec<JobParam<'a>>,
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

impl Run<'_> {
    /// Renders groups of jobs over all threads and hands each outcome, while still on the worker's thread, to `finish`
    /// with the group's and the job's number. The answer is in the order of groups and jobs. `batch` is the most jobs
    /// that share an instance; 1 gives each its own. Jobs for which the run's budget does not last are not tried; where one
    /// turns out to be such a job once it was rendered, `finish` is called for it again.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn render<T: Send>(
        &self,
        groups: &[Group<'_>],
        batch: Option<NonZeroUsize>,
        finish: &(dyn Fn(usize, usize, Outcome<GuestRendered>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>> {
        let threads = self.engine.options.threads.get();
        let docket = Docket::new(&self.budget);
        let mut firsts = Vec::with_capacity(groups.len());
        let mut jobs = 0;
        for group in groups {
            firsts.push(jobs);
            jobs += group.jobs.len();
        }
        let calls: Vec<Render<'_>> = groups.iter().map(Group::call).collect();
        let patience: Vec<Patience> = groups.iter().map(|group| Patience::new(&group.limits)).collect();
        let chunks: Vec<_> = groups
            .iter()
            .enumerate()
            .flat_map(|(number, group)| {
                let even = || group.jobs.len().div_ceil(threads).clamp(1, worth_reading(group));
                let size = batch.map_or_else(even, NonZeroUsize::get);
                group.jobs.chunks(size).enumerate().map(move |(chunk, jobs)| (number, group, chunk * size, jobs))
            })
            .collect();
        let finished = self.engine.each_on_workers(&chunks, |(number, group, first, jobs)| {
            let caller = Caller::new(self, group.plugin, &group.limits, &calls[*number]);
            let mut finished = Vec::with_capacity(jobs.len());
            let start = firsts[*number];
            let shared = (&patience[*number], &docket);
            caller.batch(start + first, jobs, shared, &mut |place, outcome| {
                finished.push(finish(*number, place - start, outcome));
            });
            (*number, finished)
        })?;
        let mut sorted: Vec<Vec<T>> = groups.iter().map(|group| Vec::with_capacity(group.jobs.len())).collect();
        for (number, results) in finished {
            sorted[number].extend(results);
        }
        let all = groups.iter().flat_map(|group| &group.jobs).map(|job| job.template.path);
        for (place, why) in docket.close(all.enumerate()) {
            let group = firsts.partition_point(|first| *first <= place) - 1;
            let job = place - firsts[group];
            sorted[group][job] = finish(group, job, Outcome::untried(why));
        }
        Ok(sorted)
    }
}
