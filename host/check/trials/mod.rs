//! Trial projects: a pack tried with more values than it has by itself, so that each choice is taken, and each condition is
//! true and false, in some of them.
//!
//! Always true here: which trials there are depends on the pack and on the user's values alone, not on threads; of a trial
//! only what reads a value that it has not seen is rendered; the number of trials and of renderings is bounded, and what was
//! not taken is said.

mod cover;
mod drive;
mod factors;
mod reads;
mod state;
mod tell;

pub use drive::run;
pub use tell::trial_rules;
