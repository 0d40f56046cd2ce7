//! What work costs, and how that grows with the length of a list.
//!
//! Always true here: the whole process is looked at, since work is spread over threads; so whoever measures is alone.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much longer the longer list is.
pub const TIMES: usize = 8;
/// What is allowed beyond that for bytes: vectors double, so that one may just have done so.
const MORE_BYTES: f64 = 1.5;
/// And for time: caches and neighbours.
const MORE_TIME: f64 = 3.0;
/// Runs of each list, of which the quickest counts; they take turns, so that a neighbour takes from both.
const RUNS: usize = 3;
/// How often so many runs are added, until what was measured is allowed. Time that a neighbour takes, or a processor that
/// is slowed down, passes; what grows faster than its list does not.
const ATTEMPTS: usize = 10;
/// How long neighbours are waited for before an attempt that is not the first.
const PAUSE: Duration = Duration::from_millis(200);

/// Counts what is allocated.
struct Counting;

static ALLOCATED: AtomicU64 = AtomicU64::new(0);

// SAFETY: all of it is done by `System`; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// CPU time of this process.
fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is this function's own.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(answer, 0);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("below a second"))
}

#[derive(Clone, Copy)]
struct Cost {
    bytes: f64,
    seconds: f64,
}

impl Cost {
    const MOST: Self = Self { bytes: f64::MAX, seconds: f64::MAX };

    fn of(work: impl FnOnce()) -> Self {
        let (bytes, time) = (ALLOCATED.load(Ordering::Relaxed), now());
        work();
        let bytes = ALLOCATED.load(Ordering::Relaxed) - bytes;
        let time = now().checked_sub(time).expect("a clock that goes on");
        #[expect(clippy::cast_precision_loss, reason = "ratios need no more")]
        Self { bytes: bytes as f64, seconds: time.as_secs_f64() }
    }

    fn least(self, other: Self) -> Self {
        Self { bytes: self.bytes.min(other.bytes), seconds: self.seconds.min(other.seconds) }
    }
}

/// Held by the one test that does anything.
pub struct Alone(#[expect(dead_code, reason = "held until it is dropped")] MutexGuard<'static, ()>);

impl Alone {
    /// Waits until no other test does anything.
    pub fn wait() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        Self(TURN.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Compares what `work` costs for a list of `length` elements with what it costs for one that is [`TIMES`] as long.
    #[expect(clippy::unused_self, reason = "whoever measures is alone")]
    pub fn grows_with_its_length<T>(&self, name: &str, length: usize, list: impl Fn(usize) -> T, work: impl Fn(&T)) {
        let (short_list, long_list) = (list(length), list(length * TIMES));
        let (mut short, mut long) = (Cost::MOST, Cost::MOST);
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let times = TIMES as f64;
        let (mut bytes, mut time) = (f64::MAX, f64::MAX);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            for _ in 0..RUNS {
                short = short.least(Cost::of(|| work(&short_list)));
                long = long.least(Cost::of(|| work(&long_list)));
            }
            (bytes, time) = (long.bytes / short.bytes, long.seconds / short.seconds);
            if bytes <= times * MORE_BYTES && time <= times * MORE_TIME {
                break;
            }
        }
        println!(
            "{name}: {TIMES} times as long, {bytes:.1} times the bytes, {time:.1} times the time, {:.2} s",
            long.seconds
        );
        assert!(bytes <= times * MORE_BYTES, "{name}: {TIMES} times as long takes {bytes:.1} times the bytes");
        assert!(time <= times * MORE_TIME, "{name}: {TIMES} times as long takes {time:.1} times the time");
    }
}
