//! What the host calls. Only in the component: natively, the modules are called directly.

// The heap of the component.
use common as _;

use crate::bindings::exports::packbox::plugin::query_engine::{
    Answered, Description, Guest, Inspected, Query, Setting, Source,
};
use crate::bindings::packbox::plugin::log::{Level, log};
use crate::bindings::packbox::plugin::types::Failure;
use crate::{ask, bindings, inspect};

struct Sparql;

impl Guest for Sparql {
    fn inspect(setting: Setting, queries: Vec<Inspected>) -> Vec<Result<Description, Failure>> {
        report_panics();
        queries.iter().map(|query| inspect::inspect(&setting, query)).collect()
    }

    fn ask(setting: Setting, sources: Vec<Source>, queries: Vec<Query>) -> Vec<Result<Answered, Failure>> {
        report_panics();
        ask::ask(&setting, &sources, &queries)
    }
}

/// A panic is a defect of this crate, or of one that it uses.
fn report_panics() {
    packbox_sdk::panics::report(|message| log(Level::Warn, message));
}

bindings::export!(Sparql with_types_in bindings);
