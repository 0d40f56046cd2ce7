//! What the host calls. Only in the component: natively, the modules are called directly.

use crate::bindings::exports::packbox::plugin::validator::{Guest, Rule, Subject};
use crate::bindings::packbox::plugin::log::{Level, log};
use crate::bindings::packbox::plugin::types::{Diagnostic, Failure, Json};
use crate::{bindings, check};

struct Rules;

impl Guest for Rules {
    fn rules() -> Vec<Rule> {
        report_panics();
        check::rules()
    }

    fn check(subject: Subject, options: Json) -> Result<Vec<Diagnostic>, Failure> {
        report_panics();
        check::check(&subject, &options)
    }
}

/// A panic is a defect of this crate.
fn report_panics() {
    packbox_sdk::panics::report(|message| log(Level::Warn, message));
}

bindings::export!(Rules with_types_in bindings);
