//! The components at hand: those that packbox has built in, and a pack's own, each by its digest; what goes wrong in one,
//! as findings.
//!
//! Always true here: a component that came with a pack is used only if its bytes have the digest that the manifest names.

mod added;
mod asked;
pub mod built_in;
mod diagnose;
mod merger;
mod query_engine;
mod toolbox;

pub(crate) use diagnose::{JobFailure, diagnostics};
pub use merger::{MergeConflict, MergeJob, MergedFile, Merger, Merging, OwnedPart, Policy, Side};
pub(crate) use merger::{RULE_OF_CONFLICTS, conflicts};
pub use query_engine::{Asked, QueryEngine};
pub use toolbox::{Evaluated, PackPlugin, Toolbox};
pub(crate) use toolbox::{TOLD, check_digest, checked_limits, granted};
