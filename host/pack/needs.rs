//! Packs that need each other.

use super::names::PackName;
use crate::error::{Error, ErrorKind};

/// The error for packs that need each other in a circle, of which the first is also the last.
pub(crate) fn cycle<'n>(circle: impl Iterator<Item = &'n PackName>) -> Error {
    let names: Vec<&str> = circle.map(PackName::as_str).collect();
    Error::new(ErrorKind::Resolution, format!("packs depend on each other in a cycle: {}", names.join(" → ")))
        .hint("one of them has to do without the next; tell their authors")
}
