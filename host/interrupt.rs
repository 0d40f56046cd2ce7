//! Whether the user asked to stop: a flag that everything long looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// A flag that a signal handler sets and that work looks at. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    own: Arc<AtomicBool>,
    /// Those of others, who may ask the same work to stop.
    others: Vec<Arc<AtomicBool>>,
}

impl Interrupt {
    /// Creates a flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wraps a flag that somebody else sets, for instance a signal handler.
    #[must_use]
    pub fn from_flag(flag: Arc<AtomicBool>) -> Self {
        Self { own: flag, others: Vec::new() }
    }

    /// One for work that ends where this one is set or the other. Setting it sets this one, and leaves the other as it is.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let others = self.others.iter().chain([&other.own]).chain(&other.others);
        Self { own: Arc::clone(&self.own), others: others.map(Arc::clone).collect() }
    }

    /// Asks everything that looks at it to stop.
    pub fn set(&self) {
        self.own.store(true, Ordering::Relaxed);
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
        self.others.iter().chain([&self.own]).any(|flag| flag.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_of_two_stops_the_work_of_both() {
        let (one, all) = (Interrupt::new(), Interrupt::new());
        let (first, second) = (one.or(&all), Interrupt::new().or(&all));
        first.set();
        assert!(one.is_set() && first.is_set() && !second.is_set() && !all.is_set());
        all.set();
        assert!(second.is_set() && second.or(&Interrupt::new()).go_on().is_err());
    }
}
