//! Why a plugin call was stopped: typed, recorded by whoever stopped it.

use std::fmt;

use serde::Serialize;

/// Which limit or fault stopped a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// The time limit passed (epochs).
    Time,
    /// The fuel limit was used up (measure profile).
    Fuel,
    /// All linear memories and tables together would exceed the memory limit.
    Memory,
    /// The WASM stack limit was exceeded.
    Stack,
    /// What the call gave back exceeds the result limit, in bytes.
    Result,
    /// One job gave more outputs than allowed.
    Outputs,
    /// Log messages exceed the log limit, in bytes.
    Log,
    /// What would be handed in exceeds the input limit, in bytes; nothing ran.
    Input,
    /// The component is larger than allowed, or nested or numerous beyond what is compiled.
    ComponentSize,
    /// The component asks for more instances, memories or tables than allowed.
    ComponentResources,
    /// Compiling took longer than allowed.
    CompileTime,
    /// Compiling took more memory than allowed, or the compiler died.
    CompileMemory,
    /// The compiler tried something that compiling never needs.
    CompileForbidden,
    /// The component trapped: `unreachable`, an access out of bounds, a division by zero.
    Trap,
    /// The component gave back something that its interface does not allow.
    InvalidResult,
    /// The user interrupted the run.
    Interrupted,
}

impl StopReason {
    /// Every reason, for tests that must cover each.
    pub const ALL: &[Self] = &[
        Self::Time,
        Self::Fuel,
        Self::Memory,
        Self::Stack,
        Self::Result,
        Self::Outputs,
        Self::Log,
        Self::Input,
        Self::ComponentSize,
        Self::ComponentResources,
        Self::CompileTime,
        Self::CompileMemory,
        Self::CompileForbidden,
        Self::Trap,
        Self::InvalidResult,
        Self::Interrupted,
    ];

    /// Returns the reason's name as JSON shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::Result => "result",
            Self::Outputs => "outputs",
            Self::Log => "log",
            Self::Input => "input",
            Self::ComponentSize => "component-size",
            Self::ComponentResources => "component-resources",
            Self::CompileTime => "compile-time",
            Self::CompileMemory => "compile-memory",
            Self::CompileForbidden => "compile-forbidden",
            Self::Trap => "trap",
            Self::InvalidResult => "invalid-result",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A stop: the reason, what it was about, and the guest's call stack where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stop {
    /// Which limit or fault it was.
    pub reason: StopReason,
    /// What happened, for people: a lower-case fragment.
    pub detail: String,
    /// The limit that was in force, in the limit's unit (bytes, milliseconds, units of fuel, a count).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Names of the guest's functions, innermost first, where the component has names; at most 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
}

impl Stop {
    /// Creates a stop without a limit or a backtrace.
    pub fn new(reason: StopReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), limit: None, backtrace: Vec::new() }
    }

    /// Names the limit that was in force.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl std::error::Error for Stop {}
