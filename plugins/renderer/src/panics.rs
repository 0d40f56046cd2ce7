//! A panic says what happened before it traps: it is a defect of the guest or of its engine.

/// Makes panics write their message and place to the host's log. Does nothing outside a component.
pub fn report() {
    #[cfg(target_arch = "wasm32")]
    hook::set();
}

#[cfg(target_arch = "wasm32")]
mod hook {
    use std::panic::{self, PanicHookInfo};
    use std::sync::Once;

    use crate::bindings::packbox::plugin::log::{Level, log};

    pub fn set() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            panic::set_hook(Box::new(|information: &PanicHookInfo<'_>| {
                let what = information.payload_as_str().unwrap_or("no message");
                let place = information.location().map(|at| format!(" at {}:{}:{}", at.file(), at.line(), at.column()));
                log(Level::Warn, &format!("panicked{}: {what}", place.unwrap_or_default()));
            }));
        });
    }
}
