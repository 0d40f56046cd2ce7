//! Calls: of one job, or of several in one instance, and what is kept of those that fail.
//!
//! A batch is only an optimization: one that is stopped is halved until what stops is alone, and what a stranger's plugin
//! fails is run again alone, in a fresh instance; only that outcome counts. So results do not depend on how jobs were
//! batched.
//!
//! Always true here: every function of the ABI is called in the same way, in the version that the plugin was built for.

use std::slice::from_ref;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::config::Profile;
use super::exports::{Export, Results};
use super::instance::Maker;
use super::outcome::{CallError, Outcome, Usage};
use super::patience::{Patience, batches, time_for};
use super::plugin::Plugin;
use super::recorder::Failure;
use super::setup::Engine;
use crate::abi::{Adapter, GuestFailure, with_adapter};
use crate::error::Result;
use crate::limits::Limits;
use crate::stop::{Stop, StopReason};

/// What came of each job of a call, or why there is nothing.
type Called<E> = std::result::Result<Results<<E as Export>::Output>, CallError>;

impl Engine {
    /// Calls a function that has no batch.
    ///
    /// # Errors
    /// `Refused` where the plugin has no such function; `Io` where threads can't be started.
    pub fn call<E: Export>(&self, plugin: &Plugin, limits: &Limits, export: &E) -> Result<Outcome<E::Output>> {
        let mut outcomes = self.call_all(plugin, limits, export)?;
        Ok(outcomes.pop().unwrap_or_else(|| without_call(wrong_count(1, 0))))
    }

    /// Calls a function, over all threads, with as many jobs in one instance as is worth it. The outcomes are in the order
    /// of the jobs.
    ///
    /// # Errors
    /// As [`Engine::call`].
    pub fn call_all<E: Export>(&self, plugin: &Plugin, limits: &Limits, export: &E) -> Result<Vec<Outcome<E::Output>>> {
        plugin.export(E::FUNCTION)?;
        let caller = Caller::new(self, plugin, limits, export);
        let patience = Patience::new(limits);
        self.on_workers(|| {
            let batches = batches(export);
            batches.into_par_iter().with_max_len(1).flat_map_iter(|jobs| caller.batch(jobs, &patience)).collect()
        })
    }

    /// Makes instances and throws them away, on a worker: what a fresh instance costs before anything is called.
    ///
    /// # Errors
    /// `Stopped` where the component can't be instantiated; `Io` where threads can't be started.
    pub fn time_instantiations(&self, plugin: &Plugin, limits: &Limits, count: u64) -> Result<Duration> {
        self.on_workers(|| {
            let maker = Maker { engine: self, plugin, limits, function: None };
            let started = Instant::now();
            for _ in 0..count {
                maker.instantiate()?;
            }
            Ok(started.elapsed())
        })?
    }
}

/// Calls a function of a plugin; on a worker.
pub(super) struct Caller<'a, E> {
    instances: Maker<'a>,
    export: &'a E,
}

impl<'a, E: Export> Caller<'a, E> {
    /// Prepares calls.
    pub(super) fn new(engine: &'a Engine, plugin: &'a Plugin, limits: &'a Limits, export: &'a E) -> Self {
        Self { instances: Maker { engine, plugin, limits, function: Some(E::FUNCTION) }, export }
    }

    /// Calls the function with a batch of jobs, and has those that fail recorded. `patience` is shared by all batches of
    /// the jobs' call.
    pub(super) fn batch(&self, jobs: &[E::Job], patience: &Patience) -> Vec<Outcome<E::Output>> {
        let outcomes = with_adapter!(self.instances.plugin.abi, Version => self.batch_as::<Version>(jobs, patience));
        for (job, outcome) in jobs.iter().zip(&outcomes) {
            self.record(job, outcome);
        }
        outcomes
    }

    /// Calls the function with one job.
    pub(super) fn alone(&self, job: &E::Job) -> Outcome<E::Output> {
        with_adapter!(self.instances.plugin.abi, Version => self.alone_as::<Version>(job))
    }

    /// Calls the function twice in one instance, and gives what came of the second call: for comparing with a fresh one.
    pub(super) fn twice(&self, first: &[E::Job], second: &[E::Job]) -> Called<E> {
        with_adapter!(self.instances.plugin.abi, Version => self.twice_as::<Version>(first, second))
    }

    /// Has the job of a failed call recorded.
    pub(super) fn record(&self, job: &E::Job, outcome: &Outcome<E::Output>) {
        let Maker { engine, plugin, limits, .. } = self.instances;
        if let (Some(recorder), Err(error)) = (&engine.options.recorder, &outcome.result) {
            let failure = Failure { plugin, limits, function: E::FUNCTION, error };
            recorder.keep(&failure, E::order(job), || self.export.input(job));
        }
    }

