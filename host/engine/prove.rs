//! The determinism proof: each job in two fresh instances, and once in an instance that was used before and that it shares
//! with others.
//!
//! Of a template that is rendered for very many items, those after the first hundred are proved in company only: in two
//! instances, one of which was used before, each of which they share. So a proof costs in proportion to the number of
//! items, though each call is handed all of them as its context.
//!
//! Always true here: what counts is the first outcome; the others are only compared with it. What was stopped once is not
//! tried again, and fuel for company is bounded by twice what its jobs took alone: a proof costs a few times what its jobs
//! do, all of which the run is charged for, and no guest can make it more. An instance that is shared may run into limits that a job alone does not: then there is
//! nothing to compare, which is no difference.

use std::collections::HashMap;

use rayon::prelude::*;

use super::answers::Came;
use super::call::Caller;
use super::docket::Docket;
use super::exports::Function;
use super::exports::renderer::Render;
use super::outcome::{CallError, Outcome, Untried, Usage};
use super::plugin::Plugin;
use super::render::{Group, worth_reading};
use super::run::Run;
use crate::abi::{GuestRendered, JobParam};
use crate::error::Result;
use crate::limits::{Limit, Limits, Scope, of_calls};

/// What a job counts for where it is not stopped: it is rendered twice alone, and may take twice as much in company.
const TIMES: u64 = 4;
/// And where it is proved in company only.
const TIMES_IN_COMPANY: u64 = 3;
/// Fuel that a call in company may take beyond what its jobs took alone.
const SLACK: u64 = 10_000_000;
/// Jobs that share an instance at the most, of those that are proved alone, too.
const SHARED: usize = 25;
/// Items of a template that are proved alone.
const ALONE: usize = 100;

/// A job's outcome, and whether other instances gave the same.
#[derive(Debug)]
pub struct Proof {
    /// What a fresh instance gave.
    pub outcome: Outcome<GuestRendered>,
    /// The first difference that was seen.
    pub difference: Option<Difference>,
}

/// What an instance gave that is not what the first one gave.
#[derive(Debug)]
pub struct Difference {
    /// Whether it was an instance that the job shared with others.
    pub shared: bool,
    /// What it gave.
    pub other: std::result::Result<GuestRendered, CallError>,
}

impl Run<'_> {
    /// Renders the jobs of a group several times, compares, and hands each proof, while still on the worker's thread, to
    /// `finish` with the job's number. The answer is in the order of the jobs. Jobs for which the run's budget does not
    /// last are not tried; where one turns out to be such a job once it was rendered, `finish` is called for it again.
    ///
    /// # Errors
    /// `Refused` where the plugin renders nothing; `Io` where threads can't be started.
    pub fn prove<'g, T: Send>(
        &'g self,
        group: &'g Group<'g>,
        finish: &(dyn Fn(usize, Proof) -> T + Sync),
    ) -> Result<Vec<T>> {
        let plugin = group.plugin.ready(self)?;
        plugin.export(Function::Render)?;
        let call = group.call();
        let docket = Docket::new(&self.budget);
        let caller = Caller::new(self, plugin, &group.limits, &call);
        let prover = Prover { run: self, group, plugin, call: &call, caller, docket: &docket };
        let finish = |number: usize, proof: Proof| {
            prover.caller.record(&group.jobs[number], &proof.outcome);
            finish(number, proof)
        };
        let prove = |part: &Part<'g>| prover.prove(part, &finish);
        let parts = parts(group, plugin.traits.batches);
        let mut finished: Vec<T> =
            self.engine.on_workers(|| parts.par_iter().with_max_len(1).flat_map_iter(prove).collect())?;
        for (number, why) in docket.close(group.jobs.iter().map(|job| job.template.path).enumerate()) {
            finished[number] = finish(number, Proof::untried(why));
        }
        Ok(finished)
    }
}

/// Jobs that follow each other and are proved in one way.
struct Part<'g> {
    /// The number of the first.
    first: usize,
    jobs: &'g [JobParam<'g>],
    in_company: bool,
}

/// Splits the jobs of a group into parts.
fn parts<'g>(group: &'g Group<'g>, has_batches: bool) -> Vec<Part<'g>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut in_company = |job: &JobParam<'g>| {
        let count = seen.entry(job.template.path).or_default();
        *count += 1;
        *count > ALONE && has_batches
    };
    let ways: Vec<bool> = group.jobs.iter().map(&mut in_company).collect();
    let mut parts = Vec::new();
    let mut first = 0;
    for run in ways.chunk_by(|one, other| one == other) {
        let jobs = &group.jobs[first..first + run.len()];
        let size = if run[0] { worth_reading(group) } else { SHARED };
        for jobs in jobs.chunks(size) {
            parts.push(Part { first, jobs, in_company: run[0] });
            first += jobs.len();
        }
    }
    parts
}

