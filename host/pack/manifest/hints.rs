//! What was probably meant.

use crate::text::nearest;

/// Says which of the known names was probably meant.
pub(super) fn did_you_mean<'a>(wanted: &str, known: impl Iterator<Item = &'a str> + Clone, none: &str) -> String {
    match nearest(wanted, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.clone().next().is_none() => none.to_owned(),
        None => format!("available: {}", known.take(20).collect::<Vec<_>>().join(", ")),
    }
}
