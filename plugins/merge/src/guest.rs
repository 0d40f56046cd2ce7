//! What the host calls. Only in the component: natively, the modules are called directly.

// The heap of the component.
use common as _;

use crate::bindings::exports::packbox::plugin::merger::{Guest, Job, Outcome, Policy};
use crate::bindings::packbox::plugin::log::{Level, log};
use crate::bindings::packbox::plugin::types::Failure;
use crate::{bindings, policies};

struct Merger;

impl Guest for Merger {
    fn policies() -> Vec<Policy> {
        report_panics();
        policies::all()
    }

    fn merge(jobs: Vec<Job>) -> Vec<Result<Outcome, Failure>> {
        report_panics();
        jobs.iter().map(policies::merge).collect()
    }
}

/// A panic is a defect of this crate.
fn report_panics() {
    packbox_sdk::panics::report(|message| log(Level::Warn, message));
}

bindings::export!(Merger with_types_in bindings);
