//! What belongs to one instance: its limits while it runs, and why it was stopped.
//!
//! Always true here: whoever stops a call records the reason here, typed; nothing is read out of an error's text.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::{FrameInfo, ResourceLimiter, Trap, UpdateDeadline, WasmBacktrace};

use super::fixed::{CORE_INSTANCES, MEMORIES, TABLES};
use super::symbols::Symbols;
use super::wasi_state::WasiState;
use crate::limits::{Budget, Limits};
use crate::stop::{Frame, Stop, StopReason};
use crate::text;

/// Bytes that an element of a table takes.
const TABLE_ELEMENT: u64 = size_of::<usize>() as u64;
/// Frames of a backtrace that are kept.
const FRAMES_TOLD: usize = 16;

/// The data of a store.
#[derive(Debug)]
pub struct CallState {
    /// Counts memory.
    pub memory: MemoryLimiter,
    /// Why the call was stopped, where the deadline or an interrupt stopped it.
    pub stop: Option<Stop>,
    /// The plugin's last warning: a guest that panics says why before it traps.
    pub last_words: Option<String>,
    /// The plugin's name, for the trace.
    pub plugin: Arc<str>,
    /// Its empty WASI, where it is granted one.
    pub wasi: Option<Box<WasiState>>,
    /// What the run that the call is part of may use.
    pub budget: Arc<Budget>,
    deadline: Instant,
    time: Duration,
}

impl CallState {
    /// Starts the clock of a call with so many bytes of memory.
    #[must_use]
    pub fn new(plugin: Arc<str>, memory: u64, time: Duration, budget: Arc<Budget>) -> Self {
        Self {
            memory: MemoryLimiter { limit: memory, used: 0, peak: 0, last: 0, refused: None },
            stop: None,
            last_words: None,
            plugin,
            wasi: None,
            budget,
            deadline: Instant::now() + time,
            time,
        }
    }

    /// Called at each tick while the guest runs.
    pub fn tick(&mut self) -> UpdateDeadline {
        if Instant::now() >= self.deadline && !self.budget.interrupt().is_set() {
            let limit = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
            let detail = format!("ran longer than {:?}, the time limit", self.time);
            self.stop = Some(Stop::new(StopReason::Time, detail).limit(limit));
        } else if let Some(spent) = self.budget.spent() {
            self.stop = Some(spent);
        } else {
            return UpdateDeadline::Continue(1);
        }
        UpdateDeadline::Interrupt
    }

    /// Says why a call or an instantiation ended with an error.
    #[must_use]
    pub fn stop_for(&mut self, error: &wasmtime::Error, limits: &Limits, symbols: Option<&Symbols>) -> Stop {
        let mut stop = self.reason_for(error, limits);
        if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
            stop.backtrace = frames(backtrace, symbols);
            let functions = backtrace.frames().iter().map(FrameInfo::func_index);
            if error.downcast_ref::<Trap>() == Some(&Trap::MemoryOutOfBounds) && is_recursion(functions) {
                stop.detail += "; its calls repeat endlessly, so it probably ran out of its own stack";
            }
        }
        stop
    }

    fn reason_for(&mut self, error: &wasmtime::Error, limits: &Limits) -> Stop {
        if let Some(stop) = self.stop.take() {
            return stop;
        }
        if let Some(stop) = error.downcast_ref::<Stop>() {
            return stop.clone();
        }
        let refused = self.memory.refused.map(|wanted| {
            let limit = self.memory.limit;
            let (wanted, most) = (text::format_bytes(wanted), text::format_bytes(limit));
            if limit < limits.memory {
                let detail = format!(
                    "wanted {wanted} of memory, but all plugins together may have only {most}, half of `run-memory`"
                );
                return Stop::new(StopReason::RunMemory, detail).limit(limit.saturating_mul(2));
            }
            Stop::new(StopReason::Memory, format!("wanted {wanted} of memory, but the limit is {most}")).limit(limit)
        });
        let Some(trap) = error.downcast_ref::<Trap>() else {
            let cause = text::printable_line(&error.root_cause().to_string());
            return refused.unwrap_or_else(|| {
                Stop::new(
                    StopReason::InvalidResult,
                    format!("gave back something that its interface does not allow: {cause}"),
                )
            });
        };
        match (trap, refused) {
            (Trap::StackOverflow, _) => {
                let most = text::format_bytes(limits.stack);
                Stop::new(StopReason::Stack, format!("used more than {most} of stack")).limit(limits.stack)
            }
            (Trap::OutOfFuel, _) => {
                Stop::new(StopReason::Fuel, format!("used more than {} units of fuel", limits.fuel)).limit(limits.fuel)
            }
            (_, Some(stop)) => stop,
            (trap, None) => {
                let trap = trap.to_string();
                let trap = trap.strip_prefix("wasm trap: ").unwrap_or(&trap);
                Stop::new(
                    StopReason::Trap,
                    match self.last_words.take().or_else(|| self.wasi.as_ref().and_then(|wasi| wasi.last_words())) {
                        Some(words) => format!("stopped by a trap ({trap}); before that, it said: {words}"),
                        None => format!("stopped by a trap: {trap}"),
                    },
                )
            }
        }
    }
}

