//! Which jobs of a call are tried, where the run's budget does not last for all of them.
//!
//! Always true here: which ones are depends on the jobs and their order only, and not on which thread came to which first. A
//! job may be tried in vain, as another one before it is still under way; then its outcome is thrown away. (What such a job
//! took counts as fuel, so that where fuel is used up as well, it may be used up a little earlier: both are failures.)

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::outcome::{CallError, Charge, Outcome, Untried};
use crate::limits::Budget;
use crate::show::count;
use crate::stop::{Stop, StopReason};

/// What jobs came to so far.
pub(crate) struct Docket<'a> {
    budget: &'a Arc<Budget>,
    stops: u64,
    fuel: u64,
    /// Whether there is anything to look at: nearly always there is not.
    open: AtomicBool,
    seen: Mutex<Seen<'a>>,
}

#[derive(Default)]
struct Seen<'a> {
    /// The number of the first job that was stopped, by what it is an item of.
    first: HashMap<&'a str, usize>,
    /// All of these numbers.
    stopped: BTreeSet<usize>,
    /// Jobs that were not tried as the run was over.
    refused: BTreeSet<usize>,
    fuel: Sums,
    /// What was used, however it counts.
    used: u64,
}

impl<'a> Docket<'a> {
    /// Begins a call.
    pub fn new(budget: &'a Arc<Budget>) -> Self {
        Self {
            stops: budget.stops_left(),
            fuel: budget.fuel_left(),
            budget,
            open: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    /// Whether any job may have to be left out.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire) || self.budget.spent().is_some()
    }

    /// Why a job is not to be tried. `number` is its place in the order of jobs, `item_of` the template or expression.
    pub fn untried(&self, number: usize, item_of: &str) -> Option<Untried> {
        if let Some(stop) = self.budget.spent() {
            self.seen().refused.insert(number);
            return Some(Untried::Spent(stop));
        }
        if !self.open.load(Ordering::Acquire) {
            return None;
        }
        self.verdict(&self.seen(), number, item_of)
    }

    /// Takes what came of a job, and the fuel that it counts for.
    pub(super) fn done<T>(&self, number: usize, item_of: &'a str, result: &Result<T, CallError>, charge: Charge) {
        let stopped = matches!(result, Err(CallError::Stopped(_)));
        if !stopped && charge.counted == 0 {
            return;
        }
        self.charge(number, charge);
        if stopped {
            let mut seen = self.seen();
            let before = seen.first.get(item_of).copied();
            if before.is_none_or(|before| number < before) {
                seen.first.insert(item_of, number);
                seen.stopped.insert(number);
                before.map(|before| seen.stopped.remove(&before));
            }
            self.open.store(true, Ordering::Release);
        }
    }

    /// Charges fuel that a job took, be it in vain.
    pub(super) fn charge(&self, number: usize, charge: Charge) {
        let mut seen = self.seen();
        seen.fuel.add(number, charge.counted);
        seen.used = seen.used.saturating_add(charge.used);
        if seen.fuel.before(usize::MAX) >= self.fuel {
            self.open.store(true, Ordering::Release);
        }
    }

    /// Ends the call: says which jobs count as not tried, whatever came of them, and charges the run for the others. `jobs`
    /// are the jobs' numbers, and what they are items of.
    pub fn close<'j>(&self, jobs: impl Iterator<Item = (usize, &'j str)>) -> Vec<(usize, Untried)> {
        if !self.open.load(Ordering::Acquire) && self.budget.spent().is_none() {
            let seen = self.seen();
            self.budget.settle((seen.used, seen.fuel.before(usize::MAX)), 0, 0);
            return Vec::new();
        }
        let seen = self.seen();
        let untried: Vec<(usize, Untried)> =
            jobs.filter_map(|(number, item_of)| Some((number, self.verdict(&seen, number, item_of)?))).collect();
        let mut are_untried: BTreeSet<usize> = untried.iter().map(|(number, _)| *number).collect();
        let stops = seen.stopped.iter().filter(|number| !are_untried.contains(number)).count();
        self.budget.settle((seen.used, seen.fuel.before(usize::MAX)), stops as u64, {
            are_untried.extend(&seen.refused);
            are_untried.len() as u64
        });
        untried
    }

    fn verdict(&self, seen: &Seen<'_>, number: usize, item_of: &str) -> Option<Untried> {
        if seen.first.get(item_of).is_some_and(|first| *first < number) {
            return Some(Untried::AfterItem);
        }
        let limits = self.budget.limits();
        if seen.stopped.range(..number).count() as u64 >= self.stops {
            let allowed = limits.run_stops;
            let detail = format!("{} stopped, the limit of a run", count(allowed, "call"));
            return Some(Untried::Spent(Stop::new(StopReason::RunStops, detail).limit(allowed)));
        }
        if seen.fuel.before(number) >= self.fuel {
            let allowed = limits.run_fuel;
            let detail = format!("all calls together used more than {allowed} units of fuel, the limit of a run");
            return Some(Untried::Spent(Stop::new(StopReason::RunFuel, detail).limit(allowed)));
        }
        None
    }

    fn seen(&self) -> MutexGuard<'_, Seen<'a>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Outcome<T> {
    /// The outcome of a job that was not tried.
    pub(crate) fn untried(why: Untried) -> Self {
        Self::failed(CallError::Untried(why))
    }
}

/// Numbers by place, and the sum of those before a place (a Fenwick tree).
#[derive(Debug, Default)]
struct Sums {
    tree: Vec<u64>,
    all: u64,
}

