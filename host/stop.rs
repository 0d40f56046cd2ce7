//! Why a plugin call was stopped: typed, recorded by whoever stopped it.

use std::fmt;

use serde::Serialize;

use crate::text;

/// How the rules of findings begin that tell of a stop; its name follows.
pub(crate) const RULE_OF_STOPS: &str = "plugin/stopped-";

macro_rules! reasons {
    ($($reason:ident: $name:literal, $raised:expr, $about:literal;)*) => {
        /// Which limit or fault stopped a call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum StopReason {
            $(#[doc = $about] $reason,)*
        }

        impl StopReason {
            /// Every reason, for tests that must cover each.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// Returns the reason's name as JSON shows it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }

            /// Returns what to try with `--limit` where a plugin may need that much and nobody set the limit;
            /// [`Stop::raised`] knows the one that was in force.
            #[must_use]
            pub const fn raised(self) -> Option<&'static str> {
                match self {
                    $(Self::$reason => $raised,)*
                }
            }
        }
    };
}

// Name, what to try with `--limit` where a plugin may need more, what happened.
reasons! {
    Time: "time", Some("time=10s"), "The time limit passed (epochs).";
    Fuel: "fuel", Some("fuel=8000000000"), "The fuel limit was used up (measure profile).";
    Memory: "memory", Some("memory=256MiB"), "All linear memories and tables together would exceed the memory limit.";
    Stack: "stack", Some("stack=4MiB"), "The WASM stack limit was exceeded.";
    Result: "result", Some("result=64MiB"), "What the call gave back exceeds the result limit, in bytes.";
    Outputs: "outputs", Some("outputs=10000"), "One job gave more outputs than allowed.";
    Log: "log", Some("log=1MiB"), "Log messages exceed the log limit, in bytes.";
    Input: "input", Some("input=64MiB"), "What would be handed in exceeds the input limit, in bytes; nothing ran.";
    ComponentSize: "component-size", None, "The component is larger than allowed, or is nested too deeply or has too many parts to be compiled.";
    ComponentResources: "component-resources", None, "The component asks for more instances, memories or tables than allowed.";
    CompileTime: "compile-time", None, "Compiling took longer than allowed.";
    CompileMemory: "compile-memory", None, "Compiling took more memory than allowed, or the compiler died.";
    CompileForbidden: "compile-forbidden", None, "The compiler tried something that compiling never needs.";
    RunMemory: "run-memory", Some("run-memory=2GiB"), "What the run holds, or what a plugin asks for, is more than the run's share of memory, in bytes.";
    RunTime: "run-time", Some("run-time=60m"), "The run's time passed.";
    RunFuel: "run-fuel", Some("run-fuel=1000000000000"), "All calls together used up the run's fuel.";
    RunStops: "run-stops", Some("run-stops=10000"), "More calls were stopped than a run allows.";
    RunOutputs: "run-outputs", Some("run-outputs=1000000"), "More files are planned or generated than a run may have.";
    RunOutputBytes: "run-output-bytes", Some("run-output-bytes=8GiB"), "The generated files together are larger than a run may make, in bytes.";
    RunFindings: "run-findings", Some("run-findings=1000000"), "There are more findings and remarks than a run keeps.";
    RunCompile: "run-compile", Some("run-compile=10m"), "Compiling the pack's components took more CPU time than a run has.";
    TimeBudget: "time-budget", None, "The time that all packs of a command may take together (`--time-budget`) passed.";
    Trap: "trap", None, "The component trapped: `unreachable`, an access out of bounds, a division by zero.";
    InvalidResult: "invalid-result", None, "The component gave back something that its interface does not allow.";
    Interrupted: "interrupted", None, "The user interrupted the run.";
}

/// A place in the source of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    /// The file, without what only its author's machine knows.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1; 0 where only the line is known.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)?;
        if self.column > 0 { write!(formatter, ":{}", self.column) } else { Ok(()) }
    }
}

/// A call of a guest that was under way when it was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Frame {
    /// The function's name; `function[7]` where the component keeps no names.
    pub function: String,
    /// Where in the source it was, where the component has debug information.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// Beginnings of the names of functions that turn a panic into a trap.
