//! What the host calls. Only in the component: natively, the modules are called directly.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;

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

/// Makes a panic say what happened before it traps. A panic is a defect of this crate.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|information: &PanicHookInfo<'_>| {
            let what = information.payload_as_str().unwrap_or("no message");
            let place = information.location().map(|at| format!(" at {}:{}:{}", at.file(), at.line(), at.column()));
            log(Level::Warn, &format!("panicked{}: {what}", place.unwrap_or_default()));
        }));
    });
}

bindings::export!(Rules with_types_in bindings);
