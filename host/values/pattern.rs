//! Patterns that a text has to match.
//!
//! Always true here: a pattern is bounded in what it takes to compile, and the text that it is tried on in length: the
//! larger the pattern, the shorter the text. Both depend on nothing but the two.

use std::fmt;

/// The longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 1000;

/// What a compiled pattern takes up at the least, as far as it is known, and may take up, in bytes.
const COMPILED_BYTES: std::ops::RangeInclusive<usize> = 1 << 10..=256 << 10;

/// The longest text that any pattern is tried on, in bytes.
const MAX_MATCHED_BYTES: usize = 64 << 10;

/// How many steps (a byte of the text at a byte of the compiled pattern) matching may take: about a tenth of a second.
const MAX_STEPS: usize = 1 << 28;

/// A regular expression of bounded size, which matches in time proportional to its size and the text's.
#[derive(Clone)]
pub struct Pattern {
    regex: regex_lite::Regex,
    /// What it takes up, rounded up to a power of two.
    bytes: usize,
}

impl Pattern {
    /// Compiles a pattern. Errors say what is wrong with it, in a fragment.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(format!("is longer than {MAX_PATTERN_BYTES} bytes"));
        }
        // How large it is says nobody but the limit that it fits into. All tries take as long as two of the last.
        let mut bytes = *COMPILED_BYTES.start();
        loop {
            match regex_lite::RegexBuilder::new(text).size_limit(bytes).build() {
                Ok(regex) => return Ok(Self { regex, bytes }),
                Err(_) if bytes < *COMPILED_BYTES.end() => bytes *= 2,
                Err(error) => return Err(format!("is not a valid regular expression: {error}")),
            }
        }
    }

    /// The longest text that it is tried on, in bytes.
    #[must_use]
    pub fn most_bytes(&self) -> usize {
        MAX_MATCHED_BYTES.min(MAX_STEPS / self.bytes)
    }

    /// How many steps matching a text takes: a byte of it at a byte of the compiled pattern. None for one that is too long.
    #[must_use]
    pub fn steps(&self, text: &str) -> u64 {
        if text.len() > self.most_bytes() { 0 } else { (self.bytes * text.len()) as u64 }
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// Says whether any part of the text matches. A text that is too long for the pattern does not.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        text.len() <= self.most_bytes() && self.regex.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({:?})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_a_pattern_the_shorter_the_texts_that_it_is_tried_on() {
        let pattern = |text: &str| Pattern::new(text).expect("a pattern");
        let simple = pattern("^[a-z][a-z0-9-]*$");
        assert_eq!(simple.most_bytes(), MAX_MATCHED_BYTES);
        let nested = pattern("(?:(?:(?:.?){30}){30})Y");
        assert!(nested.most_bytes() < MAX_MATCHED_BYTES / 8, "{}", nested.most_bytes());
        // Whatever is accepted matches texts of a usual length.
        assert!(MAX_STEPS / COMPILED_BYTES.end() >= 1000);
        for pattern in [simple, nested] {
            let longest = "a".repeat(pattern.most_bytes());
            assert!(pattern.steps(&longest) <= MAX_STEPS as u64);
            assert_eq!(pattern.steps(&format!("{longest}a")), 0);
        }
    }
}
