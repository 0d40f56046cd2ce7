//! How large batches are, how long one may take, and how many may be given up: what a batch that comes to nothing costs.
//!
//! Always true here: what was given up has taken no longer than what counted, and a quarter of a second more for each call of
//! many jobs, and what was then under way: a batch on each thread, each with a quarter of the time limit at most. So batches
//! at most double what a call costs, but for that, and jobs that all end cost in proportion to their number. Results don't
//! depend on any of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::exports::Export;
use crate::limits::Limits;

/// What a batch may take, whatever it is given. Enough for 25 templates of 4 ms each, of which few are larger.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// What it may take for each byte that it is given, as reading a large context takes longer than that: 10 MB/s, a
/// quarter of what the slowest built-in engine needs.
const NANOSECONDS_PER_BYTE: u64 = 100;
/// What the given-up batches of a call may take beyond what its other calls took.
const AHEAD: Duration = Duration::from_millis(250);
/// Jobs of a batch at the least, where there are as many: less is not worth an instance.
const LEAST_JOBS: usize = 1000;
/// What a job counts for beside its bytes.
const JOB_BYTES: u64 = 64;

/// What is left to be given up in a call, over all of its threads.
#[derive(Debug)]
pub(super) struct Patience {
    counted: AtomicU64,
    given_up: AtomicU64,
}

impl Patience {
    /// Begins with what a call may take ahead.
    pub fn new(limits: &Limits) -> Self {
        Self { counted: AtomicU64::new(nanoseconds(AHEAD.min(limits.time / 4))), given_up: AtomicU64::new(0) }
    }

    /// Whether a batch may be tried.
    pub fn is_left(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) <= self.counted.load(Ordering::Relaxed)
    }

    /// A call took so long, and its outcome counts.
    pub fn counted(&self, nanoseconds: u64) {
        self.counted.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// A batch, or a part of it, took so long for nothing: its jobs are called again.
    pub fn given_up(&self, nanoseconds: u64) {
        self.given_up.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// What a batch of a call may take: at most a quarter of the time limit, so that a guest that never ends costs its
/// deadline and not twice that.
pub(super) fn time_for<E: Export>(export: &E, jobs: &[E::Job], limits: &Limits) -> Duration {
    let bytes = jobs.iter().map(weight::<E>).fold(export.shared_bytes(), u64::saturating_add);
    let reading = Duration::from_nanos(bytes.saturating_mul(NANOSECONDS_PER_BYTE));
    BATCH_TIME.saturating_add(reading).saturating_mul(E::SLOWNESS).min(limits.time / 4)
}

/// The jobs of a call in batches, each of which is worth reading what they share: it has as many bytes of its own. So
/// all of them together cost in proportion to their number, however large the context is that comes with it.
pub(super) fn batches<E: Export>(export: &E) -> Vec<&[E::Job]> {
    let shared = export.shared_bytes();
    let mut batches = Vec::new();
    let mut rest = export.jobs();
    while !rest.is_empty() {
        let mut bytes = 0_u64;
        let worth = rest.iter().enumerate().position(|(index, job)| {
            bytes = bytes.saturating_add(weight::<E>(job));
            index + 1 >= LEAST_JOBS && bytes >= shared
        });
        let (batch, others) = rest.split_at(worth.map_or(rest.len(), |last| last + 1));
        batches.push(batch);
        rest = others;
    }
    batches
}

fn weight<E: Export>(job: &E::Job) -> u64 {
    E::job_bytes(job).saturating_add(JOB_BYTES)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{ExpressionSource, Mode};
    use crate::engine::exports::expressions::Evaluate;

    fn sizes(context: usize, jobs: usize) -> Vec<usize> {
        let context = vec![b' '; context];
        let sources =
            vec![ExpressionSource { text: "0123456789", mode: Mode::Template, locals: b"{\"item\":1}" }; jobs];
        batches(&Evaluate { context: &context, sources: sources.into() }).iter().map(|batch| batch.len()).collect()
    }

    #[test]
    fn a_batch_has_as_many_bytes_as_what_it_shares_and_jobs_enough() {
        assert_eq!(sizes(10, 0), [0_usize; 0]);
        assert_eq!(sizes(10, 1), [1]);
        assert_eq!(sizes(10, 2500), [1000, 1000, 500]);
        // 84 bytes for each.
        assert_eq!(sizes(84 * 2000, 5000), [2000, 2000, 1000]);
    }

    #[test]
    fn what_is_given_up_never_takes_longer_than_what_counts_and_the_time_ahead() {
        let patience = Patience::new(&Limits::DEFAULT);
        assert!(patience.is_left());
        patience.given_up(nanoseconds(AHEAD) + 1);
        assert!(!patience.is_left());
        patience.counted(1);
        assert!(patience.is_left());
    }

    #[test]
    fn the_time_of_a_batch_grows_with_what_it_reads_up_to_a_quarter_of_the_limit() {
        let time = |context: usize, limits: &Limits| {
            let context = vec![b' '; context];
            let jobs = [ExpressionSource { text: "", mode: Mode::Template, locals: b"" }];
            time_for(&Evaluate { context: &context, sources: jobs.as_slice().into() }, &jobs, limits)
        };
        assert_eq!(time(0, &Limits::DEFAULT), BATCH_TIME + Duration::from_nanos(6400));
        assert_eq!(time(1_000_000, &Limits::DEFAULT), BATCH_TIME + Duration::from_nanos(100_006_400));
        assert_eq!(time(10_000_000, &Limits::DEFAULT), Limits::DEFAULT.time / 4);
        assert_eq!(time(0, &Limits { time: Duration::from_millis(20), ..Limits::DEFAULT }), Duration::from_millis(5));
    }
}
