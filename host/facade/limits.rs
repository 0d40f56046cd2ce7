//! Limits that an embedder sets, by their names.
//!
//! Always true here: a limit that is not set has its documented default.

use std::fmt::Display;

use crate::error::Result;
use crate::limits::UserLimits;

/// What packs, calls and jobs may use: the limits of `docs/limits.md`, by their names.
///
/// ```
/// # fn main() -> Result<(), packbox::Error> {
/// let limits = packbox::Limits::default().set("memory", "32MiB")?.set("time", "500ms")?.set("run-time", "5s")?;
/// # let _ = limits; Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Limits {
    pairs: Vec<String>,
    parsed: UserLimits,
}

impl Limits {
    /// Sets a limit: sizes as `64MiB`, times as `2s` or `500ms`, counts as numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where there is no such limit, or the value is none that it can have.
    pub fn set(mut self, name: &str, value: impl Display) -> Result<Self> {
        self.pairs.push(format!("{name}={value}"));
        self.parsed = UserLimits::parse(&self.pairs)?;
        Ok(self)
    }

    /// Those that were parsed elsewhere.
    #[cfg(feature = "cli")]
    pub(super) fn of(parsed: UserLimits) -> Self {
        Self { pairs: Vec::new(), parsed }
    }

    pub(super) fn parsed(&self) -> &UserLimits {
        &self.parsed
    }
}
