//! A report for people: findings as pages with their lines, a line for each pack, what templates cost.
//!
//! Always true here: suppressed findings are counted and not shown; text from packs and plugins is made printable. Of
//! several packs only what counts is shown, and those in which nothing does are a line each; the last lines name those
//! that failed.

use super::super::page;
use super::look::{Detail, Look};
use super::{measured, summary, trials};
use crate::check::{Finding, PackReport, Report};
use crate::diagnostic::{Diagnostic, Severity};

/// Findings of a pack that are shown one by one; the rest is counted.
const SHOWN: usize = 100;

/// What nobody may take for more than it is: that a pack is in order without anything having run.
const UNSEEN: &str = "`check` runs nothing, so it does not look at expressions or templates: `packbox lint` does, and `packbox \
                      validate` renders them";

/// Writes the report for people.
pub(super) fn render(report: &Report, look: Look) -> String {
    let mut writer = Writer::new(look, report.packs.len(), report.fail_on);
    let packs: String = report.packs.iter().map(|pack| writer.pack(pack)).collect();
    packs + &writer.end(report)
}

/// Writes a report piece by piece, as packs come.
#[derive(Debug)]
pub(in crate::cli) struct Writer {
    look: Look,
    /// Whether there is one pack only, of which everything that was found is shown.
    lone: bool,
    before: Before,
    /// Whether anything was found that is counted only.
    hidden: bool,
    /// The least level that counts.
    fail_on: Severity,
}

/// What was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A pack of which there is nothing to show.
    Line,
    Page,
}

impl Writer {
    /// Begins a report of so many packs, in which findings of `fail_on` and above count.
    pub(in crate::cli) fn new(look: Look, packs: usize, fail_on: Severity) -> Self {
        Self { look, lone: packs == 1, before: Before::Nothing, hidden: false, fail_on }
    }

    /// Writes what there is to say about a pack.
    pub(in crate::cli) fn pack(&mut self, pack: &PackReport) -> String {
        let failed = pack.exit != 0;
        if self.look.detail == Detail::Failures && !failed {
            return String::new();
        }
        let all = self.look.detail == Detail::Full || (self.lone && self.look.detail == Detail::Usual);
        let open = pack.findings.iter().filter(|finding| finding.suppressed.is_none());
        let (shown, rest): (Vec<&Finding>, Vec<&Finding>) = open.partition(|one| all || one.counts(self.fail_on));
        self.hidden |= !rest.is_empty();
        // That the time was over before a pack was reached is said in its line.
        let failure = pack.error.as_ref().filter(|_| !summary::is_unreached(pack));
        let failure = failure.map(|failure| page::failure(failure, self.look.color)).unwrap_or_default();
        let mut parts = vec![pages(&shown, self.look.color), failure];
        if self.look.detail == Detail::Full {
            parts.push(measured::table(&pack.measured));
        }
        if all {
            parts.push(trials::line(pack.trials.as_ref()));
        }
        if self.look.detail == Detail::Full {
            parts.push(trials::untaken(pack.trials.as_ref()));
        }
        parts.retain(|part| !part.is_empty());
        // Packs of which there is nothing to show are a line each, one below the other.
        let now = if parts.is_empty() { Before::Line } else { Before::Page };
        let gap = match (self.before, now) {
            (Before::Nothing, _) | (Before::Line, Before::Line) => "",
            _ => "\n",
        };
        self.before = now;
        parts.push(summary::pack(pack));
        format!("{gap}{}\n", parts.join("\n\n"))
    }

    /// Writes what stands behind all packs.
    pub(in crate::cli) fn end(&mut self, report: &Report) -> String {
        if self.look.detail == Detail::Failures && report.exit() == 0 {
            return String::new();
        }
        let full = self.look.detail == Detail::Full;
        let dearest = if full { measured::dearest(&report.dearest) } else { String::new() };
        let total = summary::total(report).map(|total| {
            let hidden = self.hidden && self.look.detail == Detail::Usual;
            let hidden = if hidden { " (`--verbose` shows what does not count)" } else { "" };
            format!("{}{total}{hidden}", summary::failed(report))
        });
        let notes: Vec<&Finding> = report.notes.iter().filter(|note| note.suppressed.is_none()).collect();
        let mut text = String::new();
        let unseen = if report.exit() == 0 && is_of_check(report) { UNSEEN.to_owned() } else { String::new() };
        for part in [pages(&notes, self.look.color), dearest, total.unwrap_or_default(), unseen] {
            if !part.is_empty() {
                text += if self.before == Before::Nothing { "" } else { "\n" };
                text += &(part + "\n");
                self.before = Before::Page;
            }
        }
        text
    }
}

/// Whether nothing ran for any of the packs.
fn is_of_check(report: &Report) -> bool {
    let ran_nothing = |pack: &PackReport| pack.budget.is_none() && pack.checked.rules.is_none();
    !report.packs.is_empty() && report.packs.iter().all(ran_nothing)
}

fn pages(findings: &[&Finding], color: bool) -> String {
    let shown: Vec<Diagnostic> = findings.iter().map(|finding| Diagnostic::from(*finding)).collect();
    page::findings(&shown, SHOWN, color)
}
