//! What happens while something takes long: it is told, and the user may want to stop.

use std::sync::Arc;

use crate::interrupt::Interrupt;
use crate::progress::{Event, Progress, Silent};

/// Who is told what takes a while, and whether to stop.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Looked at all the while.
    pub interrupt: Interrupt,
    /// Told what is fetched, and once for each time of waiting.
    pub progress: Arc<dyn Progress>,
}

impl Waiting {
    /// Tells that it begins.
    pub(super) fn tell(&self) {
        tracing::info!("waiting for another process that uses the store");
        self.progress.on(&Event::WaitingForLibrary);
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self { interrupt: Interrupt::new(), progress: Arc::new(Silent) }
    }
}
