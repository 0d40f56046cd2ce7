//! SIGINT and SIGTERM: the first asks everything to stop and undo; the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// Exit code of an interrupted process.
const INTERRUPTED: i32 = 130;

/// Installs the handlers.
///
/// # Errors
/// `Io` where they can't be installed.
pub fn install() -> Result<Interrupt> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset and sets it, the second one ends the process.
        signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&asked))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&asked)))
            .map_err(|error| Error::io("cannot listen for signals", error))?;
    }
    Ok(Interrupt::from_flag(asked))
}
