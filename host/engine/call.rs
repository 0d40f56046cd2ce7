//! Calls: of one job, or of several in one instance, and what is kept of those that fail.
//!
//! A batch is only an optimization: one that is stopped is halved until what stops is alone, and what a stranger's plugin
//! fails is run again alone, in a fresh instance; only that outcome counts. So results do not depend on how jobs were
//! batched.
//!
//! Always true here: every function of the ABI is called in the same way, in the version that the plugin was built for.

use std::slice::from_ref;
use std::time::{Duration, Instant};

use super::answers::{Answer, Came, Found, Recall, Why};
use super::callee::Callee;
use super::config::Profile;
use super::docket::Docket;
use super::exports::{Export, Portion, Results};
use super::instance::Maker;
use super::outcome::{CallError, Outcome, Usage};
use super::patience::{Patience, batches, time_for};
use super::plugin::Plugin;
use super::recorder::Failure;
use super::run::Run;
use super::setup::Engine;
use crate::abi::{Adapter, GuestFailure, with_adapter};
use crate::error::Result;
use crate::limits::{Held, Limits};
use crate::stop::{Stop, StopReason};

/// Jobs for whose answers it is worth waking other threads.
const MANY: usize = 500;

/// What came of the second of two calls, and what the run holds for it.
pub(super) type Twice<E> = std::result::Result<(Results<<E as Export>::Output>, Held), CallError>;
/// What came of each job of a call, or why there is nothing.
pub(super) type Called<E> = std::result::Result<Results<<E as Export>::Output>, CallError>;

