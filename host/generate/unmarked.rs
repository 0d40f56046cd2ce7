//! Sections of packs, and text of theirs that stands outside of them: a pack that was alone wrote its text without markers.
//!
//! Always true here: nothing is changed; whose a text is without markers is never known for certain, so what is only likely is told
//! and keeps nothing from being merged.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Marks, Severity, Span};
use crate::pack::{OutputPath, PackName};
use crate::show::count;

/// What begins and ends a section, in a comment, before the name of its owner.
const MARKERS: [&str; 2] = [">>> packbox:", "<<< packbox:"];
/// Lines of a pack that have to stand outside of its section, before that is told: one alone may be there by accident.
const FEWEST: usize = 2;

/// A file that stands, and what packs want in its sections.
pub(super) struct Unmarked<'a> {
    pub path: &'a OutputPath,
    /// What stands.
    pub text: &'a str,
    /// What packs want, each between its markers.
    pub wanted: &'a str,
    /// Packs that wrote the file without anybody's own text in it, as the receipt says.
    pub writers: &'a [PackName],
    /// Whether a secret may be in what packs want.
    pub has_secret: bool,
}

impl Unmarked<'_> {
    /// What is wrong where a pack's text stands there without its markers: it would be there twice.
    pub fn doubled(&self) -> Vec<Diagnostic> {
        let sections = sections(self.text);
        let doubled = |(owner, wanted): (&str, &str)| {
            let wanted = wanted.trim_matches(['\r', '\n']);
            let at = self.text.match_indices(wanted).map(|(at, _)| at).find(|at| {
                let (before, behind) = (&self.text[..*at], &self.text[at + wanted.len()..]);
                let is_whole = (before.is_empty() || before.ends_with('\n'))
                    && (behind.is_empty() || behind.starts_with(['\r', '\n']));
                is_whole && !sections.iter().any(|(_, section)| section.contains(at))
            });
            let at = at.filter(|_| !wanted.is_empty())?;
            let message =
                format!("`{}` has the text of `{owner}` without its markers: it would stand there twice", self.path);
            let help = "take it out of your file, or put it between the two lines that mark such a section";
            let mut finding = Diagnostic::error("compose/merge", message).help(help);
            let span = Marks::of(self.text).span(self.path.to_string(), self.text, at..at + wanted.len());
            finding.span = Some(Span { excerpt: span.excerpt.filter(|_| !self.has_secret), ..span });
            Some(finding)
        };
        self.new_sections(&sections).filter_map(doubled).collect()
    }

    /// What is to be said where an older text of a pack probably stands there without its markers.
    pub fn suspected(&self) -> Vec<Diagnostic> {
        let sections = sections(self.text);
        let outside: Vec<(u32, &str)> = lines(self.text)
            .zip(1..)
            .filter(|((at, _), _)| !sections.iter().any(|(_, section)| section.contains(at)))
            .map(|((_, line), number)| (number, line.trim()))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        let suspected = |(owner, wanted): (&str, &str)| {
            let wanted: BTreeSet<&str> = wanted.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let known: BTreeSet<&str> =
                outside.iter().map(|(_, line)| *line).filter(|line| wanted.contains(line)).collect();
            let is_likely = known.len() >= FEWEST && known.len() * 2 >= wanted.len();
            let path = self.path;
            let message = if is_likely {
                let lines = count(wanted.len(), "line");
                format!(
                    "{} of the {lines} that `{owner}` wants in `{path}` stand there already, without its markers: an older text of it may be beside its section now",
                    known.len()
                )
            } else if self.writers.iter().any(|writer| writer.as_str() == owner) {
                format!(
                    "`{owner}` wrote `{path}` before, without markers, and it was edited since: its older text may be beside its section now"
                )
            } else {
                return None;
            };
            let first = outside.iter().find(|(_, line)| known.contains(line)).filter(|_| is_likely);
            let mut span = Span::file(path.as_str());
            span.start.line = first.map_or(span.start.line, |(line, _)| *line);
            Some(Diagnostic {
                severity: Severity::Warning,
                span: Some(span),
                ..Diagnostic::error("merge/unmarked", message)
                    .help("look for it, and take it out: without markers it can't be told from what you wrote")
            })
        };
        self.new_sections(&sections).filter_map(suspected).collect()
    }

    /// What packs want whose sections do not stand there yet.
    fn new_sections<'s>(&'s self, there: &'s [(&str, Range<usize>)]) -> impl Iterator<Item = (&'s str, &'s str)> {
        let is_new = |(owner, _): &(&str, Range<usize>)| there.iter().all(|(known, _)| known != owner);
        sections(self.wanted).into_iter().filter(is_new).map(|(owner, range)| (owner, &self.wanted[range]))
    }
}

