//! What a program that embeds the command line can hook into it.

use std::sync::Arc;

use crate::generate::commit::StepObserver;
use crate::library::OnStep;

/// What a program that embeds the command line can hook into it.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Told before and after each step of a commit; tests kill the process there.
    pub observer: Option<Arc<dyn StepObserver + Send + Sync>>,
    /// The binary that compiles components that came with a pack; this one if none.
    pub compiler: Option<std::path::PathBuf>,
    /// Told the name of each step that changes the store or what is installed; tests kill the process there.
    pub on_step: Option<OnStep>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hooks").field("observed", &self.observer.is_some()).finish_non_exhaustive()
    }
}
