//! Suppressions beside what they suppress: a comment `packbox: allow(RULE[, RULE…]) REASON`.
//!
//! Always true here: no language is parsed, so the comment may stand in any text; one without a reason does not hold, and
//! what failed and what is said about suppressions can't be suppressed.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::report::{Finding, RuleInfo, Suppression, SuppressionKind};
use super::suppression::{NO_REASON, UNUSED, may_suppress};
use crate::diagnostic::{Diagnostic, Marks, Severity, Span};
use crate::show::quoted;

/// What a suppression begins with.
pub const MARKER: &str = "packbox: allow(";

/// How many suppressions a pack may have.
const MAX_COMMENTS: usize = 1_000;

/// How many rules a suppression may name; it does not hold for others.
const MAX_RULES: usize = 100;

/// The longest reason that is kept, in characters.
const MAX_REASON: usize = 500;

/// What ends a comment, in the languages that end one before the line does.
const CLOSERS: [&str; 5] = ["#}", "*/", "-->", "}}", "%}"];

/// A suppression in a file.
struct Comment {
    /// The rules that it names, and whether it has suppressed a finding of each.
    rules: Vec<(String, bool)>,
    reason: String,
    span: Span,
    /// The last line that it holds for; the first is its own.
    last_line: u32,
}

/// Suppresses what the comments in a pack's files say, and adds what is wrong with them.
///
/// `files` are paths, as spans name them, and texts. `rules` are those that were checked to the end: a comment that
/// suppresses nothing is reported for them only, since the others had no chance to find anything.
pub fn apply<P: AsRef<str>, T: AsRef<str>>(
    files: impl IntoIterator<Item = (P, T)>,
    rules: &[RuleInfo],
    findings: &mut Vec<Finding>,
) {
    let mut comments = Vec::new();
    let mut beyond = None;
    for (path, text) in files {
        read(path.as_ref(), text.as_ref(), &mut comments, &mut beyond);
    }
    let places = by_place(&comments);
    let mut used = Vec::new();
    for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none() && finding.may_be_suppressed()) {
        let Some(span) = &finding.span else { continue };
        let Some((at, rule)) = places.get(&(&*span.path, span.start.line, &*finding.rule)) else { continue };
        used.push((*at, *rule));
        let reason = comments[*at].reason.clone();
        finding.suppressed = Some(Suppression { kind: SuppressionKind::Inline, reason });
    }
    for (at, rule) in used {
        comments[at].rules[rule].1 = true;
    }
    let checked: HashSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    findings.extend(comments.iter().flat_map(|comment| complaints(comment, &checked)).take(MAX_COMMENTS));
    findings.extend(beyond.map(|span| {
        let message = format!("there are more than {MAX_COMMENTS} suppressions, and the rest are ignored");
        note(message, span)
    }));
}

/// Finds the suppressions in a text.
fn read(path: &str, text: &str, comments: &mut Vec<Comment>, beyond: &mut Option<Span>) {
    for (index, line) in text.lines().enumerate() {
        let starts: Vec<usize> = line.match_indices(MARKER).map(|(start, _)| start).collect();
        if starts.is_empty() {
            continue;
        }
        let line =
            Line { path, text: line, marks: Marks::of(line), number: u32::try_from(index + 1).unwrap_or(u32::MAX) };
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(line.text.len());
            if comments.len() < MAX_COMMENTS {
                comments.push(parse(&line, *start..end));
            } else {
                beyond.get_or_insert_with(|| line.span(*start..start + MARKER.len()));
                return;
            }
        }
    }
}

