//! Each list that a stranger can make long, eight times as long: what is done with it may cost little more than eight times
//! as much. What allocates is counted in bytes, which are nearly the same on every run. What only compares allocates
//! nothing, so CPU time is compared, too: a list that is gone through for each of its elements costs 64 times as much and
//! not 8 times, which no load of the machine makes up for. No test here asserts a speed.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "tests")]
#![expect(clippy::disallowed_macros, reason = "a test shows its figures")]

mod cost;
mod diagnostics;
mod facts;
mod manifest;
mod plans;
mod registry;
mod samples;
mod trees;
