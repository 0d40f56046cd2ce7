//! What a run has used, and what is left of it: one account that every stage draws from.
//!
//! Always true here: what was refused once stays refused, so that a run that met its budget does not go on in part; nothing
//! is asked of a clock but how long the run has taken.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::limit::Limit;
use super::table::{RunLimits, of_runs};
use super::time::TimeBudget;
use crate::interrupt::Interrupt;
use crate::stop::{Stop, StopReason};
use crate::text::format_bytes;

/// The account of a run. Whoever keeps something for the run draws its bytes first.
#[derive(Debug)]
pub struct Budget {
    limits: RunLimits,
    began: Mutex<Instant>,
    held: AtomicU64,
    most_held: AtomicU64,
    fuel: AtomicU64,
    /// What counts as fuel.
    charged: AtomicU64,
    stops: AtomicU64,
    findings: AtomicU64,
    untried: AtomicU64,
    compiling: AtomicU64,
    calls: AtomicU64,
    spent: OnceLock<Stop>,
    company: Option<Arc<Company>>,
    time: Option<TimeBudget>,
    interrupt: Interrupt,
    /// Whether it was the company that left no room.
    crowded: AtomicBool,
}

/// Runs that go on at the same time, and hold no more together than one may hold alone.
#[derive(Debug, Default)]
pub struct Company {
    held: AtomicU64,
    /// Shared by those in company, and held alone by one that needs the room for itself.
    room: RwLock<()>,
}

/// Bytes that were drawn, and are given back when this is dropped.
#[derive(Debug, Default)]
pub struct Held(Option<(Arc<Budget>, u64)>);

/// What a run has used, beside what it was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Used {
    /// Bytes that packbox held at the most, of its part of `run-memory`.
    pub memory: Share,
    /// Milliseconds.
    pub time: Share,
    /// Units of fuel; zero where they are not counted.
    pub fuel: Share,
    /// Calls that were stopped.
    pub stops: Share,
    /// Findings and notes.
    pub findings: Share,
    /// Milliseconds of CPU time that compiling took.
    pub compile: Share,
    /// Jobs that were skipped, because a limit was used up or an item before them was stopped.
    pub untried: u64,
}

/// What was used of what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Share {
    /// What was used.
    pub used: u64,
    /// What may be used.
    pub allowed: u64,
}

impl Budget {
    /// Opens the account of a run that begins now.
    #[must_use]
    pub fn new(limits: RunLimits) -> Arc<Self> {
        Self::beside(limits, None, None, Interrupt::new())
    }

    /// Opens the account of a run beside others, which ends with a time that it shares with others, and when it is
    /// interrupted.
    #[must_use]
    pub fn beside(
        limits: RunLimits,
        company: Option<Arc<Company>>,
        time: Option<TimeBudget>,
        interrupt: Interrupt,
    ) -> Arc<Self> {
        Arc::new(Self {
            limits,
            began: Mutex::new(Instant::now()),
            held: AtomicU64::new(0),
            most_held: AtomicU64::new(0),
            fuel: AtomicU64::new(0),
            charged: AtomicU64::new(0),
            stops: AtomicU64::new(0),
            findings: AtomicU64::new(0),
            untried: AtomicU64::new(0),
            compiling: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            spent: OnceLock::new(),
            company,
            time,
            interrupt,
            crowded: AtomicBool::new(false),
        })
    }

    /// What the run may use.
    #[must_use]
    pub fn limits(&self) -> &RunLimits {
        &self.limits
    }

