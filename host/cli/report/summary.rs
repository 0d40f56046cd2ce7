//! A line for each pack and one for all, as people read them.

use std::collections::BTreeMap;

use crate::check::{Finding, PackReport, Report, Status, Summary};
use crate::show::count;
use crate::text::printable_line;

/// Sums up a pack: `packs/a (rust-service 1.2.0): 1 error, 2 warnings, 1 suppressed`.
pub(super) fn pack(pack: &PackReport) -> String {
    let name = match (&pack.name, &pack.version) {
        (Some(name), Some(version)) => format!(" ({name} {version})"),
        (Some(name), None) => format!(" ({name})"),
        (None, _) => String::new(),
    };
    let found = counts(&of(&pack.findings));
    let untried = match pack.budget.map_or(0, |used| used.untried) {
        0 => String::new(),
        count => format!(" ({count} not looked at)"),
    };
    let outcome = match (pack.status, found.is_empty()) {
        (Status::Failed, true) => format!("not checked to the end{untried}"),
        (Status::Failed, false) => format!("not checked to the end{untried}; {found}"),
        (_, true) => "nothing found".to_owned(),
        (_, false) => found,
    };
    printable_line(&format!("{}{name}: {outcome}", pack.path))
}

/// Sums up all packs; none where there is one pack only and nothing beside it.
pub(super) fn total(report: &Report) -> Option<String> {
    let summary = &report.summary;
    if summary.packs == 1 && report.notes.is_empty() {
        return None;
    }
    let mut parts = vec![format!("{} clean", summary.clean)];
    let mut what = count(summary.packs, "pack");
    let compared = report.packs.len() > summary.packs;
    if compared {
        what = format!("{what}, {}", count(summary.pairs, "pair"));
        let compatible = report.packs.iter().all(|pack| pack.exit == 0);
        parts = vec![if compatible { "compatible".to_owned() } else { "not compatible".to_owned() }];
    }
    for (status, what) in [(Status::Findings, "with findings"), (Status::Failed, "not checked to the end")] {
        let packs = report.packs.iter().filter(|pack| pack.status == status);
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
fn codes(exits: &[u8]) -> String {
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
