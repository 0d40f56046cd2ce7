//! The only place that knows wasmtime: from a component's bytes to the outcome of a call.
//!
//! Always true here: a call is a pure function with limits; nothing of a stranger's component is compiled in this process
//! unless the embedder said so.

#[cfg(test)]
mod adapter_tests;
mod answers;
mod bounds;
mod cache;
mod call;
mod callee;
mod claims;
mod compiler;
mod config;
mod docket;
mod entry_lock;
pub mod exports;
mod fixed;
#[cfg(test)]
mod fuel_tests;
mod header;
mod health;
mod input;
mod instance;
mod interface;
mod load;
mod merge;
mod options;
mod outcome;
mod patience;
mod permits;
mod plugin;
mod prepare;
mod prove;
mod recorder;
mod render;
mod replay;
mod run;
mod sampler;
mod setup;
mod spread;
mod state;
mod symbols;
mod terms;
mod ticker;
mod wasi;
mod wasi_state;

pub use crate::limits::{LimitRequest, Limits};
pub use answers::{Asked, Book, Came, Known, Question, Recall, Tag, Why};
pub use cache::{CacheKeySource, CacheLocation, KeyState, bound_key, key_state};
pub use callee::{Callee, Deferred};
pub use claims::unwritten;
pub use compiler::{COMPILE_COMMAND, ChildOptions, Compiler, Confinement, Holds, Probe, probe_confinement, run_child};
pub use config::{Allocation, Profile, WASMTIME_VERSION, pagemap_scan_available};
pub(crate) use docket::Docket;
pub use exports::{Export, Function, Input, Role, Telling};
pub use header::{Header, Import};
pub use health::{CacheHealth, cache_health};
pub use input::{CallFile, Part, PartMut};
pub use interface::{ABI_PACKAGE, ABI_VERSION, InterfaceName};
pub use options::EngineOptions;
pub use outcome::{CallError, Outcome, Untried, Usage};
pub use plugin::{Component, Plugin};
pub use prove::{Difference, Proof};
pub use recorder::{FailedCall, Recorder, kind_of};
pub use render::Group;
pub use run::Run;
pub use sampler::{Sampler, Samples};
pub use setup::{ANSWERS, Engine};
pub(crate) use terms::{answer, form, plain_texts};
