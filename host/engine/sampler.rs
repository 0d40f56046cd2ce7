//! Where guests spend their time: their call stacks, taken whenever the clock ticks.
//!
//! Always true here: names are a stranger's and bounded in length and number; nothing is shown here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use wasmtime::WasmBacktrace;

use super::state::readable_name;

/// Time between two samples.
pub const SAMPLE_TICK: Duration = Duration::from_millis(1);
/// Different stacks that are kept; what comes later counts as lost.
const MOST_STACKS: usize = 20_000;

/// Call stacks and how often each was seen.
#[derive(Debug, Default)]
pub struct Sampler(Mutex<Samples>);

/// What a sampler has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    /// Names of functions, outermost first, and how often that stack was seen.
    pub stacks: BTreeMap<Vec<String>, u64>,
    /// How many samples there are.
    pub taken: u64,
    /// Samples that had no room.
    pub lost: u64,
}

impl Sampler {
    /// Adds the stack of a guest.
    pub(super) fn add(&self, backtrace: &WasmBacktrace) {
        let mut stack: Vec<String> = backtrace
            .frames()
            .iter()
            .map(|frame| frame.func_name().map_or_else(|| format!("function[{}]", frame.func_index()), readable_name))
            .collect();
        stack.reverse();
        if stack.is_empty() {
            return;
        }
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.stacks.len() >= MOST_STACKS && !samples.stacks.contains_key(&stack) {
            samples.lost += 1;
            return;
        }
        *samples.stacks.entry(stack).or_default() += 1;
        samples.taken += 1;
    }

    /// How many samples there are.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).taken
    }

    /// What was seen.
    #[must_use]
    pub fn samples(&self) -> Samples {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
