//! A resolution that goes on where a pack's expressions are wrong: each mistake is its variable's.
//!
//! Always true here: nothing is tolerated unless it was asked for, and never what is no mistake of the pack's or of its values.

use super::finding;
use super::mistakes::{is_mistake, of_circles};
use super::resolver::{Resolver, State};
use crate::error::{Error, Result};

impl Resolver<'_> {
    /// From now on asks nobody, and lets a variable whose expression is wrong have no value.
    pub(super) fn tolerate_mistakes(&mut self) {
        self.asks = false;
        self.mistakes.tolerated = true;
        for state in &mut self.states {
            if matches!(state, State::Pending(_)) {
                *state = State::Open;
            }
        }
    }

    /// What is wrong with the expressions themselves.
    pub(super) fn take_error(&mut self) -> Option<Error> {
        self.needs.take_error(&self.declared)
    }

    /// Lets variables whose expressions can't be read, and those that need each other, have no value, whatever was given.
    pub(super) fn leave_out_unreadable(&mut self) {
        for (index, by_when, error) in std::mem::take(&mut self.needs.unreadable) {
            self.mistaken(index, by_when, &error, true);
        }
        for (members, finding) in std::mem::take(&mut self.needs.circles) {
            for (place, index) in members.into_iter().enumerate() {
                let by_when = self.declared.variables.get(index).is_some_and(|variable| variable.compute.is_none());
                let error = of_circles("variables", vec![finding.clone()]);
                self.mistaken(index, by_when, &error, place == 0);
            }
        }
    }

    /// Takes an error for a mistake of a variable's expression, where that is wanted.
    ///
    /// # Errors
    /// The same one otherwise.
    pub(super) fn tolerate(&mut self, index: usize, by_when: bool, error: Error) -> Result<()> {
        if !self.mistakes.tolerated || !is_mistake(&error) {
            return Err(error);
        }
        self.mistaken(index, by_when, &error, true);
        Ok(())
    }

    /// Asks queries one by one, after they could not be asked together: `error` says why.
    ///
    /// # Errors
    /// The same one, where mistakes are not to be tolerated; what is no mistake.
    pub(super) fn ask_apart(&mut self, queries: Vec<usize>, error: Error) -> Result<()> {
        if !self.mistakes.tolerated || !is_mistake(&error) {
            return Err(error);
        }
        for query in queries {
            if self.is_ready(query)
                && let Err(error) = self.ask(&[query])
            {
                self.tolerate(query, false, error)?;
            }
        }
        Ok(())
    }

    /// Notes a mistake at a variable; one of several variables is told at the first only.
    fn mistaken(&mut self, index: usize, by_when: bool, error: &Error, is_told: bool) {
        self.mistakes.first.get_or_insert(error.kind());
        let of = if by_when { &mut self.mistakes.conditions } else { &mut self.mistakes.computes };
        of.insert(index);
        let finding = finding::of_error(error);
        if is_told {
            self.fail(index, finding);
        } else {
            self.states[index] = State::Failed(Some(Box::new(finding)));
        }
    }
}
