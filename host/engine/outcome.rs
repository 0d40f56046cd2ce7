//! What came of a call, and what it cost.

use serde::Serialize;

use super::answers::Came;
use crate::abi::{GuestDiagnostic, GuestFailure};
use crate::error::Error;
use crate::limits::Held;
use crate::stop::{Stop, StopReason};

/// The fuel that a call has in the measure profile for each nanosecond that it may take at most; most guests use more.
pub(super) const FUEL_PER_NANOSECOND: u64 = 2;

/// Fuel that the start of an instance may take without being charged for. Filling memories takes less, where a system has no
/// cheaper way, so that what a run is charged for doesn't depend on the system; a start that computes takes more.
const FREE_START: u64 = 16_000_000;

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Usage {
    /// Wall time in nanoseconds, instantiation included; of a batch, the job's even share.
    pub nanoseconds: u64,
    /// Units of fuel that the call took, without the start of its instance; measure profile only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// Units of fuel that the start of its instance took, which a run is charged for where they are many.
    #[serde(skip)]
    pub starting: u64,
    /// The most bytes of memories and tables in use at once.
    pub memory: u64,
}

impl Usage {
    /// What a run is charged for so many of such calls, where fuel is counted. A call that was stopped by time, as single
    /// instructions of it take very long, counts for as much fuel as it had for that time.
    #[must_use]
    pub(super) fn charge<T>(&self, result: &Result<T, CallError>, times: u64) -> Charge {
        let used = self.fuel.unwrap_or(0).saturating_mul(times);
        let starting = self.starting.saturating_sub(FREE_START).saturating_mul(times);
        let by_time = match result {
            Err(CallError::Stopped(stop)) if stop.reason == StopReason::Time && self.fuel.is_some() => {
                self.nanoseconds.saturating_mul(FUEL_PER_NANOSECOND)
            }
            _ => 0,
        };
        Charge { used, counted: used.saturating_add(starting).max(by_time) }
    }

    /// What two calls cost, one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds.saturating_add(other.nanoseconds),
            fuel: match (self.fuel, other.fuel) {
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
                (one, other) => one.or(other),
            },
            starting: self.starting.saturating_add(other.starting),
            memory: self.memory.max(other.memory),
        }
    }
}

/// Fuel that a run is charged for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Charge {
    /// What was used, which is told.
    pub used: u64,
    /// What counts.
    pub counted: u64,
}

/// Why a job was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untried {
    /// Another item of the same template or expression was stopped before it.
    AfterItem,
    /// Something that the run may use was used up.
    Spent(Stop),
}

/// Why a job has no result.
#[derive(Debug)]
pub enum CallError {
    /// The plugin says that the input is at fault.
    Invalid(Vec<GuestDiagnostic>),
    /// The plugin does not do what was asked.
    Unsupported(String),
    /// The plugin says that it failed.
    Internal(String),
    /// A limit or a trap stopped it.
    Stopped(Stop),
    /// Its exports do not have the types of the ABI.
    Refused(Error),
    /// It was not called.
    Untried(Untried),
}

impl From<GuestFailure> for CallError {
    fn from(failure: GuestFailure) -> Self {
        match failure {
            GuestFailure::Invalid(diagnostics) => Self::Invalid(diagnostics.0),
            GuestFailure::Unsupported(text) => Self::Unsupported(text.0),
            GuestFailure::Internal(text) => Self::Internal(text.0),
        }
    }
}

/// What came of a job.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The result, or why there is none.
    pub result: Result<T, CallError>,
    /// What it cost.
    pub usage: Usage,
    /// What the run holds for the result, given back when this is dropped.
    pub held: Held,
    /// Where it came from.
    pub came: Came,
}

impl<T> Outcome<T> {
    /// A job without a result.
    pub(super) fn failed(error: CallError) -> Self {
        Self { result: Err(error), usage: Usage::default(), held: Held::default(), came: Came::default() }
    }
}
