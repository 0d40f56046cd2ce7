//! What `publish` asks of a pack.

use std::path::Path;

use crate::check::{Depth, score};
use crate::cli::args::Checking;
use crate::cli::checking::baseline::read_baseline;
use crate::cli::checking::{Desk, known_rules};
use crate::cli::progress;
use crate::cli::session::{Session, shown};
use crate::compose::variables::Sources;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::Pack;
use crate::show::count;

/// Refuses a pack in which `validate` would find errors, with the settings of this folder, and settings that it would
/// refuse. Warnings don't count. Gives the pack's points where no settings have a part in them.
///
/// # Errors
/// That of the pack, with its findings; those of settings and of preparing validators.
pub fn verify(session: &Session, pack: Pack, path: &Path) -> Result<Option<u32>> {
    let shown = &shown(path);
    let checking = Checking::default();
    let mut desk = Desk::open(session, &checking, Depth::Validate)?;
    desk.config.deny_warnings = false;
    // A path, whatever is installed under that name.
    let values = desk.check_given(session, &[Path::new(".").join(path)], Sources::default())?;
    let base = read_baseline(session, &checking, &desk.config)?;
    let fail_on = desk.config.fail_on();
    progress::stage(&format!("validating {shown}"));
    // What is rendered with other packs can't be, today.
    let needs_others = pack.manifest.dependencies.values().any(|needed| !needed.optional)
        && pack.check_host(&crate::version()).is_ok();
    let mut reports = vec![desk.checker(Depth::Validate, &values).run(shown.clone(), Ok(pack))];
    session.interrupt.go_on()?;
    let by_itself = reports.iter().filter(|report| report.was_completed() && desk.config.changes_nothing());
    let points = by_itself.map(|report| score(report).points).next();
    if let Some(base) = base {
        let _ = base.apply(&mut reports, &known_rules(&desk, Depth::Validate));
    }
    let Some(mut report) = reports.pop() else { return Ok(None) };
    report.error = report.error.filter(|failure| failure.kind != ErrorKind::Resolution || !needs_others);
    report.settle(fail_on);
    if report.exit == 0 {
        return Ok(points);
    }
    let findings: Vec<Diagnostic> =
        report.findings.iter().filter(|finding| finding.counts(fail_on)).map(Diagnostic::from).collect();
    let hint = format!("`packbox validate {shown}` shows all of it; `--no-verify` skips the validation");
    let (kind, why, stop) = match report.error {
        Some(failure) => (failure.kind, format!("`{shown}` could not be validated: {}", failure.detail), failure.stop),
        None => (ErrorKind::Manifest, format!("`{shown}` has {}", count(findings.len(), "error")), None),
    };
    let error = Error::new(kind, why).with_findings(findings).hint(hint);
    Err(match stop {
        Some(stop) => error.with_stop(stop),
        None => error,
    })
}