impl Run<'_> {
    /// Calls a function that has no batch.
    ///
    /// # Errors
    /// `Refused` where the plugin has no such function; `Io` where threads can't be started.
    pub fn call<E: Export>(&self, plugin: &Plugin, limits: &Limits, export: &E) -> Result<Outcome<E::Output>> {
        let mut outcomes = self.call_all(plugin, limits, export)?;
        Ok(outcomes.pop().unwrap_or_else(|| Outcome::failed(wrong_count(1, 0))))
    }

    /// Calls a function that has no batch, on a worker, as one of several calls that belong together: the one with this number.
    ///
    /// # Errors
    /// `Refused` where the plugin has no such function.
    pub(crate) fn call_in<'j, E: Export>(
        &self,
        (docket, number): (&Docket<'j>, usize),
        plugin: &Plugin,
        limits: &Limits,
        (export, item_of): (&E, &'j str),
    ) -> Result<Outcome<E::Output>> {
        plugin.export(E::FUNCTION)?;
        if let Some(why) = docket.untried(number, item_of) {
            return Ok(Outcome::untried(why));
        }
        let caller = Caller::new(self, plugin, limits, export);
        let Some(job) = export.jobs().first() else { return Ok(Outcome::failed(wrong_count(1, 0))) };
        let outcome = caller.alone(job);
        docket.done(number, item_of, &outcome.result, outcome.usage.charge(&outcome.result, 1));
        caller.record(job, &outcome);
        Ok(outcome)
    }

    /// Calls a function, over all threads, with as many jobs in one instance as is worth it. The outcomes are in the order
    /// of the jobs. Jobs for which the run's budget does not last are not tried.
    ///
    /// # Errors
    /// As [`Run::call`].
    pub fn call_all<E: Export>(&self, plugin: &Plugin, limits: &Limits, export: &E) -> Result<Vec<Outcome<E::Output>>> {
        self.call_in_batches(plugin, limits, export, batches(export))
    }

    /// Calls a function, over all threads, with its jobs in these batches.
    ///
    /// # Errors
    /// As [`Run::call`].
    pub(super) fn call_in_batches<E: Export>(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        export: &E,
        batches: Vec<&[E::Job]>,
    ) -> Result<Vec<Outcome<E::Output>>> {
        let docket = Docket::new(&self.budget);
        let numbers: Vec<usize> = (0..export.jobs().len()).collect();
        let mut outcomes = self.call_numbered(plugin, limits, (export, batches, &numbers), &docket)?;
        for (number, why) in docket.close(export.jobs().iter().map(|job| E::order(job).0).enumerate()) {
            outcomes[number] = Outcome::untried(why);
        }
        Ok(outcomes)
    }

    /// Calls a function with jobs that have these numbers on a docket, which is left open.
    fn call_numbered<'j, E: Export>(
        &self,
        plugin: &Plugin,
        limits: &Limits,
        (export, batches, numbers): (&'j E, Vec<&'j [E::Job]>, &[usize]),
        docket: &Docket<'j>,
    ) -> Result<Vec<Outcome<E::Output>>> {
        plugin.export(E::FUNCTION)?;
        let caller = Caller::new(self, plugin, limits, export);
        let patience = Patience::new(limits);
        let mut rest = numbers;
        let mut numbered = |jobs: &'j [E::Job]| {
            let (own, others) = rest.split_at(jobs.len());
            rest = others;
            (jobs, own)
        };
        let batches: Vec<(&'j [E::Job], &[usize])> = batches.into_iter().map(&mut numbered).collect();
        let outcomes = self.engine.each_on_workers(&batches, |(jobs, numbers)| {
            let mut outcomes = Vec::with_capacity(jobs.len());
            caller.batch(numbers, jobs, (&patience, docket), &mut |_, outcome| outcomes.push(outcome));
            outcomes
        })?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// Calls a function with those of its jobs of which nothing is known; [`Run::call_all`] where nothing is kept.
    ///
    /// # Errors
    /// As [`Run::call`], and those of preparing who is called.
    pub(crate) fn ask<E>(
        &self,
        callee: Callee<'_>,
        limits: &Limits,
        export: &E,
        recall: Option<&Recall<'_>>,
    ) -> Result<Vec<Outcome<E::Output>>>
    where
        E: Portion,
        E::Job: Clone,
        E::Output: Answer,
    {
        self.ask_in_batches(callee, limits, export, (recall, None))
    }

    /// [`Run::ask`], with so many jobs in a batch at the most, evenly for all threads.
    ///
    /// # Errors
    /// As there.
    pub(super) fn ask_in_batches<E>(
        &self,
        callee: Callee<'_>,
        limits: &Limits,
        export: &E,
        (recall, most): (Option<&Recall<'_>>, Option<usize>),
    ) -> Result<Vec<Outcome<E::Output>>>
    where
        E: Portion,
        E::Job: Clone,
        E::Output: Answer,
    {
        let Some(recall) = recall.filter(|_| self.budget.spent().is_none()) else {
            return self.call_in_batches(callee.ready(self)?, limits, export, self.batches(export, most));
        };
        let input = |job: &E::Job| export.shared_bytes().saturating_add(E::job_bytes(job));
        let mut outcomes: Vec<Option<Outcome<E::Output>>> = Vec::with_capacity(export.jobs().len());
        let (mut missing, mut jobs, mut whys) = (Vec::new(), Vec::new(), Vec::new());
        for ((number, job), found) in export.jobs().iter().enumerate().zip(self.recalled(export, recall, limits)?) {
            let found = found.and_then(|(output, weight)| {
                let mut held = Held::of(&self.budget);
                held.grow(weight).map_err(|_| Vec::new())?;
                Ok(Outcome { result: Ok(output), usage: Usage::default(), held, came: Came::Recalled })
            });
            match found {
                Ok(outcome) => outcomes.push(Some(outcome)),
                Err(why) => {
                    outcomes.push(None);
                    missing.push(number);
                    jobs.push(job.clone());
                    whys.push(why);
                }
            }
        }
        let part = export.portion(jobs);
        let docket = Docket::new(&self.budget);
        if !missing.is_empty() {
            let plugin = callee.ready(self)?;
            let called = self.call_numbered(plugin, limits, (&part, self.batches(&part, most), &missing), &docket)?;
            for (((number, mut outcome), why), job) in missing.into_iter().zip(called).zip(whys).zip(part.jobs()) {
                outcome.came = match &outcome.result {
                    Ok(output) => recall.keep(number, (input(job), outcome.usage.memory), limits, (output, why)),
                    Err(_) => Came::Called(why),
                };
                outcomes[number] = Some(outcome);
            }
        }
        for (number, why) in docket.close(export.jobs().iter().map(|job| E::order(job).0).enumerate()) {
            outcomes[number] = Some(Outcome::untried(why));
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// What is known of the jobs of a call: of very many, it is looked for over all threads.
    fn recalled<E>(&self, export: &E, recall: &Recall<'_>, limits: &Limits) -> Result<Vec<Found<E::Output>>>
    where
        E: Export,
        E::Output: Answer,
    {
        let jobs = export.jobs();
        if !recall.book.is_there() {
            return Ok(jobs.iter().map(|_| Err(vec![Why::First])).collect());
        }
        let shared = export.shared_bytes();
        let input = |job: usize| shared.saturating_add(E::job_bytes(&jobs[job]));
        if jobs.len() < MANY {
            return Ok(recall.find(0..jobs.len(), input, limits));
        }
        let pieces = self.engine.evenly(jobs.len());
        let found = self.engine.each_on_workers(&pieces, |jobs| recall.find(jobs.clone(), input, limits))?;
        Ok(found.into_iter().flatten().collect())
    }

    fn batches<'j, E: Export>(&self, export: &'j E, most: Option<usize>) -> Vec<&'j [E::Job]> {
        let Some(most) = most else { return batches(export) };
        let jobs = export.jobs();
        jobs.chunks(jobs.len().div_ceil(self.engine.options.threads.get()).clamp(1, most)).collect()
    }
}

impl Engine {
    /// Makes instances and throws them away, on a worker: what a fresh instance costs before anything is called.
    ///
    /// # Errors
    /// `Stopped` where the component can't be instantiated; `Io` where threads can't be started.
    pub fn time_instantiations(&self, plugin: &Plugin, limits: &Limits, count: u64) -> Result<Duration> {
        let run = self.run();
        self.on_workers(|| {
            let maker = Maker { run: &run, plugin, limits, function: None };
            let started = Instant::now();
            for _ in 0..count {
                maker.instantiate()?;
            }
            Ok(started.elapsed())
        })?
    }
}

/// What all batches of a call share: how many may be given up, and which jobs are tried.
pub(super) type Shared<'s, 'j> = (&'s Patience, &'s Docket<'j>);
/// Takes what came of a job, by its number.
pub(super) type Take<'t, E> = &'t mut dyn FnMut(usize, Outcome<<E as Export>::Output>);

/// Calls a function of a plugin; on a worker.
pub(super) struct Caller<'a, E> {
    instances: Maker<'a>,
    export: &'a E,
}

impl<'a, E: Export> Caller<'a, E> {
    /// Prepares calls.
    pub(super) fn new(run: &'a Run<'a>, plugin: &'a Plugin, limits: &'a Limits, export: &'a E) -> Self {
        Self { instances: Maker { run, plugin, limits, function: Some(E::FUNCTION) }, export }
    }

    /// Calls the function with a batch of jobs, which have these numbers, and has those that fail recorded.
    /// Each outcome is handed to `take` with its job's number as soon as it is there, in the order of the jobs. What `shared`
    /// is, is shared by all batches of the jobs' call.
    pub(super) fn batch<'j>(&self, numbers: &[usize], jobs: &'j [E::Job], shared: Shared<'_, 'j>, take: Take<'_, E>) {
        let batch = Batch { numbers, jobs };
        let mut recorded = |number: usize, outcome: Outcome<E::Output>| {
            // Numbers ascend.
            if let Some(job) = numbers.binary_search(&number).ok().and_then(|place| jobs.get(place)) {
                self.record(job, &outcome);
            }
            take(number, outcome);
        };
        with_adapter!(self.instances.plugin.abi, Version => self.batch_as::<Version>(&batch, shared, &mut recorded));
    }

    /// Calls the function once with several jobs, and gives what came of each, where there is something.
    pub(super) fn at_once(&self, jobs: &[E::Job]) -> (Called<E>, Usage, Held) {
        with_adapter!(self.instances.plugin.abi, Version => self.together::<Version>(jobs, None))
    }

    /// Calls the function with one job.
    pub(super) fn alone(&self, job: &E::Job) -> Outcome<E::Output> {
        with_adapter!(self.instances.plugin.abi, Version => self.alone_as::<Version>(job))
    }

    /// Calls the function twice in one instance, and gives what came of the second call: for comparing with a fresh one.
    pub(super) fn twice(&self, first: &[E::Job], second: &[E::Job]) -> Twice<E> {
        with_adapter!(self.instances.plugin.abi, Version => self.twice_as::<Version>(first, second))
    }

    /// Has the job of a failed call recorded.
    pub(super) fn record(&self, job: &E::Job, outcome: &Outcome<E::Output>) {
        let Maker { run, plugin, limits, .. } = self.instances;
        if let (Some(recorder), Err(error)) = (&run.engine.options.recorder, &outcome.result) {
            let failure = Failure { plugin, limits, function: E::FUNCTION, error };
            recorder.keep(&failure, E::order(job), || self.export.input(job));
        }
    }

    fn batch_as<'j, A: Adapter>(&self, batch: &Batch<'j, '_, E::Job>, shared: Shared<'_, 'j>, take: Take<'_, E>) {
        let Maker { run, plugin, limits, .. } = self.instances;
        let (patience, docket) = shared;
        let alone = |number: usize, job: &'j E::Job| {
            let item_of = E::order(job).0;
            if let Some(why) = docket.untried(number, item_of) {
                return Outcome::untried(why);
            }
            let outcome = self.alone_as::<A>(job);
            patience.counted(outcome.usage.nanoseconds);
            docket.done(number, item_of, &outcome.result, outcome.usage.charge(&outcome.result, 1));
            outcome
        };
        let jobs = batch.jobs;
        let measured = run.engine.options.profile == Profile::Measure && E::MEASURED;
        if jobs.len() <= 1 || measured || !plugin.traits.batches {
            batch.numbered().for_each(|(number, job)| take(number, alone(number, job)));
            return;
        }
        let lacking = jobs.iter().any(|job| E::lacks::<A>(job).is_some());
        let in_vain = || {
            docket.is_open() && batch.numbered().all(|(number, job)| docket.untried(number, E::order(job).0).is_some())
        };
        if !lacking && patience.is_left() && !in_vain() {
            let (results, usage, mut held) = self.together::<A>(jobs, Some(time_for(self.export, jobs, limits)));
            let count = jobs.len() as u64;
            let fuel = usage.fuel.map(|fuel| fuel / count);
            let share =
                Usage { nanoseconds: usage.nanoseconds / count, fuel, starting: usage.starting / count, ..usage };
            match results {
                Ok(results) => {
                    let stands = |(job, result): (&E::Job, &std::result::Result<E::Output, GuestFailure>)| match result
                    {
                        Ok(output) => E::check(job, output).is_ok(),
                        // One of ours says the same of a job whatever else it is given.
                        Err(GuestFailure::Invalid(_)) => plugin.traits.ours,
                        Err(_) => false,
                    };
                    let standing: Vec<bool> = jobs.iter().zip(&results).map(stands).collect();
                    let results = results.into_iter().zip(standing.iter().copied());
                    let standing = standing.iter().filter(|stands| **stands).count() as u64;
                    let counted = share.nanoseconds.saturating_mul(standing);
                    patience.counted(counted);
                    patience.given_up(usage.nanoseconds.saturating_sub(counted));
                    for ((number, job), (left, (result, stands))) in
                        batch.numbered().zip((1..=count).rev().zip(results))
                    {
                        let held = held.part(left);
                        if stands {
                            let result = result.map_err(CallError::from);
                            docket.done(number, E::order(job).0, &result, share.charge(&result, 1));
                            take(number, Outcome { result, usage: share, held, came: Came::default() });
                        } else {
                            drop((result, held));
                            take(number, alone(number, job));
                        }
                    }
                    return;
                }
                // There is no time to lose with finding out which one it was.
                Err(CallError::Stopped(stop)) if stop.reason == StopReason::Interrupted => {
                    let stopped = || Outcome { usage: share, ..Outcome::failed(CallError::Stopped(stop.clone())) };
                    batch.numbered().for_each(|(number, _)| take(number, stopped()));
                    return;
                }
                Err(_) => patience.given_up(usage.nanoseconds),
            }
        }
        let (first, second) = batch.halves();
        self.batch_as::<A>(&first, shared, take);
        self.batch_as::<A>(&second, shared, take);
    }

    fn alone_as<A: Adapter>(&self, job: &E::Job) -> Outcome<E::Output> {
        if let Some(what) = E::lacks::<A>(job) {
            let version = self.instances.plugin.abi.version();
            let told = format!("`{what}`, which version {version} of the ABI does not have; rebuild it for the newest");
            return Outcome::failed(CallError::Unsupported(told));
        }
        let (results, usage, held) = self.together::<A>(from_ref(job), None);
        let only = |mut results: Results<E::Output>| match results.pop() {
            Some(Ok(output)) => E::check(job, &output).map(|()| output).map_err(wrong),
            Some(Err(failure)) => Err(CallError::from(failure)),
            None => Err(wrong_count(1, 0)),
        };
        Outcome { result: results.and_then(only), usage, held, came: Came::default() }
    }

    /// Calls the function once with all of the jobs.
    fn together<A: Adapter>(&self, jobs: &[E::Job], at_most: Option<Duration>) -> (Called<E>, Usage, Held) {
        let export = match self.instances.plugin.export(E::FUNCTION) {
            Ok(export) => export,
            Err(error) => return (Err(CallError::Refused(error)), Usage::default(), Held::default()),
        };
        let input = jobs.iter().map(E::job_bytes).fold(self.export.shared_bytes(), u64::saturating_add);
        let parameters = || self.export.parameters::<A>(jobs);
        let (given, usage, held) = self.instances.single::<_, E::Given<A>>(export, input, parameters, at_most);
        let results = given.and_then(|given| {
            let results = E::results::<A>(given);
            if results.len() == jobs.len() { Ok(results) } else { Err(wrong_count(jobs.len(), results.len())) }
        });
        (results, usage, held)
    }

    fn twice_as<A: Adapter>(&self, first: &[E::Job], second: &[E::Job]) -> Twice<E> {
        let export = self.instances.plugin.export(E::FUNCTION).map_err(CallError::Refused)?;
        let parameters = |jobs| self.export.parameters::<A>(jobs);
        self.instances
            .second_of_two::<_, E::Given<A>>(export, || parameters(first), || parameters(second))
            .map(|(given, held)| (E::results::<A>(given), held))
    }
}

/// Jobs that are called together.
struct Batch<'j, 'n, J> {
    /// Their numbers, ascending.
    numbers: &'n [usize],
    jobs: &'j [J],
}

impl<'j, 'n, J> Batch<'j, 'n, J> {
    fn numbered(&self) -> impl Iterator<Item = (usize, &'j J)> + use<'j, 'n, J> {
        self.numbers.iter().copied().zip(self.jobs)
    }

    fn halves(&self) -> (Self, Self) {
        let half = self.jobs.len() / 2;
        let ((first, second), (one, other)) = (self.jobs.split_at(half), self.numbers.split_at(half));
        (Self { numbers: one, jobs: first }, Self { numbers: other, jobs: second })
    }
}

fn wrong_count(wanted: usize, given: usize) -> CallError {
    wrong(format!("gave {given} results for {wanted} jobs"))
}

fn wrong(what: String) -> CallError {
    CallError::Stopped(Stop::new(StopReason::InvalidResult, what))
}
