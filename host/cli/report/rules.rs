//! The rules of a report, with those that findings name and nobody announced; and the file that a pack is known by.

use std::collections::BTreeMap;
use std::path::Path;

use crate::check::{Finding, PackReport, Report, RuleInfo};
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME};

/// All rules by identifier; none for those that only findings name.
pub(super) fn all(report: &Report) -> BTreeMap<&str, Option<&RuleInfo>> {
    let named = findings(report).map(|finding| (finding.rule.as_str(), None));
    let announced = report.rules.iter().map(|rule| (rule.id.as_str(), Some(rule)));
    named.chain(announced).collect()
}

/// Whether a pack was named as an archive, whose files nobody finds beside it.
pub(super) fn is_archive(pack: &PackReport) -> bool {
    Path::new(&pack.path).extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION)
}

/// The file that stands for a pack where nothing more is known: its manifest, or the archive.
pub(super) fn file_of(pack: &PackReport) -> String {
    if is_archive(pack) { pack.path.clone() } else { format!("{}/{MANIFEST_NAME}", pack.path.trim_end_matches('/')) }
}

/// All findings, in the order in which they are shown.
pub(super) fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.packs.iter().flat_map(|pack| &pack.findings).chain(&report.notes)
}