const MACHINERY: &[&str] = &[
    "core::panicking::",
    "std::panicking::",
    "std::panic::",
    "std::process::abort",
    "std::sys::",
    "std::alloc::",
    "__rustc::",
    "rust_begin_unwind",
    "rust_panic",
    "__rust_",
    "__wasilibc_",
    "panic_abort",
    "alloc::alloc::handle_alloc_error",
    "core::result::unwrap_failed",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::slice::index::",
    "abort",
];

impl Frame {
    /// Whether it only turns a panic into a trap.
    #[must_use]
    pub fn is_machinery(&self) -> bool {
        MACHINERY.iter().any(|beginning| self.function.starts_with(beginning))
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(formatter, "{} ({place})", self.function),
            None => formatter.write_str(&self.function),
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
    /// The plugin that was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The export that was called, for instance `renderer.render`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// The guest's calls, innermost first; at most 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<Frame>,
}

impl Stop {
    /// Creates a stop without a limit or a backtrace.
    pub fn new(reason: StopReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), limit: None, plugin: None, export: None, backtrace: Vec::new() }
    }

    /// Names the limit that was in force.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What to try with `--limit` where a plugin may need more: at least twice the limit that was in force.
    #[must_use]
    pub fn raised(&self) -> Option<String> {
        let usual = self.reason.raised()?;
        let (name, value) = usual.split_once('=')?;
        let Some(twice) = self.limit.map(|limit| limit.saturating_mul(2)) else { return Some(usual.to_owned()) };
        let of = |unit: u64| twice.div_ceil(unit);
        let (enough, raised) = if let Some(time) = text::parse_duration(value) {
            (time.as_millis() >= u128::from(twice), format!("{}s", of(1000)))
        } else if value.ends_with("iB") {
            let enough = text::parse_bytes(value).is_some_and(|bytes| bytes >= twice);
            (enough, if twice < 1 << 20 { format!("{}KiB", of(1 << 10)) } else { format!("{}MiB", of(1 << 20)) })
        } else {
            (value.parse().is_ok_and(|count: u64| count >= twice), twice.to_string())
        };
        Some(if enough { usual.to_owned() } else { format!("{name}={raised}") })
    }

    /// Names the plugin, and the export that was called; an empty one is none.
    #[must_use]
    pub fn of(mut self, plugin: &str, export: &str) -> Self {
        self.plugin = Some(plugin.to_owned());
        self.export = Some(export.to_owned()).filter(|export| !export.is_empty());
        self
    }

    /// The innermost call that does not only turn a panic into a trap.
    #[must_use]
    pub fn culprit(&self) -> Option<&Frame> {
        self.backtrace.iter().find(|frame| !frame.is_machinery())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl std::error::Error for Stop {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_try_is_at_least_twice_what_was_in_force() {
        let raised = |reason, limit: Option<u64>| {
            let stop = Stop { limit, ..Stop::new(reason, "") };
            stop.raised()
        };
        assert_eq!(raised(StopReason::Time, None).as_deref(), Some("time=10s"));
        assert_eq!(raised(StopReason::Time, Some(2_000)).as_deref(), Some("time=10s"));
        assert_eq!(raised(StopReason::Time, Some(10_000)).as_deref(), Some("time=20s"));
        assert_eq!(raised(StopReason::Memory, Some(1 << 30)).as_deref(), Some("memory=2048MiB"));
        assert_eq!(raised(StopReason::Fuel, Some(8_000_000_000)).as_deref(), Some("fuel=16000000000"));
        assert_eq!(raised(StopReason::Trap, Some(1)), None);
        for reason in StopReason::ALL.iter().filter(|reason| reason.raised().is_some()) {
            let limit = 1 << 40;
            let raised = raised(*reason, Some(limit)).unwrap();
            let (name, value) = raised.split_once('=').unwrap();
            let number = text::parse_duration(value).map(|time| u64::try_from(time.as_millis()).unwrap());
            let number = number.or_else(|| text::parse_bytes(value)).or_else(|| value.parse().ok());
            assert!(name == reason.name() && number.is_some_and(|number| number >= 2 * limit), "{raised}");
        }
    }
}