/// A job that was rendered alone.
enum Stage<T> {
    /// It is to be rendered in company.
    Sound(Box<Proof>),
    /// There is nothing to compare with.
    Finished(T),
}

/// Proves the jobs of a group.
struct Prover<'p, 'g> {
    run: &'p Run<'p>,
    group: &'g Group<'g>,
    plugin: &'g Plugin,
    call: &'p Render<'g>,
    caller: Caller<'p, Render<'g>>,
    docket: &'p Docket<'g>,
}

impl<'g> Prover<'_, 'g> {
    fn prove<T: Send>(&self, part: &Part<'g>, finish: &(dyn Fn(usize, Proof) -> T + Sync)) -> Vec<T> {
        let untried = |(number, job): (usize, &JobParam<'g>)| self.docket.untried(number, job.template.path);
        let whys: Option<Vec<Untried>> = (part.first..).zip(part.jobs).map(untried).collect();
        if let Some(whys) = whys {
            return (part.first..).zip(whys).map(|(number, why)| finish(number, Proof::untried(why))).collect();
        }
        if part.in_company
            && let Some(proofs) = self.in_company_only(part)
        {
            return (part.first..).zip(proofs).map(|(number, proof)| finish(number, proof)).collect();
        }
        // Where jobs never share an instance, there is no company to compare with.
        let batches = self.plugin.traits.batches;
        let alone = |(place, job): (usize, &'g JobParam<'g>)| {
            let number = part.first + place;
            let proof = self.alone(number, job);
            if batches && proof.is_sound() {
                Stage::Sound(Box::new(proof))
            } else {
                Stage::Finished(finish(number, proof))
            }
        };
        let mut stages: Vec<Stage<T>> = part.jobs.par_iter().enumerate().with_max_len(1).map(alone).collect();
        self.in_company(part.jobs, &mut stages);
        let finished = |(number, stage)| match stage {
            Stage::Sound(proof) => finish(number, *proof),
            Stage::Finished(done) => done,
        };
        (part.first..).zip(stages).map(finished).collect()
    }

    /// Renders a job in two fresh instances.
    fn alone(&self, number: usize, job: &'g JobParam<'g>) -> Proof {
        let item_of = job.template.path;
        if let Some(why) = self.docket.untried(number, item_of) {
            return Proof::untried(why);
        }
        let outcome = self.caller.alone(job);
        // What was stopped once is stopped again, after the same time.
        let again = (!matches!(outcome.result, Err(CallError::Stopped(_)))).then(|| self.caller.alone(job));
        let times = if again.is_some() { TIMES } else { 1 };
        self.docket.done(number, item_of, &outcome.result, outcome.usage.charge(&outcome.result, times));
        let again = again.map(|again| again.result).filter(|again| !same(&outcome.result, again));
        // What the run as a whole was stopped by says nothing about the job.
        let difference = again.filter(|_| self.run.budget.spent().is_none());
        let difference = difference.map(|other| Difference { shared: false, other });
        Proof { outcome, difference }
    }

    /// Renders jobs that were proved alone in one instance, and compares.
    fn in_company<T>(&self, jobs: &[JobParam<'g>], stages: &mut [Stage<T>]) {
        let sound = stages.iter_mut().zip(jobs).filter_map(|(stage, job)| match stage {
            Stage::Sound(proof) => Some((proof, *job)),
            Stage::Finished(_) => None,
        });
        let (mut sound, jobs): (Vec<&mut Box<Proof>>, Vec<JobParam<'g>>) = sound.unzip();
        if jobs.is_empty() {
            return;
        }
        // Jobs that were rendered alone are hardly dearer in company, so that what they took bounds what they may take.
        let mut limits = for_several(&self.group.limits, 1 + jobs.len() as u64);
        let fuel: Option<u64> = sound.iter().map(|proof| proof.outcome.usage.fuel).sum();
        limits.fuel = fuel.map_or(limits.fuel, |fuel| fuel.saturating_mul(2).saturating_add(SLACK).min(limits.fuel));
        self.compare(&limits, &jobs, sound.iter_mut().map(|proof| &mut ***proof));
    }

    /// Renders jobs in an instance that was called before, and compares what comes of each.
    fn compare<'r>(&self, limits: &Limits, jobs: &[JobParam<'g>], proofs: impl Iterator<Item = &'r mut Proof>) {
        let caller = Caller::new(self.run, self.plugin, limits, self.call);
        // A first call, so that a guest that counts its calls, or keeps anything else, has something to remember.
        let Ok((given, _held)) = caller.twice(&jobs[..jobs.len().min(1)], jobs) else { return };
        if given.len() != jobs.len() {
            return;
        }
        for (proof, other) in proofs.zip(given) {
            let other = other.map_err(CallError::from);
            if !same(&proof.outcome.result, &other) {
                proof.difference = Some(Difference { shared: true, other });
            }
        }
    }

    /// Renders jobs together in a fresh instance, and in one that was called before; none where one of them fails, or where
    /// they are too much for one: then each has to be looked at alone.
    fn in_company_only(&self, part: &Part<'g>) -> Option<Vec<Proof>> {
        // What adds up is multiplied, but for what all of them together may cost at the most.
        let Limits { fuel, result, .. } = self.group.limits;
        let limits = Limits { fuel, result, ..for_several(&self.group.limits, 1 + part.jobs.len() as u64) };
        let caller = Caller::new(self.run, self.plugin, &limits, self.call);
        let (given, usage, mut held) = caller.at_once(part.jobs);
        let in_vain = usage.charge(&given, 1);
        let given = given.ok().and_then(|given| given.into_iter().collect::<std::result::Result<Vec<_>, _>>().ok());
        let count = part.jobs.len() as u64;
        let Some(given) = given.filter(|given| given.len() as u64 == count) else {
            // It counts all the same.
            self.docket.charge(part.first, in_vain);
            return None;
        };
        let fuel = usage.fuel.map(|fuel| fuel / count);
        let share = Usage { nanoseconds: usage.nanoseconds / count, fuel, starting: usage.starting / count, ..usage };
        let proof = |(rendered, left)| Proof {
            outcome: Outcome { result: Ok(rendered), usage: share, held: held.part(left), came: Came::default() },
            difference: None,
        };
        let mut proofs: Vec<Proof> = given.into_iter().zip((1..=count).rev()).map(proof).collect();
        // In an instance that was called before, they are hardly dearer.
        let limits =
            Limits { fuel: usage.fuel.map_or(limits.fuel, |fuel| (2 * fuel + SLACK).min(limits.fuel)), ..limits };
        self.compare(&limits, part.jobs, proofs.iter_mut());
        for (number, (job, proof)) in (part.first..).zip(part.jobs.iter().zip(&proofs)) {
            let charge = share.charge(&proof.outcome.result, TIMES_IN_COMPANY);
            self.docket.done(number, job.template.path, &proof.outcome.result, charge);
        }
        Some(proofs)
    }
}

