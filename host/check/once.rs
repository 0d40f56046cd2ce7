//! One mistake is told once: where something failed at the very mistake that a rule speaks of, the rule's finding goes.
//!
//! Always true here: what failed stays, and remembers what went for it as its [`Twin`], so that a baseline holds for both;
//! what is suppressed stays, too.

use std::collections::BTreeMap;

use super::report::{Finding, Twin};
use crate::diagnostic::{Position, Span};

/// What stands behind the beginning of a name that was too long to be shown.
const CUT: char = '…';

/// Takes out what is told twice.
pub fn once(findings: &mut Vec<Finding>) {
    merge(findings);
    let (mut failed, rules): (Vec<Finding>, Vec<Finding>) =
        std::mem::take(findings).into_iter().partition(|finding| finding.failed);
    let mut at: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let paths: Vec<String> = failed.iter().map(|finding| path(finding).to_owned()).collect();
    for (number, path) in paths.iter().enumerate() {
        at.entry(path).or_default().push(number);
    }
    let mut in_paths: BTreeMap<String, usize> = BTreeMap::new();
    for (number, failed) in failed.iter().enumerate().rev() {
        in_paths.extend(in_path(failed).map(|name| (name.to_owned(), number)));
    }
    let mut left = Vec::with_capacity(rules.len());
    for rule in rules {
        let same = at.get(path(&rule)).into_iter().flatten().copied().find(|number| is_same(&failed[*number], &rule));
        let same = same.or_else(|| in_paths.get(in_expression(&rule)?).copied());
        match same.filter(|_| rule.suppressed.is_none()) {
            Some(number) => take(&mut failed[number], rule),
            None => left.push(rule),
        }
    }
    left.extend(failed);
    let place = |span: &Option<Span>| span.as_ref().map(|span| (span.path.clone(), span.start));
    left.sort_by_cached_key(|finding| (place(&finding.span), finding.rule.clone(), finding.message.clone()));
    *findings = left;
}

/// Makes one of what failed several times at the same: in two places that evaluate it, or for each template that
/// includes it.
fn merge(findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<(String, String, String, Position), usize> = BTreeMap::new();
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let place = finding.span.as_ref().filter(|span| finding.failed && !span.is_whole_file());
        let key = place.map(|span| (finding.rule.clone(), finding.message.clone(), span.path.clone(), span.start));
        match key.map(|key| *first.entry(key).or_insert(merged.len())) {
            Some(at) if at < merged.len() => {
                let one = &mut merged[at];
                let more = finding.related.into_iter().filter(|place| !one.related.contains(place));
                let more: Vec<Span> = more.collect();
                one.related.extend(more);
                // Who knows more says what to do.
                let length = |help: &Option<String>| help.as_ref().map_or(0, String::len);
                if length(&finding.help) > length(&one.help) {
                    one.help = finding.help;
                }
            }
            _ => merged.push(finding),
        }
    }
    *findings = merged;
}

fn path(finding: &Finding) -> &str {
    finding.span.as_ref().map_or("", |span| &span.path)
}

/// Whether something failed at what a rule speaks of; both are about one file.
fn is_same(failed: &Finding, rule: &Finding) -> bool {
    let (Some(there), Some(here)) = (&failed.span, &rule.span) else { return false };
    match (failed.rule.as_str(), rule.rule.as_str()) {
        // What can't be read has no expressions that could be told.
        ("template/syntax", "templates/no-expression") => true,
        ("template/syntax", "templates/encoding") => failed.message.contains("not UTF-8"),
        ("output/clash", "templates/output-clash") => there.start == here.start,
        ("template/unknown-function", "templates/undefined-variable") | ("template/type", "templates/not-a-list") => {
            speak_of_one(failed, rule)
        }
        (failure, opinion) => {
            let twin = failure.strip_prefix("template/").zip(opinion.strip_prefix("templates/"));
            twin.is_some_and(|(failure, opinion)| failure == opinion) && speak_of_one(failed, rule)
        }
    }
}

/// What is undefined in an expression in the path of a file, where it failed: that is told at the file.
fn in_path(failed: &Finding) -> Option<&str> {
    let at_file = failed.span.as_ref().is_some_and(Span::is_whole_file);
    if failed.rule == "template/undefined-variable" && at_file { name(&failed.message) } else { None }
}

/// And what a rule says is undefined there, where the manifest names the file or its folder.
fn in_expression(rule: &Finding) -> Option<&str> {
    let speaks = rule.rule == "templates/undefined-variable" && rule.message.starts_with("the expression reads ");
    if speaks { name(&rule.message) } else { None }
}

