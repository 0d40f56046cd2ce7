//! Calls repeated until there are samples enough to see where a plugin spends its time.
//!
//! Always true here: bounded in time, whatever the plugin does.

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

/// Calls cases in turns until there are samples enough. `engine` must have a sampler.
///
/// # Errors
/// Those of preparing the plugin and of reading cases; `Usage` where there is no case; `Interrupted`.
pub fn profile(engine: &Engine, subject: &Subject, cases: &[Case], options: ProfileOptions) -> Result<(Samples, u64)> {
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
    'sampling: loop {
        for one in &ready {
            if engine.options().interrupt.is_set() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            run(engine, &one.plugin, &one.limits, &one.input)?;
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
    Ok((samples, calls))
}
