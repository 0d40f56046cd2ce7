//! Messages to whoever runs packbox. They are one-way, and count against the call's log limit (64 KiB unless set
//! otherwise, plus 64 bytes for each).
//!
//! Natively, in tests, they go to standard error.

use crate::abi::renderer::packbox::plugin::log::Level;

/// Writes a message that `-vv` shows.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// Writes a message that `-v` shows.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// Writes a message that `-v` shows. The last one is shown with a trap, too.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

#[cfg(target_family = "wasm")]
fn write(level: Level, message: &str) {
    crate::abi::renderer::packbox::plugin::log::log(level, message);
}

#[cfg(not(target_family = "wasm"))]
fn write(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}
