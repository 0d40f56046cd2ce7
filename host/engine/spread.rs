//! Many pieces of work over the workers, taken in their order.
//!
//! Each worker takes the next piece from a counter and does it to the end; what a piece spreads over the workers itself
//! (its batches) is stolen by those that have nothing to do. So no worker ever begins a second piece while it waits within
//! a first one, however many there are.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::setup::Engine;
use crate::error::Result;

/// How far the workers may be ahead of what was taken: what waits to be taken stays in memory.
const AHEAD: usize = 64;
/// How often a worker that waits looks whether the user interrupted.
const LOOK_UP: Duration = Duration::from_millis(50);

impl Engine {
    /// Does `count` pieces of work on the workers, and hands what comes of each to `take`, in order. After an interrupt no
    /// further piece is begun.
    ///
    /// # Errors
    /// `Io` where threads can't be started.
    pub fn spread<T: Send>(
        &self,
        count: usize,
        work: &(dyn Fn(usize) -> T + Sync),
        take: &mut dyn FnMut(usize, T),
    ) -> Result<()> {
        let next = AtomicUsize::new(0);
        let taken = Mutex::new(0_usize);
        let was_taken = Condvar::new();
        let interrupt = &self.options.interrupt;
        let (sender, receiver) = channel();
        let run = || {
            let sender = sender;
            self.on_workers(|| {
                rayon::broadcast(|_| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= count || interrupt.is_set() {
                            break;
                        }
                        let mut done = taken.lock().unwrap_or_else(PoisonError::into_inner);
                        while index >= *done + AHEAD && !interrupt.is_set() {
                            let waited = was_taken.wait_timeout(done, LOOK_UP);
                            done = waited.unwrap_or_else(PoisonError::into_inner).0;
                        }
                        drop(done);
                        if sender.send((index, work(index))).is_err() {
                            break;
                        }
                    }
                });
            })
        };
        std::thread::scope(|scope| {
            let runner = scope.spawn(run);
            let mut waiting = BTreeMap::new();
            let mut expected = 0;
            for (index, piece) in receiver {
                waiting.insert(index, piece);
                while let Some(piece) = waiting.remove(&expected) {
                    take(expected, piece);
                    expected += 1;
                    *taken.lock().unwrap_or_else(PoisonError::into_inner) = expected;
                    was_taken.notify_all();
                }
            }
            runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}