    /// Whether the run is to stop.
    #[must_use]
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Leaves out of the run's time what was waited for something else, such as the user or a compiler.
    pub fn waited(&self, time: Duration) {
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    fn elapsed(&self) -> Duration {
        self.began.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Draws bytes that are kept to the end of the run.
    ///
    /// # Errors
    /// [`StopReason::RunMemory`] where they are more than what is left; then the run is over.
    pub fn draw(&self, bytes: u64) -> Result<(), Stop> {
        self.try_draw(bytes).map_err(|stop| self.spend(stop))
    }

    /// Draws bytes for a result that is being copied, and may be copied later where there is no room.
    fn try_draw(&self, bytes: u64) -> Result<(), Stop> {
        let allowed = self.limits.host_memory();
        let add = |held: &AtomicU64| held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let held = add(&self.held);
        let together = self.company.as_ref().map_or(0, |company| add(&company.held));
        if held <= allowed && together <= allowed {
            self.most_held.fetch_max(held, Ordering::Relaxed);
            return Ok(());
        }
        if held <= allowed {
            self.crowded.store(true, Ordering::Relaxed);
        }
        self.give_back(bytes);
        let share = format_bytes(allowed);
        let detail = format!("the run holds more than {share} in memory, its share of `run-memory`");
        Err(Stop::new(StopReason::RunMemory, detail).limit(self.limits.run_memory))
    }

    fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(company) = &self.company {
            company.held.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Whether others left no room for it, so that it has to be done again alone.
    #[must_use]
    pub fn was_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    /// What is held now, for [`Budget::back_to`].
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Gives back all that was drawn since a mark, by a part of the run of which nothing is kept and beside which nothing
    /// else went on.
    pub fn back_to(&self, mark: u64) {
        self.give_back(self.mark().saturating_sub(mark));
    }

    /// Draws bytes that are given back later.
    ///
    /// # Errors
    /// As [`Budget::draw`].
    pub fn hold(self: &Arc<Self>, bytes: u64) -> Result<Held, Stop> {
        self.draw(bytes)?;
        Ok(Held(Some((Arc::clone(self), bytes))))
    }

    /// Counts findings or notes that are kept.
    ///
    /// # Errors
    /// [`StopReason::RunFindings`] where they are more than what is left.
    pub fn find(&self, count: u64) -> Result<(), Stop> {
        let found = self.findings.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        let allowed = self.limits.run_findings;
        self.within(found, allowed, StopReason::RunFindings, || {
            format!("there are more findings and notes than {allowed}")
        })
    }

    /// Findings that may still be kept.
    #[must_use]
    pub fn findings_left(&self) -> u64 {
        self.limits.run_findings.saturating_sub(self.findings.load(Ordering::Relaxed))
    }

    /// Checks a number of files that are planned or were generated.
    ///
    /// # Errors
    /// [`StopReason::RunOutputs`] where they are too many.
    pub fn check_outputs(&self, files: u64) -> Result<(), Stop> {
        let allowed = self.limits.run_outputs;
        self.within(files, allowed, StopReason::RunOutputs, || format!("the pack has more than {allowed} outputs"))
    }

    /// Checks the bytes of all generated files together.
    ///
    /// # Errors
    /// [`StopReason::RunOutputBytes`] where they are too many.
    pub fn check_output_bytes(&self, bytes: u64) -> Result<(), Stop> {
        let allowed = self.limits.run_output_bytes;
        self.within(bytes, allowed, StopReason::RunOutputBytes, || {
            format!("the generated files together are larger than {}", format_bytes(allowed))
        })
    }

    /// Compares what was used with what is allowed.
    fn within(&self, used: u64, allowed: u64, reason: StopReason, what: impl FnOnce() -> String) -> Result<(), Stop> {
        if used <= allowed {
            return Ok(());
        }
        Err(self.spend(Stop::new(reason, what() + ", the limit of a run").limit(allowed)))
    }

    /// Counts a call of a guest, of however many jobs.
    pub fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Calls of guests that were made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Counts CPU time that compiling took.
    pub fn compiled(&self, time: Duration) {
        self.compiling.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The CPU time that is left for compiling.
    ///
    /// # Errors
    /// [`StopReason::RunCompile`] where there is none.
    pub fn left_to_compile(&self) -> Result<Duration, Stop> {
        let used = Duration::from_millis(self.compiling.load(Ordering::Relaxed));
        let left = self.limits.run_compile.saturating_sub(used);
        if !left.is_zero() {
            return Ok(left);
        }
        let allowed = self.limits.run_compile;
        let detail = format!("compiling took more than {allowed:?} of CPU time, the limit of a run");
        Err(self.spend(Stop::new(StopReason::RunCompile, detail).limit(self.allowed(&of_runs::run_compile))))
    }

    /// Why the run can't go on: it was interrupted, or something that counts whatever the order of jobs was used up.
    #[must_use]
    pub fn spent(&self) -> Option<Stop> {
        if self.interrupt.is_set() {
            return Some(Stop::new(StopReason::Interrupted, "interrupted"));
        }
        if let Some(stop) = self.spent.get() {
            return Some(stop.clone());
        }
        if let Some(time) = self.time.filter(TimeBudget::is_over) {
            return Some(self.spend(time.stop()));
        }
        let time = self.limits.run_time;
        if self.elapsed() < time {
            return None;
        }
        let detail = format!("the run took longer than {time:?}");
        Some(self.spend(Stop::new(StopReason::RunTime, detail).limit(self.allowed(&of_runs::run_time))))
    }

    /// Calls that may still be stopped.
    #[must_use]
    pub fn stops_left(&self) -> u64 {
        self.limits.run_stops.saturating_sub(self.stops.load(Ordering::Relaxed))
    }

    /// Units of fuel that are left.
    #[must_use]
    pub fn fuel_left(&self) -> u64 {
        self.limits.run_fuel.saturating_sub(self.charged.load(Ordering::Relaxed))
    }

    /// Counts what jobs took (fuel, and what counts as such), and those of them that were not tried.
    pub fn settle(&self, (fuel, charged): (u64, u64), stops: u64, untried: u64) {
        self.fuel.fetch_add(fuel, Ordering::Relaxed);
        self.charged.fetch_add(charged, Ordering::Relaxed);
        self.stops.fetch_add(stops, Ordering::Relaxed);
        self.untried.fetch_add(untried, Ordering::Relaxed);
    }

    /// What was used, and what is allowed.
    #[must_use]
    pub fn used(&self) -> Used {
        let share = |used: u64, limit: &Limit| Share { used, allowed: self.allowed(limit) };
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let elapsed = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        Used {
            memory: Share { used: load(&self.most_held), allowed: self.limits.host_memory() },
            time: share(elapsed, &of_runs::run_time),
            fuel: share(load(&self.fuel), &of_runs::run_fuel),
            stops: share(load(&self.stops), &of_runs::run_stops),
            findings: share(load(&self.findings), &of_runs::run_findings),
            compile: share(load(&self.compiling), &of_runs::run_compile),
            untried: load(&self.untried),
        }
    }

    fn allowed(&self, limit: &Limit) -> u64 {
        self.limits.get(limit).unwrap_or(limit.default)
    }

    /// Notes that something was used up: the first to be is what the run is stopped by.
    pub fn spend(&self, stop: Stop) -> Stop {
        self.spent.get_or_init(|| stop).clone()
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        if let Some(company) = &self.company {
            company.held.fetch_sub(*self.held.get_mut(), Ordering::Relaxed);
        }
    }
}

impl Company {
    /// Stays in company for as long as what is given back is kept. Nobody may wait for anything else before that.
    pub fn enter(&self) -> RwLockReadGuard<'_, ()> {
        self.room.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all others have gone, and keeps them out.
    pub fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.room.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunLimits {
    /// The part of the memory that is for what packbox holds for the run: five sixteenths. What is left is for packbox
    /// itself, and for what is copied on its way.
    #[must_use]
    pub fn host_memory(&self) -> u64 {
        self.run_memory / 16 * 5
    }

    /// The half that is for plugins.
    #[must_use]
    pub fn guest_memory(&self) -> u64 {
        self.run_memory / 2
    }
}

impl Held {
    /// Nothing yet, to be drawn from a budget.
    #[must_use]
    pub fn of(budget: &Arc<Budget>) -> Self {
        Self(Some((Arc::clone(budget), 0)))
    }

    /// Draws more bytes.
    ///
    /// # Errors
    /// As [`Budget::draw`], but that the run goes on: others may give back what they hold.
    pub fn grow(&mut self, bytes: u64) -> Result<(), Stop> {
        if let Some((budget, held)) = &mut self.0 {
            budget.try_draw(bytes)?;
            *held += bytes;
        }
        Ok(())
    }

    /// Takes a part of this out: one of so many equal ones that are still in it.
    #[must_use]
    pub fn part(&mut self, of: u64) -> Self {
        let Some((budget, held)) = &mut self.0 else { return Self::default() };
        let part = *held / of.max(1);
        *held -= part;
        Self(Some((Arc::clone(budget), part)))
    }

    /// Keeps the bytes to the end of the run.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((budget, bytes)) = &self.0 {
            budget.give_back(*bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn budget(memory: u64) -> Arc<Budget> {
        Budget::new(RunLimits { run_memory: memory, ..RunLimits::DEFAULT })
    }

    #[test]
    fn what_is_held_is_given_back_and_what_is_kept_is_not() {
        let budget = budget(320);
        let mut held = budget.hold(60).expect("room");
        held.grow(30).expect("room");
        assert_eq!(budget.hold(20).expect_err("no room").reason, StopReason::RunMemory);
        drop(held.part(3));
        budget.hold(40).expect("room again").keep();
        drop(held);
        assert_eq!(budget.held.load(Ordering::Relaxed), 40);
        assert_eq!(budget.used().memory, Share { used: 100, allowed: 100 });
    }

    #[test]
    fn runs_in_company_hold_no_more_together_than_one_alone() {
        let company = Arc::new(Company::default());
        let limits = RunLimits { run_memory: 320, ..RunLimits::DEFAULT };
        let beside = || Budget::beside(limits, Some(Arc::clone(&company)), None, Interrupt::new());
        let (one, other) = (beside(), beside());
        one.draw(60).expect("room");
        other.draw(40).expect("room");
        other.draw(40).expect_err("no room beside the other");
        assert!(other.was_crowded() && !one.was_crowded());
        drop(one);
        let third = beside();
        third.draw(60).expect("room again");
        third.draw(103).expect_err("more than one may have");
        assert!(!third.was_crowded());
        drop((other, third));
        assert_eq!(company.held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_first_that_is_used_up_is_what_stops_the_run() {
        let budget = Budget::new(RunLimits { run_findings: 2, run_outputs: 5, ..RunLimits::DEFAULT });
        assert!(budget.spent().is_none());
        budget.find(2).expect("room");
        budget.check_outputs(5).expect("room");
        let first = budget.find(1).expect_err("too many");
        assert_eq!(budget.check_outputs(6).expect_err("too many"), first);
        assert_eq!((budget.spent(), first.limit), (Some(first.clone()), Some(2)));
        let error = Error::from(first);
        assert_eq!(error.exit_code(), 4);
        assert!(error.body().hint.as_deref().is_some_and(|hint| hint.contains("--limit run-findings=")));
    }

    #[test]
    fn a_run_ends_when_its_time_has_passed() {
        let budget = Budget::new(RunLimits { run_time: Duration::ZERO, ..RunLimits::DEFAULT });
        assert_eq!(budget.spent().map(|stop| stop.reason), Some(StopReason::RunTime));
        let over = TimeBudget::begin(Duration::ZERO);
        let budget = Budget::beside(RunLimits::DEFAULT, None, Some(over), Interrupt::new());
        assert_eq!(budget.spent().map(|stop| stop.reason), Some(StopReason::TimeBudget));
        let budget = Budget::beside(
            RunLimits::DEFAULT,
            None,
            Some(TimeBudget::begin(Duration::from_secs(3600))),
            Interrupt::new(),
        );
        assert_eq!(budget.spent(), None);
    }
}
