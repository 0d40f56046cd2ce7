//! The determinism proof: each job in two fresh instances, and once in an instance that was used before and that it shares
//! with others.
//!
//! Always true here: what counts is the first outcome; the others are only compared with it. What was stopped once is not
//! tried again, and fuel for company is bounded by what its jobs took alone: a proof costs a few times what its jobs do,
//! and no guest can make it more. An instance that is shared may run into limits that a job alone does not: then there is
//! nothing to compare, which is no difference.

use rayon::prelude::*;

use super::call::Caller;
use super::exports::Function;
use super::outcome::{CallError, Outcome};
use super::render::Group;
use super::setup::Engine;
use crate::abi::{GuestRendered, JobParam};
use crate::error::Result;
use crate::limits::{Limit, Limits, Scope, of_calls};

/// Jobs that share an instance at the most.
const SHARED: usize = 25;

/// A job's outcome, and whether other instances gave the same.
#[derive(Debug)]
pub struct Proof {
    /// What a fresh instance gave.
    pub outcome: Outcome<GuestRendered>,
    /// The first difference that was seen.
    pub difference: Option<Difference>,
    /// The job's number in its group.
    number: usize,
}

/// What an instance gave that is not what the first one gave.
#[derive(Debug)]
pub struct Difference {
    /// Whether it was an instance that the job shared with others.
    pub shared: bool,
    /// What it gave.
    pub other: std::result::Result<GuestRendered, CallError>,
}

impl Engine {
    /// Renders the jobs of a group in two fresh instances each, and once more together, and compares.
    ///
    /// # Errors
    /// `Refused` where the plugin renders nothing; `Io` where threads can't be started.
    pub fn prove<'g>(&self, group: &'g Group<'g>) -> Result<Vec<Proof>> {
        group.plugin.export(Function::Render)?;
        let call = group.call();
        let caller = Caller::new(self, group.plugin, &group.limits, &call);
        // Jobs that were rendered alone are no dearer in company, so that what they took bounds what they may take.
        let together = |jobs: &[JobParam<'g>], fuel: Option<u64>| {
            let mut limits = for_several(&group.limits, 1 + jobs.len() as u64);
            limits.fuel = fuel.map_or(limits.fuel, |fuel| fuel.saturating_mul(2).saturating_add(group.limits.fuel));
            let caller = Caller::new(self, group.plugin, &limits, &call);
            // A first call, so that a guest that counts its calls, or keeps anything else, has something to remember.
            let given = caller.twice(&jobs[..jobs.len().min(1)], jobs).unwrap_or_default();
            let whole = given.len() == jobs.len();
            given.into_iter().filter(move |_| whole).map(|result| result.map_err(CallError::from))
        };
        let in_company = |(jobs, proofs): (&[JobParam<'g>], &mut [Proof])| {
            let mut sound: Vec<&mut Proof> = proofs.iter_mut().filter(|proof| proof.is_sound()).collect();
            let jobs: Vec<JobParam<'g>> = sound.iter().map(|proof| jobs[proof.number % SHARED]).collect();
            if jobs.is_empty() {
                return;
            }
            let fuel = sound.iter().map(|proof| proof.outcome.usage.fuel).sum();
            for (proof, other) in sound.iter_mut().zip(together(&jobs, fuel)) {
                if !same(&proof.outcome.result, &other) {
                    proof.difference = Some(Difference { shared: true, other });
                }
            }
        };
        let proofs = self.on_workers(|| {
            let twice = |(number, job)| {
                let outcome = caller.alone(job);
                // What was stopped once is stopped again, after the same time.
                let again = (!matches!(outcome.result, Err(CallError::Stopped(_)))).then(|| caller.alone(job).result);
                let difference = again.filter(|again| !same(&outcome.result, again));
                let difference = difference.map(|other| Difference { shared: false, other });
                Proof { outcome, difference, number }
            };
            let mut proofs: Vec<Proof> = group.jobs.par_iter().enumerate().with_max_len(1).map(twice).collect();
            // Where jobs never share an instance, there is no company to compare with.
            if group.plugin.traits.batches {
                group.jobs.par_chunks(SHARED).zip(proofs.par_chunks_mut(SHARED)).for_each(in_company);
            }
            proofs
        })?;
        for (job, proof) in group.jobs.iter().zip(&proofs) {
            caller.record(job, &proof.outcome);
        }
        Ok(proofs)
    }
}

impl Proof {
    /// Whether there is a result to compare with.
    fn is_sound(&self) -> bool {
        self.outcome.result.is_ok() && self.difference.is_none()
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
