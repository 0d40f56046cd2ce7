//! The compiler child: takes limits, reads a component, gives up everything else, compiles, writes.
//!
//! Always true here: not a byte of the component is looked at before the process is confined; where the process can't be
//! confined, nothing is compiled. Threads start after that, so they are confined as well.

use std::io::{Read, Write};
use std::num::NonZeroUsize;

use super::super::config::{Profile, code_config};
use super::confine;
use super::exit::{EXIT_FAILED, EXIT_INVALID, EXIT_UNCONFINED};
use super::probe::{self, Probe};

/// The most threads that compile: the stack and the heap of each take address space, which is limited.
const MOST_THREADS: usize = 16;

/// What the child was asked to do.
#[derive(Debug, Clone, Copy)]
pub struct ChildOptions {
    /// Which engine the code is for.
    pub profile: Profile,
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of CPU time, of all threads together.
    pub seconds: u64,
    /// What to try instead of compiling.
    pub probe: Option<Probe>,
}

/// The child's side: confines itself, and compiles the component on standard input to standard output. Returns the exit
/// code.
#[must_use]
pub fn run_child(options: ChildOptions) -> u8 {
    if let Some(probe) = options.probe {
        return probe::run(probe, options.memory);
    }
    match compile_standard_input(options) {
        Ok(()) => 0,
        Err((code, complaint)) => {
            // Whoever started us has closed the pipe if this fails, and sees the exit code all the same.
            let _ = writeln!(std::io::stderr().lock(), "{complaint}");
            code
        }
    }
}

fn compile_standard_input(options: ChildOptions) -> Result<(), (u8, String)> {
    let failed = |what: &str, error: &dyn std::fmt::Display| (EXIT_FAILED, format!("{what}: {error}"));
    // The parent looks at this, too, and sees it sooner.
    confine::limit_self(options.memory, options.seconds).map_err(unconfined)?;
    let mut component = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut component);
    read.map_err(|error| failed("cannot read the component", &error))?;
    let engine = wasmtime::Engine::new(&code_config(options.profile));
    let engine = engine.map_err(|error| failed("cannot set up the compiler", &format_args!("{error:#}")))?;
    // Counting cores reads files, so it comes before they are given up.
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS);
    confine::give_up_files().map_err(unconfined)?;
    confine::allow_compiling_only().map_err(unconfined)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| failed("cannot start threads", &error))?;
    let compiled = engine.precompile_component(&component);
    let compiled = compiled.map_err(|error| (EXIT_INVALID, format!("{error:#}")))?;
    let written = std::io::stdout().lock().write_all(&compiled);
    written.map_err(|error| failed("cannot write compiled code", &error))
}

fn unconfined(reason: String) -> (u8, String) {
    (EXIT_UNCONFINED, reason)
}