impl Proof {
    /// Whether there is a result to compare with.
    fn is_sound(&self) -> bool {
        self.outcome.result.is_ok() && self.difference.is_none()
    }

    fn untried(why: Untried) -> Self {
        Self { outcome: Outcome::untried(why), difference: None }
    }
}

fn same(
    one: &std::result::Result<GuestRendered, CallError>,
    other: &std::result::Result<GuestRendered, CallError>,
) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => match (one, other) {
            (CallError::Invalid(one), CallError::Invalid(other)) => one == other,
            (CallError::Unsupported(one), CallError::Unsupported(other))
            | (CallError::Internal(one), CallError::Internal(other)) => one == other,
            (CallError::Stopped(one), CallError::Stopped(other)) => one.reason == other.reason,
            (CallError::Refused(_), CallError::Refused(_)) => true,
            _ => false,
        },
        _ => false,
    }
}

/// The limits of one job, for as many of them in one instance: what adds up is multiplied.
fn for_several(limits: &Limits, count: u64) -> Limits {
    let mut several = *limits;
    for limit in Limits::TABLE.iter().filter(|limit| adds_up(limit)) {
        let one = limits.get(limit).unwrap_or(limit.default);
        several.put(limit, one.saturating_mul(count));
    }
    several
}

/// Says whether what a limit bounds adds up over jobs of one instance. Memory and stack are the instance's, outputs a job's.
fn adds_up(limit: &Limit) -> bool {
    limit.scope == Scope::Call && ![of_calls::memory, of_calls::stack, of_calls::outputs].contains(limit)
}
