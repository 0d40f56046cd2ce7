//! Texts for patterns: what a `pattern` without an `example` is tried with.
//!
//! Always true here: a text is short, and so is the list of them; whether one really matches says the pattern itself, which
//! knows more about what surrounds a text.

use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::parse;

/// The longest text that is made, in bytes.
const LONGEST: usize = 4096;
/// Parts of a pattern that are gone through for one text.
const STEPS: usize = 10_000;
/// Which of several alternatives is taken, and the characters of a class that are preferred: letters, digits.
const CHOICES: usize = 8;
/// How often what may be repeated is, beyond the least.
const REPEATS: [usize; 4] = [0, 1, 2, 7];

/// Makes texts that a pattern probably matches, the simplest first, and with so many characters at least where that is easy.
pub fn texts(pattern: &str, least: usize) -> impl Iterator<Item = String> {
    let parsed = parse(pattern).ok();
    let ways = (0..CHOICES).flat_map(move |choice| {
        let stretched = [least, least.saturating_mul(2)].into_iter().filter(|more| *more > 0);
        REPEATS.into_iter().chain(stretched).map(move |more| (choice, more))
    });
    ways.filter_map(move |(choice, more)| {
        let mut maker = Maker { text: String::new(), choice, more, least, steps: STEPS };
        maker.add(parsed.as_ref()?)?;
        Some(maker.text)
    })
}

/// Makes one text.
struct Maker {
    text: String,
    choice: usize,
    more: usize,
    least: usize,
    steps: usize,
}

impl Maker {
    /// Adds what matches a part; none where that would become too long.
    fn add(&mut self, part: &Hir) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.text.push(member(class, self.choice)?),
            HirKind::Capture(capture) => self.add(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            HirKind::Alternation(parts) => self.add(&parts[self.choice % parts.len()])?,
            HirKind::Repetition(repetition) => {
                let least = usize::try_from(repetition.min).ok()?;
                let most = repetition.max.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
                let mut times = 0;
                while times < least || times < most.min(least.saturating_add(self.more)) {
                    // What is long enough is not made longer.
                    if times >= least && self.least > 0 && self.text.chars().count() >= self.least {
                        break;
                    }
                    self.add(&repetition.sub)?;
                    times += 1;
                }
            }
        }
        (self.text.len() <= LONGEST).then_some(())
    }
}

/// A character of a class: a letter if there is one, then a digit, then whatever is plain.
fn member(class: &Class, choice: usize) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect(),
    };
    let has = |character: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&character));
    let preferred = match choice % 3 {
        0 => "axbc1A0-_. ",
        1 => "1a0xA-_. ",
        _ => "Ab1-_. xa0",
    };
    let plain = || preferred.chars().chain('!'..='~').find(has);
    plain().or_else(|| ranges.get(choice % ranges.len().max(1)).map(|range| range.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Pattern;

    #[test]
    fn patterns_get_texts_that_match() {
        for (pattern, least) in [
            ("^[a-z][a-z0-9-]*$", 0),
            ("^[A-Z]{3}-[0-9]{4}$", 0),
            (r"^\d+\.\d+\.\d+$", 0),
            (r"^v\d{1,3}(-(alpha|beta))?$", 0),
            ("^(?i)straße [äöü]+$", 0),
            (r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", 0),
            (r"^\p{Lu}", 0),
            (r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$", 0),
            (r"\bword\b", 0),
            ("^[a-z]+$", 30),
            ("^(a|bb|ccc)x{2,}$", 12),
            ("^$", 0),
        ] {
            // What neither engine knows nobody can match.
            let Ok(known) = Pattern::new(pattern) else { continue };
            let fits = |text: &String| known.is_match(text) && text.chars().count() >= least;
            assert!(texts(pattern, least).any(|text| fits(&text)), "{pattern}: {:?}", texts(pattern, least).next());
        }
    }

    #[test]
    fn what_nothing_matches_or_is_too_long_ends() {
        assert_eq!(texts("[a&&b]", 0).next(), None);
        assert_eq!(texts("a{5000}", 0).next(), None);
        assert_eq!(texts("(((a{1,9}){1,9}){1,9}){900}{900}", 5_000).next(), None);
        assert_eq!(texts("(", 0).next(), None);
    }
}
