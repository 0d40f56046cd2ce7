//! Calls repeated until there are samples enough to see where a plugin spends its time.
//!
//! Always true here: bounded in time, whatever the plugin does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::call::run;
use super::case::Case;
use super::subject::Subject;
use super::verify::{Ready, ready};
use crate::engine::{Engine, Samples};
use crate::error::{Error, ErrorKind, Result};

/// How long to sample.
#[derive(Debug, Clone, Copy)]
pub struct ProfileOptions {
    /// Samples that are enough.
    pub samples: u64,
    /// The longest that it may take.
    pub time: Duration,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Profiled {
    /// Stacks, and how often each was seen.
    pub samples: Samples,
    /// How many calls were made.
    pub calls: u64,
    /// The cases that a limit or a trap ended, and how.
    pub stopped: BTreeMap<String, String>,
}

/// Calls cases in turns until there are samples enough. `engine` must have a sampler.
///
/// # Errors
/// Those of preparing the plugin and of reading cases; `Usage` where there is no case; `Interrupted`.
pub fn profile(engine: &Engine, subject: &Subject, cases: &[Case], options: ProfileOptions) -> Result<Profiled> {
    let Some(sampler) = engine.options().sampler.clone() else {
        return Err(Error::new(ErrorKind::Usage, "the engine takes no samples"));
    };
    let ready: Vec<Ready> = cases.iter().map(|case| ready(engine, subject, case)).collect::<Result<_>>()?;
    if ready.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "there is no case to profile")
            .hint("a case is a folder `cases/NAME` with a `case.toml`; docs/plugin-tools.md describes it"));
    }
    let before = sampler.samples();
    let started = Instant::now();
    let mut calls = 0;
    let mut stopped = BTreeMap::new();
    'sampling: loop {
        for (one, case) in ready.iter().zip(cases) {
            if engine.options().interrupt.is_set() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            let ran = run(engine, &one.plugin, &one.limits, &one.input)?;
            if ran.ended.is_stopped() {
                stopped.insert(case.name.clone(), ran.ended.kind());
            }
            calls += 1;
            if sampler.taken() - before.taken >= options.samples || started.elapsed() >= options.time {
                break 'sampling;
            }
        }
    }
    // What preparing took (a validator is asked for its rules) is no part of it.
    let mut samples = sampler.samples();
    samples.taken -= before.taken;
    for (stack, count) in &before.stacks {
        if let Some(known) = samples.stacks.get_mut(stack) {
            *known -= count;
        }
    }
    samples.stacks.retain(|_, count| *count > 0);
    Ok(Profiled { samples, calls, stopped })
}
