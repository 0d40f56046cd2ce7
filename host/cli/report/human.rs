//! A report for people: findings as pages with their lines, what templates cost, a line for each pack.
//!
//! Always true here: suppressed findings are counted and not shown; text from packs and plugins is made printable.

use super::super::page;
use super::{measured, summary, trials};
use crate::check::{Finding, PackReport, Report};
use crate::diagnostic::Diagnostic;

/// Findings of a pack that are shown one by one; the rest is counted.
const SHOWN: usize = 100;

/// Writes the report for people.
pub(super) fn render(report: &Report, color: bool) -> String {
    let mut writer = Writer::new(color);
    let packs: String = report.packs.iter().map(|pack| writer.pack(pack)).collect();
    packs + &writer.end(report)
}

/// Writes a report piece by piece, as packs come.
#[derive(Debug)]
pub(in crate::cli) struct Writer {
    color: bool,
    any: bool,
    shown_before: bool,
}

impl Writer {
    /// Begins a report.
    pub(in crate::cli) fn new(color: bool) -> Self {
        Self { color, any: false, shown_before: false }
    }

    /// Writes what there is to say about a pack.
    pub(in crate::cli) fn pack(&mut self, pack: &PackReport) -> String {
        let failure = pack.error.as_ref().map(|failure| page::failure(failure, self.color)).unwrap_or_default();
        let mut parts = vec![
            pages(&pack.findings, self.color),
            failure,
            measured::table(&pack.measured),
            trials::line(pack.trials.as_ref()),
        ];
        parts.retain(|part| !part.is_empty());
        let shows = !parts.is_empty();
        // Packs of which there is nothing to show are a line each, one below the other.
        let gap = if self.any && (shows || self.shown_before) { "\n" } else { "" };
        (self.any, self.shown_before) = (true, shows);
        parts.push(summary::pack(pack));
        format!("{gap}{}\n", parts.join("\n\n"))
    }

    /// Writes what stands behind all packs.
    pub(in crate::cli) fn end(&mut self, report: &Report) -> String {
        let mut text = String::new();
        for part in [pages(&report.notes, self.color), summary::total(report).unwrap_or_default()] {
            if !part.is_empty() {
                text += if self.any { "\n" } else { "" };
                text += &(part + "\n");
                self.any = true;
            }
        }
        text
    }
}

fn pages(findings: &[Finding], color: bool) -> String {
    let shown: Vec<Diagnostic> =
        findings.iter().filter(|finding| finding.suppressed.is_none()).map(Diagnostic::from).collect();
    page::findings(&shown, SHOWN, color)
}