    fn batch_as<A: Adapter>(&self, jobs: &[E::Job], patience: &Patience) -> Vec<Outcome<E::Output>> {
        let Maker { engine, plugin, limits, .. } = self.instances;
        let alone = |job: &E::Job| {
            let outcome = self.alone_as::<A>(job);
            patience.counted(outcome.usage.nanoseconds);
            outcome
        };
        let measured = engine.options.profile == Profile::Measure && E::MEASURED;
        if jobs.len() <= 1 || measured || !plugin.traits.batches {
            return jobs.iter().map(alone).collect();
        }
        let lacking = jobs.iter().any(|job| E::lacks::<A>(job).is_some());
        if !lacking && patience.is_left() {
            let (results, usage) = self.together::<A>(jobs, Some(time_for(self.export, jobs, limits)));
            let share = Usage { nanoseconds: usage.nanoseconds / jobs.len() as u64, ..usage };
            match results {
                Ok(results) => {
                    let stands = |result: &std::result::Result<E::Output, GuestFailure>| match result {
                        Ok(_) => true,
                        // One of ours says the same of a job whatever else it is given.
                        Err(GuestFailure::Invalid(_)) => plugin.traits.ours,
                        Err(_) => false,
                    };
                    let standing = results.iter().filter(|result| stands(result)).count() as u64;
                    let counted = share.nanoseconds.saturating_mul(standing);
                    patience.counted(counted);
                    patience.given_up(usage.nanoseconds.saturating_sub(counted));
                    let settled = |(result, job): (std::result::Result<E::Output, GuestFailure>, &E::Job)| {
                        if stands(&result) {
                            Outcome { result: result.map_err(CallError::from), usage: share }
                        } else {
                            alone(job)
                        }
                    };
                    return results.into_iter().zip(jobs).map(settled).collect();
                }
                // There is no time to lose with finding out which one it was.
                Err(CallError::Stopped(stop)) if stop.reason == StopReason::Interrupted => {
                    let stopped = || Outcome { result: Err(CallError::Stopped(stop.clone())), usage: share };
                    return jobs.iter().map(|_| stopped()).collect();
                }
                Err(_) => patience.given_up(usage.nanoseconds),
            }
        }
        let (first, second) = jobs.split_at(jobs.len() / 2);
        let mut outcomes = self.batch_as::<A>(first, patience);
        outcomes.extend(self.batch_as::<A>(second, patience));
        outcomes
    }

    fn alone_as<A: Adapter>(&self, job: &E::Job) -> Outcome<E::Output> {
        if let Some(what) = E::lacks::<A>(job) {
            let version = self.instances.plugin.abi.version();
            let told = format!("`{what}`, which version {version} of the ABI does not have; rebuild it for the newest");
            return without_call(CallError::Unsupported(told));
        }
        let (results, usage) = self.together::<A>(from_ref(job), None);
        let only = |mut results: Results<E::Output>| match results.pop() {
            Some(result) => result.map_err(CallError::from),
            None => Err(wrong_count(1, 0)),
        };
        Outcome { result: results.and_then(only), usage }
    }

    /// Calls the function once with all of the jobs.
    fn together<A: Adapter>(&self, jobs: &[E::Job], at_most: Option<Duration>) -> (Called<E>, Usage) {
        let export = match self.instances.plugin.export(E::FUNCTION) {
            Ok(export) => export,
            Err(error) => return (Err(CallError::Refused(error)), Usage::default()),
        };
        let input = jobs.iter().map(E::job_bytes).fold(self.export.shared_bytes(), u64::saturating_add);
        let parameters = self.export.parameters::<A>(jobs);
        let (given, usage) = self.instances.single::<_, E::Given<A>>(export, input, parameters, at_most);
        let results = given.and_then(|given| {
            let results = E::results::<A>(given);
            if results.len() == jobs.len() { Ok(results) } else { Err(wrong_count(jobs.len(), results.len())) }
        });
        (results, usage)
    }

    fn twice_as<A: Adapter>(&self, first: &[E::Job], second: &[E::Job]) -> Called<E> {
        let export = self.instances.plugin.export(E::FUNCTION).map_err(CallError::Refused)?;
        let (first, second) = (self.export.parameters::<A>(first), self.export.parameters::<A>(second));
        self.instances.second_of_two::<_, E::Given<A>>(export, first, second).map(E::results::<A>)
    }
}

fn without_call<T>(error: CallError) -> Outcome<T> {
    Outcome { result: Err(error), usage: Usage::default() }
}

fn wrong_count(wanted: usize, given: usize) -> CallError {
    CallError::Stopped(Stop::new(StopReason::InvalidResult, format!("gave {given} results for {wanted} jobs")))
}
