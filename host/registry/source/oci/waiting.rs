//! Waiting for the network: with an eye on the user who may want to stop, and on servers that send next to nothing.
//!
//! Always true here: an interrupt ends every wait within 50 ms; what is no longer waited for is left to itself, and ends at the
//! latest when the server has been silent for too long.

use std::io::Read as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use ureq::Body;
use ureq::http::Response;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

/// A server may be slow for so long; from then on it has to send [`SLOWEST`] on average.
const SLOW_START: Duration = Duration::from_secs(60);
/// Bytes a second.
const SLOWEST: u64 = 1024;
/// How often an interrupt is looked at while something is waited for.
const LOOK: Duration = Duration::from_millis(50);
/// Pieces of a body that may wait to be looked at.
const WAITING: usize = 4;
/// How often a request is made that fails for a reason that may pass.
pub(super) const TRIES: u32 = 5;
/// The longest that a server can have us wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Waits, [`LONGEST_WAIT`] at the most.
///
/// # Errors
/// `Interrupted`.
pub(super) fn pause(wait: Duration, interrupt: &Interrupt) -> Result<()> {
    let end = Instant::now() + wait.min(LONGEST_WAIT);
    loop {
        interrupt.go_on()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(LOOK));
    }
}

/// Does something that waits for the network, and stops waiting where the user wants to stop. Nothing came of it where it
/// panicked.
///
/// # Errors
/// `Interrupted`; `Io` where there are no threads.
pub(super) fn waited<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    interrupt: &Interrupt,
) -> Result<Option<T>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    beside(move || {
        let _ = sender.send(work());
    })?;
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(done) => return Ok(Some(done)),
            Err(RecvTimeoutError::Timeout) => interrupt.go_on()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}

/// Does something on a thread of its own, which ends at the latest when the server is silent for too long.
fn beside(work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name("network".to_owned());
    thread.spawn(work).map(drop).map_err(|error| Error::io("cannot start a thread", error))
}

/// A body, as it comes.
pub(super) struct Chunks(Receiver<std::io::Result<Vec<u8>>>);

impl Chunks {
    /// Reads a body, at most `most` bytes of it, piece by piece as it comes.
    pub fn of(response: Response<Body>, most: u64) -> Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        beside(move || {
            let mut reader = response.into_body().into_reader().take(most);
            let mut chunk = vec![0; 64 << 10];
            loop {
                let read = match reader.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(read) => Ok(chunk[..read].to_vec()),
                    Err(error) => Err(error),
                };
                let is_last = read.is_err();
                // Nobody waits any more where this fails.
                if sender.send(read).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Self(receiver))
    }

    /// The next piece; none at the end, or where `goes_on`, which is asked all the while, says that it does not.
    pub fn next(&mut self, goes_on: &mut dyn FnMut() -> Result<bool>) -> Result<Option<std::io::Result<Vec<u8>>>> {
        while goes_on()? {
            match self.0.recv_timeout(LOOK) {
                Ok(chunk) => return Ok(Some(chunk)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Ok(None)
    }
}

/// Whether a server sends so little that waiting for the rest makes no sense.
pub(super) fn is_too_slow(elapsed: Duration, bytes: usize) -> bool {
    elapsed > SLOW_START && (bytes as u64) < elapsed.as_secs() * SLOWEST
}

/// How long to wait after so many tries: 4 s in all before giving up.
pub(super) fn backoff(tried: u32) -> Duration {
    Duration::from_millis(100 * 3_u64.pow(tried - 1))
}

/// How long a registry asks to be left alone.
pub(super) fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_slow_but_not_for_ever() {
        assert!(!is_too_slow(Duration::from_secs(59), 0));
        assert!(!is_too_slow(Duration::from_secs(100), 200 << 10));
        assert!(is_too_slow(Duration::from_secs(61), 10));
        // A byte in every 29 seconds.
        assert!(is_too_slow(Duration::from_secs(87), 3));
    }

    #[test]
    fn tries_end_within_seconds() {
        let waits: Duration = (1..TRIES).map(backoff).sum();
        assert_eq!(waits, Duration::from_secs(4));
    }
}