impl Sums {
    fn add(&mut self, place: usize, number: u64) {
        if number == 0 {
            return;
        }
        while self.tree.len() <= place + 1 {
            self.lengthen();
        }
        self.all = self.all.saturating_add(number);
        let mut at = place + 1;
        while let Some(sum) = self.tree.get_mut(at) {
            *sum = sum.saturating_add(number);
            at += at & at.wrapping_neg();
        }
    }

    /// Adds a place, whose sum is that of the places that it stands for.
    fn lengthen(&mut self) {
        let at = self.tree.len();
        let low = at & at.wrapping_neg();
        let (mut sum, mut before) = (0_u64, at.saturating_sub(1));
        while at > 0 && before > at - low {
            sum = sum.saturating_add(self.tree[before]);
            before -= before & before.wrapping_neg();
        }
        self.tree.push(sum);
    }

    /// The sum of all numbers at places before this one.
    fn before(&self, place: usize) -> u64 {
        if place >= self.tree.len() {
            return self.all;
        }
        let (mut sum, mut at) = (0_u64, place);
        while at > 0 {
            sum = sum.saturating_add(self.tree[at]);
            at -= at & at.wrapping_neg();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limits::RunLimits;

    #[test]
    fn sums_are_those_of_the_places_before() {
        let mut sums = Sums::default();
        let numbers = [(7, 3), (2, 10), (40, 1), (0, 100), (7, 4), (1000, 5)];
        for (place, number) in numbers {
            sums.add(place, number);
        }
        for place in [0, 1, 2, 3, 7, 8, 39, 40, 41, 1000, 1001, usize::MAX] {
            let expected: u64 = numbers.iter().filter(|(at, _)| *at < place).map(|(_, number)| number).sum();
            assert_eq!(sums.before(place), expected, "{place}");
        }
    }

    type Told = Result<(), CallError>;

    fn stopped() -> Told {
        Err(CallError::Stopped(Stop::new(StopReason::Time, "")))
    }

    /// Goes through jobs as threads would that come to them in this order, and gives the numbers of those not tried.
    fn untried(limits: RunLimits, jobs: &[(&'static str, bool, u64)], order: &[usize]) -> (Vec<usize>, u64) {
        let budget = Budget::new(limits);
        let docket = Docket::new(&budget);
        for number in order {
            let (item_of, stops, fuel) = jobs[*number];
            if docket.untried(*number, item_of).is_none() {
                let charge = Charge { used: fuel, counted: fuel };
                docket.done(*number, item_of, &if stops { stopped() } else { Ok(()) }, charge);
            }
        }
        let all = jobs.iter().enumerate().map(|(number, job)| (number, job.0));
        let untried: Vec<usize> = docket.close(all).into_iter().map(|(number, _)| number).collect();
        assert!(budget.used().untried >= untried.len() as u64);
        (untried, budget.used().stops.used)
    }

    #[test]
    fn what_is_tried_does_not_depend_on_the_order_in_which_threads_come_to_it() {
        let jobs: Vec<(&str, bool, u64)> =
            (0..40).map(|number| (["a", "b", "c", "d", "e"][number / 8], number % 5 == 3, 10)).collect();
        let limits = RunLimits { run_stops: 3, ..RunLimits::DEFAULT };
        let forwards: Vec<usize> = (0..40).collect();
        let expected = untried(limits, &jobs, &forwards);
        assert_eq!(expected.1, 3);
        assert_eq!(expected.0, [4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15].into_iter().chain(19..40).collect::<Vec<_>>());
        let backwards: Vec<usize> = (0..40).rev().collect();
        let shuffled: Vec<usize> = (0..40).map(|number| number * 17 % 40).collect();
        assert_eq!(untried(limits, &jobs, &backwards), expected);
        assert_eq!(untried(limits, &jobs, &shuffled), expected);
    }

    #[test]
    fn fuel_is_drawn_in_the_order_of_jobs() {
        let jobs = [("a", false, 10), ("b", false, 10), ("c", false, 10), ("d", false, 10)];
        let limits = RunLimits { run_fuel: 20, ..RunLimits::DEFAULT };
        assert_eq!(untried(limits, &jobs, &[0, 1, 2, 3]).0, [2, 3]);
        assert_eq!(untried(limits, &jobs, &[3, 2, 1, 0]).0, [2, 3]);
        assert!(untried(RunLimits::DEFAULT, &jobs, &[3, 2, 1, 0]).0.is_empty());
    }

    #[test]
    fn nothing_is_tried_once_the_run_is_interrupted() {
        let budget = Budget::new(RunLimits::DEFAULT);
        let docket = Docket::new(&budget);
        assert!(docket.untried(0, "a").is_none());
        budget.interrupt().set();
        assert!(matches!(docket.untried(1, "b"), Some(Untried::Spent(stop)) if stop.reason == StopReason::Interrupted));
    }

    #[test]
    fn nothing_is_tried_once_the_time_has_passed() {
        let limits = RunLimits { run_time: Duration::ZERO, ..RunLimits::DEFAULT };
        let budget = Budget::new(limits);
        let docket = Docket::new(&budget);
        assert!(matches!(docket.untried(0, "a"), Some(Untried::Spent(stop)) if stop.reason == StopReason::RunTime));
        assert!(docket.close([(0, "a")].into_iter()).is_empty());
        assert_eq!(budget.used().untried, 1);
    }
}