/// Whether a trap's calls are so many, and of so few functions, that they go deeper and deeper. A guest keeps most of its
/// stack in its own memory, below everything else, so that what overruns it accesses memory out of bounds.
fn is_recursion(functions: impl Iterator<Item = u32>) -> bool {
    let functions: Vec<u32> = functions.collect();
    let different: BTreeSet<u32> = functions.iter().copied().collect();
    functions.len() >= super::config::FRAMES_SEEN && different.len() <= functions.len() / 4
}

/// The guest's calls, innermost first.
fn frames(backtrace: &WasmBacktrace, symbols: Option<&Symbols>) -> Vec<Frame> {
    let frames = &backtrace.frames()[..backtrace.frames().len().min(FRAMES_TOLD)];
    let offsets: Vec<u64> =
        frames.iter().map(|frame| frame.module_offset().map_or(0, |offset| offset as u64)).collect();
    let mut places = symbols.map(|symbols| symbols.places(&offsets)).unwrap_or_default().into_iter();
    let frame = |frame: &FrameInfo| {
        let place = places.next().flatten();
        let name = frame.func_name().map_or_else(|| format!("function[{}]", frame.func_index()), readable_name);
        Frame { function: name, place }
    };
    frames.iter().map(frame).collect()
}

/// A function's name as its author wrote it, without what mangling adds.
pub(super) fn readable_name(name: &str) -> String {
    text::printable_line(&format!("{:#}", rustc_demangle::demangle(name))).chars().take(200).collect()
}

/// Counts the bytes of all linear memories and tables of a store together.
#[derive(Debug)]
pub struct MemoryLimiter {
    limit: u64,
    used: u64,
    peak: u64,
    last: u64,
    refused: Option<u64>,
}

impl MemoryLimiter {
    /// The most bytes that were in use at once.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// Whether more was wanted than there is.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.refused.is_some()
    }

    fn grow(&mut self, bytes: u64) -> bool {
        let wanted = self.used.saturating_add(bytes);
        if wanted > self.limit {
            self.refused = Some(wanted);
            return false;
        }
        self.used = wanted;
        self.last = bytes;
        self.peak = self.peak.max(wanted);
        true
    }

    /// Takes back what a growth counted that was allowed but did not happen: the pool has no room for it.
    fn undo(&mut self) {
        let last = std::mem::take(&mut self.last);
        if last > 0 {
            self.refused = Some(self.used);
            self.used -= last;
        }
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current) as u64))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow((desired.saturating_sub(current) as u64).saturating_mul(TABLE_ELEMENT)))
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_without_an_end_are_recursion() {
        let many = super::super::config::FRAMES_SEEN;
        assert!(is_recursion((0..many).map(|call| u32::try_from(call % 12).unwrap())));
        assert!(!is_recursion((0..many - 1).map(|_| 7)));
        assert!(!is_recursion((0..many).map(|call| u32::try_from(call).unwrap())));
    }

    #[test]
    fn memories_and_tables_count_together_and_failed_growth_is_undone() {
        let mut limiter = MemoryLimiter { limit: 1000, used: 0, peak: 0, last: 0, refused: None };
        assert!(limiter.memory_growing(0, 600, None).is_ok_and(|allowed| allowed));
        assert!(limiter.table_growing(0, 50, None).is_ok_and(|allowed| allowed));
        assert!(limiter.memory_growing(600, 601, None).is_ok_and(|allowed| !allowed));
        assert_eq!(limiter.refused, Some(1001));
        limiter.table_grow_failed(wasmtime::Error::msg("no room")).expect("undone");
        assert_eq!((limiter.used, limiter.peak()), (600, 1000));
        assert!(limiter.memory_growing(600, 1000, None).is_ok_and(|allowed| allowed));
        // Told twice of one failure, it does not take back what another growth counted.
        limiter.memory_grow_failed(wasmtime::Error::msg("no room")).expect("undone");
        limiter.memory_grow_failed(wasmtime::Error::msg("no room")).expect("undone");
        assert_eq!(limiter.used, 600);
    }
}
