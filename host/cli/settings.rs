//! How an engine is set up by what was typed.

use std::num::NonZeroUsize;

use crate::engine::Profile;

/// What every engine of the command line is set up by.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Threads.
    pub jobs: Option<NonZeroUsize>,
    /// What calls are counted by.
    pub profile: Profile,
    /// Whether no compiled code is kept.
    pub no_cache: bool,
}
