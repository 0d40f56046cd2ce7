//! What belongs to one instance that has an empty WASI: its clock, its random numbers, its handles, what it printed.
//!
//! Always true here: everything starts the same in every instance, and nothing grows without being counted.

use std::sync::Arc;

use crate::stop::{Stop, StopReason};
use crate::text;

/// Handles that an instance may hold at once; a usual program holds a dozen.
const HANDLES: u32 = 1024;
/// Bytes of standard error that are kept for the message of a trap; the limit on logs is another matter.
const LAST_WORDS: usize = 4096;
/// Where random numbers begin.
const SEED: u64 = 0x7061_636b_626f_7821;

/// What belongs to one instance.
#[derive(Debug)]
pub struct WasiState {
    plugin: Arc<str>,
    traced: bool,
    random: u64,
    /// Nanoseconds of the monotonic clock.
    clock: u64,
    /// Handles that the guest holds.
    handles: u32,
    /// The moment that each pollable waits for, in nanoseconds of the monotonic clock; 0 is always ready.
    moments: Vec<u64>,
    /// Places in `moments` that are free.
    free: Vec<u32>,
    output: Vec<u8>,
    errors: Vec<u8>,
    last_words: Vec<u8>,
}

/// Where something is printed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

impl WasiState {
    /// Starts an instance's state. `traced`: whether what it prints may be shown in the trace.
    pub fn new(plugin: Arc<str>, traced: bool) -> Self {
        Self {
            plugin,
            traced,
            random: SEED,
            clock: 0,
            handles: 0,
            moments: Vec::new(),
            free: Vec::new(),
            output: Vec::new(),
            errors: Vec::new(),
            last_words: Vec::new(),
        }
    }

    /// The next random number (splitmix64).
    pub fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The monotonic clock, in nanoseconds.
    pub fn now(&self) -> u64 {
        self.clock
    }

    /// Counts a handle that the guest is given.
    pub fn hand_out(&mut self) -> Result<(), Stop> {
        if self.handles >= HANDLES {
            let detail = format!("holds more than {HANDLES} handles of WASI");
            return Err(Stop::new(StopReason::ComponentResources, detail).limit(u64::from(HANDLES)));
        }
        self.handles += 1;
        Ok(())
    }

    /// Makes a pollable that is ready at a moment of the monotonic clock; counts it as a handle.
    pub fn pollable(&mut self, moment: u64) -> Result<u32, Stop> {
        self.hand_out()?;
        if let Some(place) = self.free.pop() {
            self.moments[place as usize] = moment;
            return Ok(place);
        }
        self.moments.push(moment);
        // There are no more of them than handles.
        Ok(u32::try_from(self.moments.len() - 1).unwrap_or(u32::MAX))
    }

    /// Takes back a handle that the guest dropped; `pollable` is the one that it was.
    pub fn dropped(&mut self, pollable: Option<u32>) {
        self.handles = self.handles.saturating_sub(1);
        self.free.extend(pollable.filter(|place| (*place as usize) < self.moments.len()));
    }

    /// The moment that a pollable waits for.
    pub fn moment(&self, pollable: u32) -> u64 {
        self.moments.get(pollable as usize).copied().unwrap_or(0)
    }

    /// Waits for a moment: the clock moves there, and not back.
    pub fn wait_for(&mut self, moment: u64) {
        self.clock = self.clock.max(moment);
    }

    /// Takes what the guest prints; whole lines reach the trace. The caller has counted the bytes.
    pub fn print(&mut self, to: Printed, bytes: &[u8]) {
        if to == Printed::Errors {
            self.last_words.extend(bytes);
            let much = self.last_words.len().saturating_sub(LAST_WORDS);
            self.last_words.drain(..much);
        }
        let buffer = match to {
            Printed::Output => &mut self.output,
            Printed::Errors => &mut self.errors,
        };
        buffer.extend(bytes);
        let Some(end) = buffer.iter().rposition(|byte| *byte == b'\n') else { return };
        let lines: Vec<u8> = buffer.drain(..=end).collect();
        self.trace(&lines);
    }

    fn trace(&self, lines: &[u8]) {
        for line in String::from_utf8_lossy(lines).lines().filter(|line| self.traced && !line.is_empty()) {
            let line = text::printable_line(line);
            tracing::info!(target: "packbox::guest", plugin = &*self.plugin, "{line}");
        }
    }

    /// The end of what was printed to standard error, as one line; none where nothing was.
    pub fn last_words(&self) -> Option<String> {
        let words = String::from_utf8_lossy(&self.last_words);
        // Rust's own advice for panics is about an environment that is not there.
        let lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note: run with"));
        let words = lines.collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then(|| text::printable_line(&words))
    }
}

impl Drop for WasiState {
    fn drop(&mut self) {
        for rest in [std::mem::take(&mut self.output), std::mem::take(&mut self.errors)] {
            self.trace(&rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> WasiState {
        WasiState::new("test".into(), false)
    }

    #[test]
    fn every_instance_starts_the_same() {
        let (mut one, mut other) = (state(), state());
        assert_eq!([one.random(), one.random()], [other.random(), other.random()]);
        assert_ne!(one.random(), one.random());
        assert_eq!(one.now(), 0);
    }

    #[test]
    fn waiting_moves_the_clock_and_places_are_used_again() {
        let mut state = state();
        let one = state.pollable(50).expect("room");
        let other = state.pollable(20).expect("room");
        state.wait_for(state.moment(one));
        state.wait_for(state.moment(other));
        assert_eq!(state.now(), 50);
        state.dropped(Some(one));
        assert_eq!(state.pollable(70), Ok(one));
    }

    #[test]
    fn handles_are_counted() {
        let mut state = state();
        for _ in 0..HANDLES {
            state.hand_out().expect("room");
        }
        assert_eq!(state.pollable(0).expect_err("too many").reason, StopReason::ComponentResources);
        state.dropped(None);
        state.hand_out().expect("room");
    }

    #[test]
    fn the_last_words_are_the_end_of_the_errors() {
        let mut state = state();
        assert_eq!(state.last_words(), None);
        state.print(Printed::Output, b"nothing of this\n");
        state.print(Printed::Errors, &[b'x'; 2 * LAST_WORDS]);
        state.print(
            Printed::Errors,
            b"\nthread 'main' panicked at src/lib.rs:1:2:\nboom\nnote: run with `RUST_BACKTRACE=1`\n",
        );
        let words = state.last_words().expect("words");
        assert!(words.ends_with("x thread 'main' panicked at src/lib.rs:1:2: boom") && words.len() <= LAST_WORDS);
    }
}
