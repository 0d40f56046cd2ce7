//! What happens while another process is waited for: it is told once, and the user may want to stop.

use std::fmt;
use std::sync::Arc;

use crate::interrupt::Interrupt;

/// Is told that another process is waited for.
pub type OnWait = Arc<dyn Fn() + Send + Sync>;

/// Who is told that another process is waited for, and whether to stop.
#[derive(Clone, Default)]
pub struct Waiting {
    /// Looked at all the while.
    pub interrupt: Interrupt,
    /// Told once for each time of waiting.
    pub on_wait: Option<OnWait>,
}

impl Waiting {
    /// Tells that it begins.
    pub(super) fn tell(&self) {
        tracing::info!("waiting for another process that uses the store");
        if let Some(on_wait) = &self.on_wait {
            on_wait();
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Waiting").field("told", &self.on_wait.is_some()).finish_non_exhaustive()
    }
}
