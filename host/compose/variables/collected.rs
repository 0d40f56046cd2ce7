//! What was given for variables: what counts, and what came too late.
//!
//! Always true here: who gives a variable first is the strongest that does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::values::GivenAt;

/// A value that was given, or who gave one that will not do.
pub(super) enum Given {
    Value(Value, GivenAt),
    Invalid(GivenAt),
}

/// What was given for variables, by their positions.
#[derive(Default)]
pub(super) struct Collected {
    /// What counts.
    pub(super) given: BTreeMap<usize, Given>,
    /// What was given as well and does not count, the strongest first. The value is none where it can't be read.
    pub(super) passed_over: BTreeMap<usize, Vec<(Option<Value>, GivenAt)>>,
}

impl Collected {
    /// Whether a stronger source gives a variable; then what comes now is noted as passed over.
    pub(super) fn passes_over(&mut self, index: usize, later: impl FnOnce() -> (Option<Value>, GivenAt)) -> bool {
        let is_given = self.given.contains_key(&index);
        if is_given {
            self.passed_over.entry(index).or_default().push(later());
        }
        is_given
    }
}
