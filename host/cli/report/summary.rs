//! A line for each pack and one for all, as people read them.

use std::collections::BTreeMap;

use crate::check::{Finding, PackReport, Report, Status, Summary};
use crate::show::count;
use crate::stop::StopReason;
use crate::text::{printable_line, shortened};

/// Packs that are named behind all others because they failed.
const NAMED: usize = 50;

/// Bytes of what is said about each of them.
const LONGEST: usize = 160;

/// Sums up a pack: `packs/a (rust-service 1.2.0): 1 error, 2 warnings, 1 suppressed`.
pub(super) fn pack(pack: &PackReport) -> String {
    let name = match (&pack.name, &pack.version) {
        (Some(name), Some(version)) => format!(" ({name} {version})"),
        (Some(name), None) => format!(" ({name})"),
        (None, _) => String::new(),
    };
    printable_line(&format!("{}{name}: {}", pack.path, outcome(pack)))
}

/// What came of a pack, without its name.
pub(super) fn outcome(pack: &PackReport) -> String {
    let found = counts(&of(&pack.findings));
    let skipped = match pack.budget.map_or(0, |used| used.untried) {
        0 => String::new(),
        count => format!(" ({count} skipped)"),
    };
    if let Some(failure) = pack.error.as_ref().filter(|_| is_unreached(pack)) {
        return failure.detail.clone();
    }
    match (pack.status, found.is_empty()) {
        (Status::Failed, true) => format!("not checked completely{skipped}"),
        (Status::Failed, false) => format!("not checked completely{skipped}; {found}"),
        (Status::Clean, true) => "ok".to_owned(),
        (Status::Clean, false) => format!("ok; {found}"),
        (Status::Findings, _) => found,
    }
}

/// Whether the time was over before the pack was begun.
pub(super) fn is_unreached(pack: &PackReport) -> bool {
    let stop = pack.error.as_ref().and_then(|failure| failure.stop.as_ref());
    !pack.checked.manifest && stop.is_some_and(|stop| stop.reason == StopReason::TimeBudget)
}

/// Names the packs that failed, a line each; nothing where there is one pack only.
pub(super) fn failed(report: &Report) -> String {
    let failed: Vec<&PackReport> =
        report.packs.iter().take(report.summary.packs).filter(|pack| pack.exit != 0).collect();
    if failed.is_empty() || report.packs.len() == 1 {
        return String::new();
    }
    let mut lines = vec!["failed:".to_owned()];
    lines.extend(failed.iter().take(NAMED).map(|pack| {
        let why = match &pack.error {
            Some(failure) => format!("{} (exit code {})", shortened(failure.detail.clone(), LONGEST), pack.exit),
            None => outcome(pack),
        };
        printable_line(&format!("  {}: {why}", pack.path))
    }));
    if failed.len() > NAMED {
        lines.push(format!("  and {}", count(failed.len() - NAMED, "more pack")));
    }
    lines.join("\n") + "\n\n"
}

/// Sums up all packs; none where there is one pack only and nothing beside it.
pub(super) fn total(report: &Report) -> Option<String> {
    let summary = &report.summary;
    if summary.packs == 1 && report.notes.is_empty() {
        return None;
    }
    let mut what = count(summary.packs, "pack");
    let mut parts = vec![format!("{} clean", summary.clean)];
    // What came of comparing packs is a report beside theirs.
    if report.packs.len() > summary.packs {
        what = format!("{what}, {}", count(summary.pairs, "pair"));
        let all = summary.packs * summary.packs.saturating_sub(1) / 2;
        let together = report.packs.last().is_none_or(|together| together.exit == 0);
        let compatible = report.packs.iter().all(|pack| pack.exit == 0);
        parts = vec![match (together, compatible) {
            (true, true) => "compatible".to_owned(),
            (true, _) if summary.pairs < all => format!("not all of {} could be compared", count(all, "pair")),
            _ => "not compatible".to_owned(),
        }];
    }
    for (status, what) in [(Status::Findings, "with findings"), (Status::Failed, "not checked completely")] {
        let packs = report.packs.iter().take(summary.packs).filter(|pack| pack.status == status);
        let exits: Vec<u8> = packs.map(|pack| pack.exit).collect();
        if !exits.is_empty() {
            parts.push(format!("{} {what} ({})", exits.len(), codes(&exits)));
        }
    }
    let counts = counts(summary);
    let behind = if counts.is_empty() { String::new() } else { format!("; {counts}") };
    Some(format!("{what}: {}{behind}", parts.join(", ")))
}

/// Says how many packs have which exit code: `exit code 1`, or `1 with exit code 4, 2 with exit code 5`.
pub(in crate::cli) fn codes(exits: &[u8]) -> String {
    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    for exit in exits {
        *counts.entry(*exit).or_default() += 1;
    }
    match counts.first_key_value() {
        Some((exit, _)) if counts.len() == 1 => format!("exit code {exit}"),
        _ => {
            let codes: Vec<String> = counts.iter().map(|(exit, n)| format!("{n} with exit code {exit}")).collect();
            codes.join(", ")
        }
    }
}

/// Counts the findings of one pack.
fn of(findings: &[Finding]) -> Summary {
    Summary::of(&[], findings)
}

fn counts(summary: &Summary) -> String {
    let parts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")];
    let mut parts: Vec<String> =
        parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(number, what)).collect();
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    parts.join(", ")
}