/// Whether two findings name the same on one line, or the first one names nothing and is at the same place.
fn speak_of_one(failed: &Finding, rule: &Finding) -> bool {
    let (Some(there), Some(here)) = (&failed.span, &rule.span) else { return false };
    match (name(&failed.message), name(&rule.message)) {
        (Some(one), Some(other)) => there.start.line == here.start.line && is_one_name(one, other),
        (None, Some(_)) => there.start == here.start,
        (_, None) => false,
    }
}

fn name(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

/// Whether two names are one, of which either may be cut.
fn is_one_name(one: &str, other: &str) -> bool {
    match (one.strip_suffix(CUT), other.strip_suffix(CUT)) {
        (None, None) => one == other,
        (Some(start), None) => other.starts_with(start),
        (None, Some(start)) => one.starts_with(start),
        (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
    }
}

/// Lets what failed stand for what a rule says, and say the name and what to do where only the rule knows it.
fn take(failed: &mut Finding, rule: Finding) {
    if let (None, Some(name), "template/undefined-variable") =
        (name(&failed.message), name(&rule.message), &*failed.rule)
    {
        failed.message = format!("`{name}` is undefined");
    }
    failed.help = failed.help.take().or(rule.help);
    failed.twins.push(Twin { rule: rule.rule, fingerprint: rule.fingerprint });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;

    fn finding(rule: &str, message: &str, (line, column): (u32, u32)) -> Finding {
        let span = Span { start: Position { line, column }, excerpt: Some("x".into()), ..Span::file("a.txt") };
        Finding {
            failed: rule.starts_with("template/") || rule == "output/clash",
            ..Diagnostic::error(rule, message).at(span).into()
        }
    }

    /// The rules that are left of two findings.
    fn left(failed: (&str, &str), rule: (&str, &str), place: (u32, u32)) -> Vec<String> {
        let mut findings = vec![finding(failed.0, failed.1, (2, 4)), finding(rule.0, rule.1, place)];
        once(&mut findings);
        findings.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_mistake_is_told_once() {
        let long = "x".repeat(70);
        let (whole, cut) = (format!("`{long}` is undefined"), format!("`{}…` is neither", &long[..60]));
        let undefined = ("template/undefined-variable", "`a` is undefined");
        let neither = ("templates/undefined-variable", "`a` is neither a variable nor assigned");
        for (failed, rule, place) in [
            (undefined, neither, (2, 9)),
            ((undefined.0, &*whole), (neither.0, &*cut), (2, 4)),
            ((undefined.0, "an undefined value was used"), neither, (2, 4)),
            (("template/unknown-function", "unknown function `a`"), neither, (2, 4)),
            (("template/syntax", "`{{` is never closed"), ("templates/no-expression", "`a.txt` has none"), (1, 1)),
            (("template/syntax", "the template is not UTF-8: x"), ("templates/encoding", "`a.txt` is not"), (1, 1)),
            (("output/clash", "two files are written to `a`"), ("templates/output-clash", "`a` and `A`"), (2, 4)),
            (("template/type", "`a` is text, not a list"), ("templates/not-a-list", "`a` is a `string`"), (2, 8)),
        ] {
            assert_eq!(left(failed, rule, place), [failed.0], "{rule:?}");
        }
        for (failed, rule, place) in [
            (undefined, neither, (3, 4)),
            (undefined, (neither.0, "`b` is neither"), (2, 4)),
            ((undefined.0, "an undefined value was used"), neither, (2, 9)),
            (("template/syntax", "`{{` is never closed"), ("templates/encoding", "`a.txt` is not"), (1, 1)),
            (("output/clash", "two files are written to `a`"), ("templates/output-clash", "`a` and `A`"), (3, 4)),
            (undefined, ("templates/long-line", "`a` is long"), (2, 4)),
            (("template/type", "`b` is text, not a list"), ("templates/not-a-list", "`a` is a `string`"), (2, 4)),
        ] {
            assert_eq!(left(failed, rule, place).len(), 2, "{rule:?}");
        }
    }

    #[test]
    fn what_failed_says_the_name_and_remembers_the_other() {
        let mut findings = vec![
            finding("template/undefined-variable", "an undefined value was used", (1, 2)),
            finding("template/undefined-variable", "an undefined value was used", (1, 2)),
            finding("templates/undefined-variable", "`b` is neither", (1, 2)),
        ];
        once(&mut findings);
        let [only] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!((only.message.as_str(), only.twins.len()), ("`b` is undefined", 1));
    }
}
