//! What advice calls an install.
//!
//! Always true here: who types commands reads a command, and who calls the library a function.

use std::fmt::Display;

use crate::advice::said;

/// What installs something.
pub(super) fn install(what: &impl Display) -> String {
    said(format!("`packbox install {what}`"), format!("`Library::install(\"{what}\")`"))
}
