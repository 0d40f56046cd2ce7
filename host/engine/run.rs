//! An engine, and what the run that calls it may use.
//!
//! Always true here: every call of a guest is part of a run, and is charged to its budget.

use std::sync::Arc;

use super::docket::Docket;
use super::setup::Engine;
use crate::interrupt::Interrupt;
use crate::limits::{Budget, Company, TimeBudget};

/// A run: all calls that belong together, such as those for one pack.
#[derive(Debug, Clone)]
pub struct Run<'e> {
    pub(super) engine: &'e Engine,
    pub(super) budget: Arc<Budget>,
}

impl Engine {
    /// Begins a run, with what the options give each.
    #[must_use]
    pub fn run(&self) -> Run<'_> {
        self.run_beside(None, None, self.options.interrupt.clone())
    }

    /// Begins a run that also ends where an interrupt of its own is set.
    #[must_use]
    pub fn run_until(&self, interrupt: &Interrupt) -> Run<'_> {
        self.run_within(None, interrupt)
    }

    /// Begins a run that ends with a time which it shares with others, or where an interrupt of its own is set.
    #[must_use]
    pub fn run_within(&self, time: Option<TimeBudget>, interrupt: &Interrupt) -> Run<'_> {
        self.run_beside(None, time, interrupt.or(&self.options.interrupt))
    }

    /// The same beside others of this engine, with which it shares the memory for what is held.
    #[must_use]
    pub fn run_in_company(&self, time: Option<TimeBudget>, interrupt: &Interrupt) -> Run<'_> {
        self.run_beside(Some(Arc::clone(&self.company)), time, interrupt.or(&self.options.interrupt))
    }

    fn run_beside(&self, company: Option<Arc<Company>>, time: Option<TimeBudget>, interrupt: Interrupt) -> Run<'_> {
        Run { engine: self, budget: Budget::beside(self.options.run, company, time, interrupt) }
    }

    /// Those that run beside each other.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }
}

impl<'e> Run<'e> {
    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// Begins calls that belong together, each of which is made by itself with [`Run::call_in`].
    pub(crate) fn docket(&self) -> Docket<'_> {
        Docket::new(&self.budget)
    }

    /// What the run may use.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }
}
