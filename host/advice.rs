//! What advice calls things: who types commands has options where a program has functions.
//!
//! Always true here: whoever gives advice has the words for both side by side; which ones are said depends on nothing but what this
//! process is, and the command line says once that it is one.

use std::sync::atomic::{AtomicBool, Ordering};

/// Unit tests read what the command line says.
static COMMAND_LINE: AtomicBool = AtomicBool::new(cfg!(test));

/// Says that this process is the command line: who reads advice types commands.
#[cfg(feature = "cli")]
pub(crate) fn this_is_the_command_line() {
    COMMAND_LINE.store(true, Ordering::Relaxed);
}

/// What is said to who types commands, or to who wrote the program that calls the library.
pub(crate) fn said<T>(to_who_types: T, to_who_calls: T) -> T {
    if COMMAND_LINE.load(Ordering::Relaxed) { to_who_types } else { to_who_calls }
}

/// How a limit is given, as `NAME=VALUE`.
pub(crate) fn limit(pair: &str) -> String {
    said(format!("`--limit {pair}`"), format!("the limit `{pair}`"))
}