/// Reads one suppression, which begins with the marker and goes on to the end of `range` at most.
fn parse(line: &Line<'_>, range: Range<usize>) -> Comment {
    let text = &line.text[range.start + MARKER.len()..range.end];
    let (names, rest) = text.split_once(')').unwrap_or((text, ""));
    let closer = CLOSERS.iter().filter_map(|closer| Some((rest.find(closer)?, closer.len()))).min();
    let (reason, behind) = match closer {
        // Template languages have a sign before the closer that trims space.
        Some((at, length)) => (rest[..at].trim_end_matches(['-', '+', '~']), &rest[at + length..]),
        None => (rest, ""),
    };
    // Whatever opens a comment has neither letters nor digits in it.
    let alone = !line.text[..range.start].contains(char::is_alphanumeric)
        && behind.trim().is_empty()
        && range.end == line.text.len();
    let reason = reason.trim().trim_start_matches([':', '-', '–', '—']).trim();
    let reason = if reason.contains(char::is_alphanumeric) { reason } else { "" };
    let end = range.end - text.len() + names.len() + usize::from(names.len() < text.len());
    Comment {
        rules: names.split(',').take(MAX_RULES).map(|name| (name.trim().to_owned(), false)).collect(),
        reason: reason.chars().take(MAX_REASON).collect(),
        span: line.span(range.start..end),
        last_line: if alone { line.number.saturating_add(1) } else { line.number },
    }
}

/// A line of a file whose number is known, so that nobody has to count lines again.
struct Line<'a> {
    path: &'a str,
    text: &'a str,
    marks: Marks,
    number: u32,
}

impl Line<'_> {
    /// A place in it.
    fn span(&self, range: Range<usize>) -> Span {
        let mut span = self.marks.span(self.path, self.text, range);
        span.start.line = self.number;
        if let Some(end) = &mut span.end {
            end.line = self.number;
        }
        span
    }
}

/// Which comment holds for a rule at a line of a file, the nearest of several, and which of its rules that is.
fn by_place(comments: &[Comment]) -> HashMap<(&str, u32, &str), (usize, usize)> {
    let mut places = HashMap::new();
    for (at, comment) in comments.iter().enumerate().rev().filter(|(_, comment)| !comment.reason.is_empty()) {
        for line in comment.span.start.line..=comment.last_line {
            for (index, (rule, _)) in comment.rules.iter().enumerate() {
                places.entry((&*comment.span.path, line, &**rule)).or_insert((at, index));
            }
        }
    }
    places
}

/// What is wrong with a suppression.
fn complaints(comment: &Comment, checked: &HashSet<&str>) -> Vec<Finding> {
    if comment.reason.is_empty() {
        let names: Vec<&str> = comment.rules.iter().map(|(rule, _)| rule.as_str()).collect();
        let names = names.join(", ");
        let mut finding = Diagnostic::error(NO_REASON, "the suppression has no reason, so it is ignored")
            .at(comment.span.clone())
            .help(format!("write {}", quoted(&format!("{MARKER}{names}) REASON"))));
        finding.severity = Severity::Warning;
        return vec![finding.into()];
    }
    let unused = comment.rules.iter().filter_map(|(rule, used)| {
        let message = if !may_suppress(rule) {
            format!("findings of {} can't be suppressed", quoted(rule))
        } else if !used && checked.contains(rule.as_str()) {
            format!("the suppression of {} suppresses nothing", quoted(rule))
        } else if !rule.contains('/') {
            format!("{} is not the name of a rule", quoted(rule))
        } else {
            return None;
        };
        Some(note(message, comment.span.clone()))
    });
    unused.collect()
}

