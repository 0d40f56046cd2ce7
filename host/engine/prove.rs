//! The determinism proof: each job in two fresh instances, and once in an instance that was used before and that it shares
//! with others.
//!
//! Always true here: what counts is the first outcome; the others are only compared with it. An instance that is shared
//! may run into limits that a job alone does not: then there is nothing to compare, which is no difference.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::batch::Group;
use super::call::{CallError, Outcome, Usage};
use super::limits::Limits;
use super::prepare::{Engine, RENDERER, missing};
use crate::abi::{GuestRendered, JobParam, RenderParams, Rendered};
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
    /// `Refused` where the plugin renders nothing; `Io` where threads can't be started.
    pub fn prove(&self, group: &Group<'_>) -> Result<Vec<Proof>> {
        let slow = AtomicBool::new(false);
        let shared_bytes = group.shared_bytes();
        let Some(export) = &group.plugin.render else {
            return Err(missing(RENDERER, "render"));
        };
        let parameters = |jobs| -> RenderParams<'_> { (group.context, &group.partials, jobs) };
        let alone = |job| {
            let caller = self.caller(group.plugin, &group.limits, RENDERER, &slow);
            let mut outcomes = caller.once(export, shared_bytes, std::slice::from_ref(job), &parameters, None);
            outcomes.pop().unwrap_or_else(nothing)
        };
        let together = |jobs| {
            let limits = for_several(&group.limits, 1 + <[JobParam<'_>]>::len(jobs) as u64);
            let caller = self.caller(group.plugin, &limits, RENDERER, &slow);
            // A first call, so that a guest that counts its calls, or keeps anything else, has something to remember.
            let first = parameters(&jobs[..jobs.len().min(1)]);
            let given = caller.second_of_two::<_, Rendered>(export, first, parameters(jobs));
            let given = given.map(|(list,)| list.0).unwrap_or_default();
            let whole = given.len() == jobs.len();
            let mut given: Vec<_> =
                given.into_iter().filter(|_| whole).map(|result| Some(result.map_err(CallError::from))).collect();
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
        shared.filter(|other| !same(&outcome.result, other)).map(|other| Difference { shared: true, other })
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

/// The outcome of a call that gave nothing; one call always gives one.
fn nothing() -> Outcome<GuestRendered> {
    Outcome { result: Err(CallError::Internal("gave no result".to_owned())), usage: Usage::default() }
}
