//! Compiling components: in a child process with limits and walls for those that came with a pack.

mod child;
mod confine;
mod exit;
mod parent;
mod probe;

pub use child::{ChildOptions, run_child};
pub use parent::{COMPILE_COMMAND, Compilation, Compiler, POLL, compile_here, compile_in_child, last_deadline};
pub use probe::{Confinement, Holds, Probe, probe_confinement};
