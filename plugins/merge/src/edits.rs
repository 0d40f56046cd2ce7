//! A text and whose its bytes are, changed by lists of edits.

use std::ops::Range;

/// A change of a text: what stands in a range becomes something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What is replaced; empty where something is only added.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Adds a text at a place.
    #[must_use]
    pub fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }

    /// Takes a range away.
    #[must_use]
    pub fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// A text, and for each of its bytes the side that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Owned {
    /// The text.
    pub text: String,
    /// Ends of ranges, ascending, and the side of each.
    pub origins: Vec<(usize, usize)>,
}

impl Owned {
    /// A text that is one side's.
    #[must_use]
    pub fn new(text: &str, side: usize) -> Self {
        Self { text: text.to_owned(), origins: vec![(text.len(), side)] }
    }

    /// Applies edits; what they add is the side's. Edits that overlap are a defect of who made them: `None`.
    #[must_use]
    pub fn apply(&self, mut edits: Vec<Edit>, side: usize) -> Option<Self> {
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let mut result = Self { text: String::with_capacity(self.text.len()), origins: Vec::new() };
        let mut at = 0;
        let mut origin = 0;
        for edit in edits {
            if edit.range.start < at {
                return None;
            }
            self.copy(&mut result, at..edit.range.start, &mut origin)?;
            result.push(&edit.text, side);
            at = edit.range.end;
        }
        self.copy(&mut result, at..self.text.len(), &mut origin)?;
        Some(result)
    }

    fn copy(&self, result: &mut Self, range: Range<usize>, origin: &mut usize) -> Option<()> {
        let mut at = range.start;
        while at < range.end {
            let (end, side) = *self.origins.get(*origin)?;
            if end <= at {
                *origin += 1;
                continue;
            }
            let until = end.min(range.end);
            result.push(self.text.get(at..until)?, side);
            at = until;
        }
        Some(())
    }

    fn push(&mut self, text: &str, side: usize) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        match self.origins.last_mut() {
            Some((end, last)) if *last == side => *end = self.text.len(),
            _ => self.origins.push((self.text.len(), side)),
        }
    }
}
