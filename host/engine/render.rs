//! Templates rendered over all threads, in batches.
//!
//! Always true here: everything is prepared before a batch starts; a worker that holds a permit waits for nothing else.

use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::call::Caller;
use super::exports::Export as _;
use super::exports::renderer::Render;
use super::outcome::Outcome;
use super::patience::Patience;
use super::plugin::Plugin;
use super::setup::Engine;
use crate::abi::{FileParam, GuestRendered, JobParam};
use crate::error::Result;
use crate::limits::Limits;

/// Jobs of one batch at the most: more gain nothing, and a failing one is dearer.
const BATCH: usize = 25;

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

impl Engine {
    /// Renders groups of jobs over all threads and hands each outcome, while still on the worker's thread, to `finish`
    /// with the group's and the job's number. The answer is in the order of groups and jobs. `batch` is the most jobs
    /// that share an instance; 1 gives each its own.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn render<T: Send>(
        &self,
        groups: &[Group<'_>],
        batch: Option<NonZeroUsize>,
        finish: &(dyn Fn(usize, usize, Outcome<GuestRendered>) -> T + Sync),
    ) -> Result<Vec<Vec<T>>> {
        let threads = self.options.threads.get();
        let calls: Vec<Render<'_>> = groups.iter().map(Group::call).collect();
        let patience: Vec<Patience> = groups.iter().map(|group| Patience::new(&group.limits)).collect();
        let chunks: Vec<_> = groups
            .iter()
            .enumerate()
            .flat_map(|(number, group)| {
                let size = batch.map_or_else(|| group.jobs.len().div_ceil(threads).clamp(1, BATCH), NonZeroUsize::get);
                group.jobs.chunks(size).enumerate().map(move |(chunk, jobs)| (number, group, chunk * size, jobs))
            })
            .collect();
        let finished: Vec<(usize, Vec<T>)> = self.on_workers(|| {
            chunks
                .par_iter()
                .with_max_len(1)
                .map(|(number, group, first, jobs)| {
                    let caller = Caller::new(self, group.plugin, &group.limits, &calls[*number]);
                    let outcomes = caller.batch(jobs, &patience[*number]);
                    let finish = |(index, outcome)| finish(*number, first + index, outcome);
                    (*number, outcomes.into_iter().enumerate().map(finish).collect())
                })
                .collect()
        })?;
        let mut sorted: Vec<Vec<T>> = groups.iter().map(|group| Vec::with_capacity(group.jobs.len())).collect();
        for (number, results) in finished {
            sorted[number].extend(results);
        }
        Ok(sorted)
    }
}
