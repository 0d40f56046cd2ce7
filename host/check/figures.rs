//! What a pack cost when all its templates were rendered once: the sum of its report's measurements.

use super::report::Measured;
use crate::library::Figures;

/// Adds up what was measured at `when`, in seconds since 1970.
#[must_use]
pub fn figures(calls: &[Measured], when: u64) -> Figures {
    Figures {
        calls: calls.len() as u64,
        fuel: calls.iter().map(|call| call.fuel).sum(),
        nanoseconds: calls.iter().map(|call| call.nanoseconds).sum(),
        slowest_nanoseconds: calls.iter().map(|call| call.nanoseconds).max().unwrap_or(0),
        memory: calls.iter().map(|call| call.memory).max().unwrap_or(0),
        bytes_out: calls.iter().map(|call| call.bytes_out).sum(),
        when,
    }
}