/// Whether a text has lines that begin or end a section.
pub(super) fn has_markers(text: &str) -> bool {
    MARKERS.iter().any(|marker| text.contains(marker))
}

/// The lines of a text, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |behind, line| {
        let at = *behind;
        *behind += line.len();
        Some((at, line))
    })
}

/// The sections of a text: whose each is, and what is between its markers. One that never ends goes on to the end of the text.
fn sections(text: &str) -> Vec<(&str, Range<usize>)> {
    let owner = |line: &'_ str, marker: &str| -> Option<Range<usize>> {
        let at = line.find(marker)? + marker.len();
        let rest = &line[at..];
        let start = at + (rest.len() - rest.trim_start().len());
        let length = line[start..].find(char::is_whitespace).unwrap_or(line.len() - start);
        Some(start..start + length)
    };
    let [begins, ends] = MARKERS;
    let (mut found, mut open) = (Vec::new(), None);
    for (at, line) in lines(text) {
        if let Some(name) = owner(line, begins) {
            open = Some((&line[name], at + line.len()));
        } else if owner(line, ends).is_some()
            && let Some((name, start)) = open.take()
        {
            found.push((name, start..at));
        }
    }
    found.extend(open.map(|(name, start)| (name, start..text.len())));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_between_their_markers() {
        let text = "mine\n# >>> packbox: a\none\r\n# <<< packbox: a\n\n/* >>> packbox: b-c */\n/* <<< packbox: b-c */\n# >>> packbox: d\nopen";
        let found: Vec<_> = sections(text).into_iter().map(|(owner, range)| (owner, &text[range])).collect();
        assert_eq!(found, [("a", "one\r\n"), ("b-c", ""), ("d", "open")]);
        assert!(sections("").is_empty() && sections("# <<< packbox: a\n").is_empty());
    }

    fn told(text: &str, wanted: &str, writers: &[&str]) -> (usize, Vec<String>) {
        let path = OutputPath::new("Makefile").unwrap();
        let writers: Vec<PackName> = writers.iter().map(|name| PackName::new(name).unwrap()).collect();
        let wanted = format!("# >>> packbox: a\n{wanted}# <<< packbox: a\n");
        let unmarked = Unmarked { path: &path, text, wanted: &wanted, writers: &writers, has_secret: false };
        let told = unmarked.suspected();
        assert!(told.iter().all(|finding| finding.severity == Severity::Warning && finding.message.contains("`a`")));
        let places = told.iter().map(|finding| finding.span.as_ref().unwrap().start.line.to_string());
        (unmarked.doubled().len(), places.collect())
    }

    #[test]
    fn what_stands_without_markers_is_found() {
        let nothing = (0, Vec::new());
        // All of it, and nothing of it, and as a part of a line.
        assert_eq!(told("mine\nx\ny\n", "x\ny\n", &[]).0, 1);
        assert_eq!(told("mine\n", "x\ny\n", &[]), nothing);
        assert_eq!(told("xx\n", "x\n", &[]), nothing);
        // Half of it, and less; a line that is there by accident.
        assert_eq!(told("mine\n\n  x\ny\n", "x\ny\nz\nnew\n", &[]), (0, vec!["3".to_owned()]));
        assert_eq!(told("x\ny\n", "x\ny\nz\nnew\nlast\n", &[]), nothing);
        assert_eq!(told("x\n", "x\nz\n", &[]), nothing);
        // In a section, its own or another's, it stands rightly.
        assert_eq!(told("# >>> packbox: a\nx\ny\n# <<< packbox: a\n", "x\ny\nz\n", &["a"]), nothing);
        assert_eq!(told("# >>> packbox: b\nx\ny\n# <<< packbox: b\n", "x\ny\n", &[]), nothing);
        // What the receipt says.
        assert_eq!(told("mine\n", "x\n", &["b", "a"]), (0, vec!["1".to_owned()]));
    }
}
