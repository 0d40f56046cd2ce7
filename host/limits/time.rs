//! The time that all packs of a command may take together.
//!
//! Always true here: it begins once and goes on whatever is waited for; who is stopped by it is told so, typed.

use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::stop::{Stop, StopReason};
use crate::text::format_duration;

/// A time that is over at some point.
#[derive(Debug, Clone, Copy)]
pub struct TimeBudget {
    whole: Duration,
    began: Instant,
}

impl TimeBudget {
    /// Begins now.
    #[must_use]
    pub fn begin(whole: Duration) -> Self {
        Self { whole, began: Instant::now() }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.began.elapsed() >= self.whole
    }

    /// Why what is going on is stopped.
    #[must_use]
    pub fn stop(&self) -> Stop {
        let detail = format!("the time budget of all packs together, {}, was used up", format_duration(self.whole));
        let limit = u64::try_from(self.whole.as_millis()).unwrap_or(u64::MAX);
        Stop::new(StopReason::TimeBudget, detail).limit(limit)
    }

    /// Why a pack was not begun.
    #[must_use]
    pub fn unreached(&self) -> Error {
        let stop = self.stop();
        Error::new(ErrorKind::Stopped, format!("skipped: {}", stop.detail))
            .hint("give more with `--time-budget`, or check fewer packs at once")
            .with_stop(stop)
    }
}
