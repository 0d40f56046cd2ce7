//! The only place that knows wasmtime: from a component's bytes to the outcome of a call.
//!
//! Always true here: a call is a pure function with limits; nothing of a stranger's component is compiled in this process
//! unless the embedder said so.

#[cfg(test)]
mod adapter_tests;
mod batch;
mod bounds;
mod cache;
mod call;
mod compiler;
mod config;
mod header;
mod health;
mod limits;
mod permits;
mod prepare;
mod prove;
mod recorder;
mod sampler;
mod spread;
mod state;
mod symbols;
mod ticker;
mod validate;
mod wasi;

pub use batch::Group;
pub use cache::{CacheKeySource, CacheLocation, KeyState, bound_key, key_state};
pub use call::{CallError, Outcome, Usage};
pub use compiler::{COMPILE_COMMAND, ChildOptions, Compiler, Confinement, Holds, Probe, probe_confinement, run_child};
pub use config::{Allocation, Profile, WASMTIME_VERSION, pagemap_scan_available};
pub use header::{ABI_PACKAGE, ABI_VERSION, Header, Import, InterfaceName};
pub use health::{CacheHealth, cache_health};
pub use limits::{LimitRequest, Limits};
pub use prepare::{Component, Engine, EngineOptions, OnCompile, Plugin, Role};
pub use prove::{Difference, Proof};
pub use recorder::{CallFile, FailedCall, Input, Recorder, kind_of};
pub use sampler::{Sampler, Samples};
