//! A line for each pack and one for all, as people read them.

use crate::check::{Finding, PackReport, Report, Status, Summary};
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
    let found = summary.packs.saturating_sub(summary.clean + summary.failed);
    if found > 0 {
        parts.push(format!("{found} with findings"));
    }
    if summary.failed > 0 {
        parts.push(format!("{} not checked to the end", summary.failed));
    }
    let counts = counts(summary);
    let behind = if counts.is_empty() { String::new() } else { format!("; {counts}") };
    Some(format!("{}: {}{behind}", count(summary.packs, "pack"), parts.join(", ")))
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

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
