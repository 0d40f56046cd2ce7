//! Patterns that a text has to match.
//!
//! Always true here: a pattern is bounded in what it takes to compile; matching takes time in proportion to it and the text.

use std::fmt;

/// The longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 1000;

/// What a compiled pattern may take up, in bytes; matching takes time in proportion to it.
const MAX_COMPILED_BYTES: usize = 256 << 10;

/// A regular expression of bounded size, which matches in time proportional to its size and the text's.
#[derive(Clone)]
pub struct Pattern(regex_lite::Regex);

impl Pattern {
    /// Compiles a pattern. Errors say what is wrong with it, in a fragment.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(format!("is longer than {MAX_PATTERN_BYTES} bytes"));
        }
        let compiled = regex_lite::RegexBuilder::new(text).size_limit(MAX_COMPILED_BYTES).build();
        compiled.map(Self).map_err(|error| format!("is not a valid regular expression: {error}"))
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Says whether any part of the text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({:?})", self.as_str())
    }
}
