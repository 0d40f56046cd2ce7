//! Files merged over all threads, in batches.
//!
//! Always true here: what comes of a file depends on nothing but what it was to be merged from.

use super::answers::Recall;
use super::callee::Callee;
use super::exports::merger::Merge;
use super::outcome::Outcome;
use super::run::Run;
use crate::abi::{GuestOutcome, MergeJobParam};
use crate::error::Result;
use crate::limits::Limits;

/// Files of one batch at the most: more gain nothing, and one that fails is dearer.
const BATCH: usize = 25;

impl Run<'_> {
    /// Merges files, spread evenly over all threads. The outcomes are in the order of the jobs, and what they say about
    /// owners and places was compared with the sides. Jobs for which the run's budget does not last are not tried.
    ///
    /// # Errors
    /// As [`Run::call`], and those of preparing the merger.
    pub fn merge(
        &self,
        callee: Callee<'_>,
        limits: &Limits,
        jobs: &[MergeJobParam<'_>],
        recall: Option<&Recall<'_>>,
    ) -> Result<Vec<Outcome<GuestOutcome>>> {
        self.ask_in_batches(callee, limits, &Merge { jobs: jobs.into() }, (recall, Some(BATCH)))
    }
}