fn note(message: String, span: Span) -> Finding {
    let mut finding = Diagnostic::error(UNUSED, message).at(span);
    finding.severity = Severity::Note;
    finding.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str) -> RuleInfo {
        RuleInfo { id: id.into(), summary: String::new(), default_level: Severity::Error, help: String::new() }
    }

    /// What becomes of findings of `a/b` at the lines of a text that have `BAD` in them.
    fn outcome(text: &str) -> Vec<(String, u32, Option<String>)> {
        let mut findings: Vec<Finding> = text
            .match_indices("BAD")
            .map(|(at, bad)| Diagnostic::error("a/b", "bad").at(Span::in_text("p/x", text, at..at + bad.len())).into())
            .collect();
        apply([("p/x", text)], &[rule("a/b")], &mut findings);
        let told = findings.into_iter().map(|finding| {
            let line = finding.span.unwrap().start.line;
            (finding.rule, line, finding.suppressed.map(|suppression| suppression.reason))
        });
        told.collect()
    }

    fn reasons(text: &str) -> Vec<Option<String>> {
        outcome(text).into_iter().map(|(.., reason)| reason).collect()
    }

    #[test]
    fn it_holds_for_its_line_and_alone_for_the_next() {
        for (text, holds) in [
            ("BAD # packbox: allow(a/b) legacy", true),
            ("# packbox: allow(a/b) legacy\nBAD", true),
            ("  {#- packbox: allow(c/d, a/b) legacy -#}\nBAD", true),
            ("<!-- packbox: allow(a/b): legacy -->\nBAD", true),
            ("/* packbox: allow(a/b) — legacy */ BAD", true),
            ("{{!-- packbox: allow(a/b) legacy --}}\r\nBAD\r\n", true),
        ] {
            assert_eq!(reasons(text)[0], holds.then(|| "legacy".to_owned()), "{text}");
        }
        assert_eq!(reasons("x = 1 # packbox: allow(a/b) legacy\nBAD")[0], None);
        assert_eq!(reasons("/* packbox: allow(a/b) legacy */ x\nBAD")[0], None);
        assert_eq!(reasons("# packbox: allow(a/b) legacy\n\nBAD")[0], None);
        assert_eq!(reasons("# packbox: allow(c/d) legacy\nBAD")[0], None);
    }

    #[test]
    fn without_a_reason_it_does_not_hold() {
        for text in ["BAD # packbox: allow(a/b)", "{# packbox: allow(a/b) -#} BAD", "BAD # packbox: allow(a/b why"] {
            let found = outcome(text);
            assert_eq!(found[0].2, None, "{text}");
            assert_eq!((found[1].0.as_str(), found.len()), (NO_REASON, 2), "{text}");
        }
    }

    #[test]
    fn what_suppresses_nothing_is_noted() {
        assert_eq!(outcome("\n# packbox: allow(a/b) legacy\nfine"), [(UNUSED.to_owned(), 2, None)]);
        assert_eq!(outcome("# packbox: allow(c/d) that rule was not checked"), []);
        assert_eq!(outcome("# packbox: allow(ab) legacy"), [(UNUSED.to_owned(), 1, None)]);
        assert_eq!(outcome("# packbox: allow(suppression/stale) legacy"), [(UNUSED.to_owned(), 1, None)]);
    }

    #[test]
    fn what_failed_stays() {
        let text = "name = 1 # packbox: allow(manifest/type) I like it so";
        let finding = Finding::from(Diagnostic::error("manifest/type", "a number").at(Span::in_text("p", text, 7..8)));
        let mut findings = vec![Finding { failed: true, ..finding.clone() }, finding];
        apply([("p", text)], &[], &mut findings);
        assert_eq!(findings[0].suppressed, None);
        assert!(findings[1].suppressed.is_some());
    }

    #[test]
    fn two_in_a_line_are_two() {
        let text = "/* packbox: allow(c/d) one */ /* packbox: allow(a/b) two */ BAD";
        assert_eq!(reasons(text), [Some("two".to_owned())]);
        let place = parse(&Line { path: "p", text, marks: Marks::of(text), number: 4 }, 3..33).span;
        assert_eq!((place.start.line, place.start.column, place.end.unwrap().column), (4, 4, 23));
    }

    #[test]
    fn their_number_is_bounded() {
        let text = "# packbox: allow(c/d) x\n".repeat(MAX_COMMENTS) + "# packbox: allow(a/b) x\nBAD";
        let found = outcome(&text);
        assert_eq!((found.len(), found[0].2.clone()), (2, None));
        assert_eq!((found[1].0.as_str(), found[1].1), (UNUSED, 1_001));
    }
}
