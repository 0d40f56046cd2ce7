//! Finds the arithmetic of a tag, so that a result which is out of range is an error where it arises.
//!
//! The engines compute with infinity as with any float, compare it, and ask nobody. So what may have met one is rendered
//! once more with a filter behind each operation ([`watched`]), which says where that was; what this gives is dropped.

use std::fmt::Write as _;
use std::ops::Range;

/// The filter that is written behind each operation. It is given `of`, `start` and `end`: which text, and where in it.
pub const FILTER: &str = "packbox_finite";

/// What a token is to arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An operator between numbers, or a sign before one.
    Operator,
    /// A bracket that opens.
    Opens,
    /// A bracket that closes.
    Closes,
    /// What no operation reaches across: a comma, a comparison, a keyword.
    Splits,
    /// What binds tighter than an operator although it has arguments: there, nothing is told.
    Blurs,
    /// A number that is out of range as it is written.
    OutOfRange,
    /// Anything else: names, literals, dots, filters.
    Value,
}

/// Lists the operations of a tag: each one as far as it goes without a bracket, and those in brackets on their own.
#[must_use]
pub fn operations(parts: impl IntoIterator<Item = (Part, Range<usize>)>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut outer: Vec<Run> = Vec::new();
    let mut run = Run::default();
    for (part, range) in parts {
        match part {
            Part::Splits => {
                found.extend(std::mem::take(&mut run).operation());
                continue;
            }
            Part::Closes => found.extend(std::mem::replace(&mut run, outer.pop().unwrap_or_default()).operation()),
            _ => {}
        }
        run.take(part, range);
        if part == Part::Opens {
            outer.push(std::mem::take(&mut run));
        }
    }
    found.extend(run.operation());
    found
}

/// What stands between two splits in one bracket.
#[derive(Debug, Default)]
struct Run {
    range: Option<Range<usize>>,
    computes: bool,
    blurred: bool,
}

impl Run {
    fn take(&mut self, part: Part, range: Range<usize>) {
        // A sign before the first value computes nothing that could be out of range.
        self.computes |= part == Part::OutOfRange || (part == Part::Operator && self.range.is_some());
        self.blurred |= part == Part::Blurs;
        let start = self.range.as_ref().map_or(range.start, |run| run.start);
        self.range = Some(start..range.end);
    }

    fn operation(self) -> Option<Range<usize>> {
        self.range.filter(|_| self.computes && !self.blurred)
    }
}

/// Writes the filter behind each operation of a text; `of` is its number.
#[must_use]
pub fn watched(text: &str, of: usize, operations: &[Range<usize>]) -> String {
    let starts = operations.iter().map(|range| (range.start, None));
    let mut marks: Vec<_> = starts.chain(operations.iter().map(|range| (range.end, Some(range)))).collect();
    marks.sort_by_key(|(at, _)| *at);
    let mut watched = String::with_capacity(text.len() + 64 * operations.len());
    let mut last = 0;
    for (at, ends) in marks {
        watched.push_str(text.get(last..at).unwrap_or_default());
        last = at;
        // Writing to a string does not fail.
        let _ = match ends {
            None => write!(watched, "(("),
            Some(Range { start, end }) => write!(watched, ") | {FILTER}(of={of}, start={start}, end={end}))"),
        };
    }
    watched.push_str(text.get(last..).unwrap_or_default());
    watched
}

/// The floats of a JSON document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Floats {
    /// There are none.
    None,
    /// All are written without an exponent, and numbers have at most 38 digits before the point.
    Small,
    /// Some may be large.
    Large,
}

/// The most digits that a small number has before its point: as many as the largest integers have.
const DIGITS: u32 = 38;

/// Looks at the floats of a JSON document: at points and exponents outside of its texts.
#[must_use]
pub fn floats(json: &[u8]) -> Floats {
    let (mut found, mut within, mut before) = (Floats::None, false, b' ');
    // Digits before a point.
    let (mut digits, mut is_fraction) = (0_u32, false);
    for byte in json {
        match byte {
            // A backslash that is escaped itself escapes nothing.
            b'\\' if within && before == b'\\' => {
                before = b' ';
                continue;
            }
            b'"' if !(within && before == b'\\') => within = !within,
            b'.' if !within => (found, is_fraction) = (Floats::Small, true),
            b'e' | b'E' if !within && before.is_ascii_digit() => return Floats::Large,
            b'0'..=b'9' if !within && !is_fraction => digits += 1,
            b'0'..=b'9' => {}
            _ => (digits, is_fraction) = (0, false),
        }
        if digits > DIGITS {
            return Floats::Large;
        }
        before = *byte;
    }
    found
}

/// Whether a JSON document has a float.
#[must_use]
pub fn has_float(json: &[u8]) -> bool {
    floats(json) != Floats::None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A language of one-letter tokens: `i` is what blurs, `9` is out of range.
    fn marked(text: &str) -> String {
        let parts = text.char_indices().filter(|(_, sign)| *sign != ' ').map(|(at, sign)| {
            let part = match sign {
                '+' | '-' | '*' | '/' => Part::Operator,
                '(' | '[' => Part::Opens,
                ')' | ']' => Part::Closes,
                ',' | '>' | '=' => Part::Splits,
                'i' => Part::Blurs,
                '9' => Part::OutOfRange,
                _ => Part::Value,
            };
            (part, at..at + 1)
        });
        let mut found = operations(parts);
        found.sort_by_key(|range| range.start);
        found.into_iter().map(|range| &text[range]).collect::<Vec<_>>().join(" ; ")
    }

    #[test]
    fn operations_end_where_something_else_begins() {
        for (text, found) in [
            ("a", ""),
            ("- a", ""),
            ("a + b * c", "a + b * c"),
            ("a > b * c", "b * c"),
            ("f(a, b + c) > 1", "b + c"),
            ("(a + b) * c", "(a + b) * c ; a + b"),
            ("x = [-a, a - b]", "a - b"),
            ("a * b i c > d / e", "d / e"),
            ("9 > a", "9"),
            ("a + b)) - c", "a + b ; ) - c"),
            ("(a + b", "a + b"),
        ] {
            assert_eq!(marked(text), found, "{text}");
        }
    }

    #[test]
    fn what_is_watched_reads_the_same() {
        assert_eq!(
            watched("(a*b)/c>d", 2, &[1..4, 0..7]),
            format!("(((((a*b) | {FILTER}(of=2, start=1, end=4)))/c) | {FILTER}(of=2, start=0, end=7))>d")
        );
    }

    #[test]
    fn a_float_is_seen_outside_of_texts() {
        for (json, is) in
            [("[1, \"1.5 1e5\"]", false), ("{\"a\\\\\": 1.5}", true), ("[\"\\\".\", 1]", false), ("1e5", true)]
        {
            assert_eq!(has_float(json.as_bytes()), is, "{json}");
        }
        let digits = "9".repeat(39);
        for (json, are) in [
            ("[1, \"1e9\", true]", Floats::None),
            ("[1.5, 0.25]", Floats::Small),
            ("[1.5, 2e3]", Floats::Large),
            (&*digits, Floats::Large),
            (&*format!("[{digits}.5]"), Floats::Large),
            (&*format!("[0.5, {digits}.5]"), Floats::Large),
            (&*format!("[0.{digits}]"), Floats::Small),
        ] {
            assert_eq!(floats(json.as_bytes()), are, "{json}");
        }
    }
}
