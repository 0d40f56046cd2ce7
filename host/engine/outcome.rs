//! What came of a call, and what it cost.

use serde::Serialize;

use crate::abi::{GuestDiagnostic, GuestFailure};
use crate::error::Error;
use crate::stop::Stop;

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Wall time in nanoseconds, instantiation included; of a batch, the job's even share.
    pub nanoseconds: u64,
    /// Units of fuel; measure profile only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// The most bytes of memories and tables in use at once.
    pub memory: u64,
}

impl Usage {
    /// What two calls cost, one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds.saturating_add(other.nanoseconds),
            fuel: match (self.fuel, other.fuel) {
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
                (one, other) => one.or(other),
            },
            memory: self.memory.max(other.memory),
        }
    }
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
}
