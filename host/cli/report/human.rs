//! A report for people: findings as pages with their lines, what templates cost, a line for each pack.
//!
//! Always true here: suppressed findings are counted and not shown; text from packs and plugins is made printable.

use super::super::page;
use super::{measured, summary};
use crate::check::{Finding, Report};
use crate::diagnostic::Diagnostic;

/// Findings of a pack that are shown one by one; the rest is counted.
const SHOWN: usize = 100;

/// Writes the report for people.
pub(super) fn render(report: &Report, color: bool) -> String {
    let mut text = String::new();
    let mut shown_before = false;
    for pack in &report.packs {
        let failure = pack.error.as_ref().map(|failure| page::failure(failure, color)).unwrap_or_default();
        let mut parts = vec![pages(&pack.findings, color), failure, measured::table(&pack.measured)];
        parts.retain(|part| !part.is_empty());
        let shows = !parts.is_empty();
        // Packs of which there is nothing to show are a line each, one below the other.
        if !text.is_empty() && (shows || shown_before) {
            text.push('\n');
        }
        shown_before = shows;
        parts.push(summary::pack(pack));
        text += &(parts.join("\n\n") + "\n");
    }
    for part in [pages(&report.notes, color), summary::total(report).unwrap_or_default()] {
        if !part.is_empty() {
            text += if text.is_empty() { "" } else { "\n" };
            text += &(part + "\n");
        }
    }
    text
}

fn pages(findings: &[Finding], color: bool) -> String {
    let shown: Vec<Diagnostic> =
        findings.iter().filter(|finding| finding.suppressed.is_none()).map(Diagnostic::from).collect();
    page::findings(&shown, SHOWN, color)
}
