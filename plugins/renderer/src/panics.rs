//! A panic says what happened before it traps: it is a defect of the guest or of its engine.

/// Makes panics write their message and place to the host's log. Does nothing outside of a component.
pub fn report() {
    #[cfg(target_arch = "wasm32")]
    {
        use crate::bindings::packbox::plugin::log::{Level, log};
        packbox_sdk::panics::report(|message| log(Level::Warn, message));
    }
}
