//! The clock of the run profile: a thread that moves an engine's epoch every 10 ms.
//!
//! Always true here: the thread starts with the first call, holds no engine alive, and ends within a tick of the engine.

use std::sync::OnceLock;
use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// Time between two epochs.
pub const TICK: Duration = Duration::from_millis(10);

/// Starts the thread when it is first needed.
#[derive(Debug, Default)]
pub struct Ticker {
    runs: OnceLock<bool>,
}

impl Ticker {
    /// Makes sure that the epoch of `engine` moves every `period`; the first one to ask decides how often.
    ///
    /// # Errors
    /// `Io` where the process can have no more threads: without one no deadline would hold, so no guest may run.
    pub fn start(&self, engine: &wasmtime::Engine, period: Duration) -> Result<(), Error> {
        let runs = self.runs.get_or_init(|| {
            let engine = engine.weak();
            let tick = move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(period);
                }
            };
            std::thread::Builder::new().name("packbox-epoch".into()).spawn(tick).is_ok()
        });
        if *runs {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Io, "cannot start the thread that watches deadlines")
                .hint("raise the limit on threads (`ulimit -u`)"))
        }
    }
}
