//! Whether the user asked to stop: a flag that everything long looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// A flag that a signal handler sets and that work looks at. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Creates a flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wraps a flag that somebody else sets, for instance a signal handler.
    #[must_use]
    pub fn from_flag(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Asks everything that looks at it to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Fails where somebody asked to stop, before anything is changed.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn go_on(&self) -> Result<()> {
        if self.is_set() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"));
        }
        Ok(())
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
