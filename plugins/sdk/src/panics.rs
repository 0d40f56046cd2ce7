//! Makes a panic say what happened before it traps: in a component a message and its place are all that is left of one,
//! as there is no unwinding.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;

/// Hands what a panic says, and its file, line and column, to `warn`, from now on. Only the first call does something.
///
/// `warn` should log at the level `warn`: the host shows the last such message of a call that trapped.
pub fn report(warn: fn(&str)) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(move |information: &PanicHookInfo<'_>| {
            let what = information.payload_as_str().unwrap_or("no message");
            let place = information.location().map(|at| format!(" at {}:{}:{}", at.file(), at.line(), at.column()));
            warn(&format!("panicked{}: {what}", place.unwrap_or_default()));
        }));
    });
}
