//! Permits: how many instances may exist at once, and how much memory all may take together. Whoever finds none waits.

use std::sync::{Condvar, Mutex, PoisonError};

/// A semaphore that counts instances and bytes. Who came first is served first, so that a large one is not passed by for
/// ever.
#[derive(Debug)]
pub struct Permits {
    free: Mutex<Free>,
    changed: Condvar,
    bytes: u64,
    count: u32,
}

#[derive(Debug)]
struct Free {
    instances: u32,
    bytes: u64,
    /// The ticket that the next one who comes is given.
    next: u64,
    /// The ticket that is served.
    served: u64,
}

/// One permit; given back when dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    permits: &'a Permits,
    bytes: u64,
}

impl Permits {
    /// Makes this many permits, for so many bytes together.
    #[must_use]
    pub fn new(count: u32, bytes: u64) -> Self {
        let free = Free { instances: count, bytes, next: 0, served: 0 };
        Self { free: Mutex::new(free), changed: Condvar::new(), bytes, count }
    }

    /// The most that one may have.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.bytes
    }

    /// What each has where as many as may exist at once share the memory evenly.
    #[must_use]
    pub fn even_share(&self) -> u64 {
        self.bytes / u64::from(self.count.max(1))
    }

    /// Takes a permit for an instance with so many bytes of memory, waiting until there is one; more than there are counts
    /// as all. The holder must not wait for another one, nor enter a join of a thread pool whose threads do: that would
    /// wait for ever.
    pub fn take(&self, bytes: u64) -> Permit<'_> {
        let bytes = bytes.min(self.bytes);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = free.next;
        free.next += 1;
        while free.served != ticket || free.instances == 0 || free.bytes < bytes {
            free = self.changed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        free.served += 1;
        free.instances -= 1;
        free.bytes -= bytes;
        drop(free);
        self.changed.notify_all();
        Permit { permits: self, bytes }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut free = self.permits.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.instances += 1;
        free.bytes += self.bytes;
        drop(free);
        self.permits.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn instances_and_bytes_are_never_more_than_there_are_and_large_ones_get_their_turn() {
        let permits = Permits::new(4, 100);
        let (held, count, large) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for worker in 0..8_u64 {
                let (permits, held, count, large) = (&permits, &held, &count, &large);
                scope.spawn(move || {
                    for turn in 0..200 {
                        let bytes = if (worker + turn) % 7 == 0 { 1000 } else { 10 + worker };
                        let permit = permits.take(bytes);
                        let bytes = bytes.min(100);
                        assert!(held.fetch_add(bytes, Ordering::SeqCst) + bytes <= 100);
                        assert!(count.fetch_add(1, Ordering::SeqCst) < 4);
                        large.fetch_add(bytes / 100, Ordering::SeqCst);
                        std::thread::yield_now();
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        count.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert!(large.load(Ordering::SeqCst) > 100);
        assert_eq!((permits.most(), permits.even_share()), (100, 25));
    }
}
