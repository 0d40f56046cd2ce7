//! The determinism proof: each job in two fresh instances, and once in an instance that it shares with others.
//!
//! Always true here: what counts is the first outcome; the others are only compared with it. An instance that is shared
//! may run into limits that a job alone does not: then there is nothing to compare, which is no difference.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::batch::Group;
use super::call::{CallError, Caller, Outcome, Usage};
use super::limits::Limits;
use super::prepare::{Engine, RENDERER, missing};
use crate::abi::{GuestRendered, JobParam, RenderParams};
use crate::error::Result;

/// Jobs that share an instance at the most.
const SHARED: usize = 25;

/// A job's outcome, and whether other instances gave the same.
#[derive(Debug)]
pub struct Proof {
    /// What a fresh instance gave.
    pub outcome: Outcome<GuestRendered>,
    /// The first difference that was seen.
    pub difference: Option<Difference>,
    /// Whether the job was also rendered in an instance with others.
    pub shared: bool,
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
    /// `Io` where threads can't be started.
    pub fn prove(&self, group: &Group<'_>) -> Result<Vec<Proof>> {
        let slow = AtomicBool::new(false);
        let shared_bytes = group.shared_bytes();
        let parameters = |jobs| -> RenderParams<'_> { (group.context, &group.partials, jobs) };
        let render = |caller: &Caller<'_>, jobs: &'_ [JobParam<'_>]| match &group.plugin.render {
            Some(export) => caller.once(export, shared_bytes, jobs, &|_| parameters(jobs), None),
            None => vec![refused()],
        };
        let alone = |job: &JobParam<'_>| {
            let caller = self.caller(group.plugin, &group.limits, RENDERER, &slow);
            render(&caller, std::slice::from_ref(job)).pop().unwrap_or_else(refused)
        };
        let together = |jobs: &[JobParam<'_>]| {
            let limits = for_several(&group.limits, jobs.len() as u64);
            let caller = self.caller(group.plugin, &limits, RENDERER, &slow);
            let outcomes = render(&caller, jobs);
            let whole = outcomes.len() == jobs.len();
            let given = outcomes.into_iter().filter(|_| whole).map(|outcome| Some(outcome.result));
            let mut given: Vec<_> = given.collect();
            given.resize_with(jobs.len(), || None);
            given
        };
        self.on_workers(|| {
            let fresh: Vec<_> =
                group.jobs.par_iter().with_max_len(1).map(|job| (alone(job), alone(job).result)).collect();
            let shared: Vec<_> = group.jobs.par_chunks(SHARED).map(together).collect();
            fresh
                .into_iter()
                .zip(shared.into_iter().flatten())
                .map(|((outcome, again), shared)| compare(outcome, again, shared))
                .collect()
        })
    }
}

fn compare(
    outcome: Outcome<GuestRendered>,
    again: std::result::Result<GuestRendered, CallError>,
    shared: Option<std::result::Result<GuestRendered, CallError>>,
) -> Proof {
    let was_shared = shared.is_some();
    let difference = if same(&outcome.result, &again) {
        // What is stopped in company may have been stopped by it.
        let shared = shared.filter(|other| !matches!(other, Err(CallError::Stopped(_))));
        shared
            .filter(|other| !same(&outcome.result, other))
            .map(|other| Difference { shared: true, other })
    } else {
        Some(Difference { shared: false, other: again })
    };
    Proof { outcome, difference, shared: was_shared }
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

/// The limits of one job, for as many of them in one instance; memory is the instance's and stays.
fn for_several(limits: &Limits, count: u64) -> Limits {
    let times = |limit: u64| limit.saturating_mul(count);
    Limits {
        fuel: times(limits.fuel),
        result: times(limits.result),
        log: times(limits.log),
        input: times(limits.input),
        time: limits.time.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX)),
        ..*limits
    }
}

fn refused() -> Outcome<GuestRendered> {
    Outcome { result: Err(CallError::Refused(missing(RENDERER, "render"))), usage: Usage::default() }
}
