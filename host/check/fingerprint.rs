//! Fingerprints of findings: what a baseline, and whoever compares two reports, knows a finding by.
//!
//! Always true here: a fingerprint depends neither on line numbers nor on where the pack lies, so it stays the same while
//! lines are added above a finding, and in another checkout.

use std::collections::HashMap;

use super::report::Finding;
use crate::digest::Digest;

/// How many hexadecimal digits of the SHA-256 are kept.
const DIGITS: usize = 32;

/// Gives each finding of a pack its fingerprint.
///
/// It is made of the rule, the path relative to the pack, the message, the text of the line, and, among findings that
/// are equal in all that, how many stand above it. `pack_path` is the pack as the spans name it.
pub fn assign(findings: &mut [Finding], pack_path: &str) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| findings[*at].span.as_ref().map(|span| span.start));
    let mut seen: HashMap<Digest, u64> = HashMap::new();
    for at in order {
        let mut subject = subject(&findings[at], pack_path);
        let above = seen.entry(Digest::of(&subject)).or_default();
        subject.extend(above.to_le_bytes());
        *above += 1;
        let mut fingerprint = Digest::of(&subject).to_string();
        fingerprint.truncate(DIGITS);
        findings[at].fingerprint = fingerprint;
    }
}

/// Whether a text looks like a fingerprint.
pub(super) fn is_valid(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The path of a span within the pack; as it is where it is none of the pack's.
pub(super) fn relative<'a>(path: &'a str, pack_path: &str) -> &'a str {
    path.strip_prefix(pack_path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
}

/// What a finding is known by, each part with its length before it, so that no two findings run into each other.
fn subject(finding: &Finding, pack_path: &str) -> Vec<u8> {
    let span = finding.span.as_ref();
    let path = span.map_or("", |span| relative(&span.path, pack_path));
    let line = span.and_then(|span| span.excerpt.as_deref()).unwrap_or_default().trim();
    let mut subject = b"packbox finding 1\n".to_vec();
    for part in [&finding.rule, path, &finding.message, line] {
        subject.extend((part.len() as u64).to_le_bytes());
        subject.extend(part.as_bytes());
    }
    subject
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Span};

    fn finding(path: &str, text: &str, what: &str) -> Finding {
        let start = text.find(what).unwrap();
        Diagnostic::error("a/b", "it is wrong").at(Span::in_text(path, text, start..start + what.len())).into()
    }

    fn fingerprints(mut findings: Vec<Finding>, pack_path: &str) -> Vec<String> {
        assign(&mut findings, pack_path);
        findings.into_iter().map(|finding| finding.fingerprint).collect()
    }

    #[test]
    fn neither_lines_above_nor_the_packs_place_matter() {
        let before = fingerprints(vec![finding("pack/x", "one\n  two\n", "two")], "pack");
        let after = fingerprints(vec![finding("/else/where/x", "zero\none\ntwo\n", "two")], "/else/where/");
        assert_eq!(before, after);
        assert!(is_valid(&before[0]), "{before:?}");
        assert_eq!(before, fingerprints(vec![finding("./x", "two", "two")], "."));
    }

    #[test]
    fn what_the_finding_says_matters() {
        let one = finding("p/x", "one", "one");
        let all = [
            one.clone(),
            Finding { rule: "a/c".into(), ..one.clone() },
            Finding { message: "it is wrong 2".into(), ..one.clone() },
            Finding { span: Some(Span::file("p/x")), ..one.clone() },
            Finding { span: Some(Span::file("p/y")), ..one.clone() },
            Finding { span: None, ..one },
        ];
        let mut found: Vec<_> = all.into_iter().flat_map(|finding| fingerprints(vec![finding], "p")).collect();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn equal_findings_are_counted_from_above() {
        let text = "same\nother\nsame\n";
        let first = finding("p/x", text, "same");
        let mut second = first.clone();
        second.span = Some(Span::in_text("p/x", text, 11..15));
        let ordered = fingerprints(vec![first.clone(), second.clone()], "p");
        assert_ne!(ordered[0], ordered[1]);
        let mut reversed = fingerprints(vec![second, first], "p");
        reversed.reverse();
        assert_eq!(ordered, reversed);
    }

    #[test]
    fn a_path_beside_the_pack_is_not_shortened() {
        assert_eq!(relative("pack-two/x", "pack"), "pack-two/x");
        assert_eq!(relative("pack/x", "pack/"), "x");
        assert_eq!(relative("/x", "/"), "x");
    }

    /// Baselines that people have committed depend on it.
    #[test]
    fn it_is_the_same_in_every_version() {
        assert_eq!(fingerprints(vec![finding("p/x", "one", "one")], "p"), ["d35aeceb0b953746230145739ed206ae"]);
    }
}
