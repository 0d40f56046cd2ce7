//! A value together with its place in `pack.toml`.

use std::ops::Range;

/// A value and where it stands in `pack.toml`, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub range: Range<usize>,
}

impl<T> Spanned<T> {
    /// Puts another value at the same place.
    pub fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned { value, range: self.range.clone() }
    }
}
