//! Known findings: read, and written.

use std::path::Path;

use crate::check::{CheckConfig, Finding, Report, SuppressionKind, baseline};
use crate::cli::args::Checking;
use crate::cli::saved::{self, Sort};
use crate::cli::session::{Session, read_bytes, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::show::count;
use crate::text;

pub fn read_baseline(
    session: &Session,
    checking: &Checking,
    config: &CheckConfig,
) -> Result<Option<baseline::Baseline>> {
    let of_settings = config.baseline.as_ref().filter(|_| checking.baseline.is_none());
    let Some(path) = checking.baseline.as_deref().or(of_settings.map(Path::new)) else { return Ok(None) };
    let bytes = match read_bytes(path, baseline::MAX_BASELINE_BYTES, "baseline", &session.interrupt) {
        Ok(bytes) => bytes,
        // It begins now.
        Err(error) if error.kind() == ErrorKind::NotFound && is_written(checking, path) => return Ok(None),
        Err(error) => {
            let begin = (error.kind() == ErrorKind::NotFound).then(|| {
                format!("begin one with `packbox validate PACKS --write-baseline {} --reason TEXT`", shown(path))
            });
            let error = begin.into_iter().fold(error, Error::hint);
            return Err(if of_settings.is_some() { config.at_baseline(error) } else { error });
        }
    };
    baseline::Baseline::parse(&shown(path), bytes).map(Some)
}

/// Whether a baseline is the one that is written, however its path is.
fn is_written(checking: &Checking, path: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).ok();
    checking.write_baseline.as_ref().is_some_and(|written| whole(written) == whole(path))
}

/// Writes a baseline, and says what will still fail with it; the exit code is that of the next run, which uses it.
pub fn write_baseline(session: &Session, path: &Path, reason: &str, mut report: Report) -> Result<u8> {
    let text = baseline::write(&report, reason)?;
    saved::save(path, Sort::Findings, text.as_bytes())?;
    let written = baseline::Baseline::parse(&shown(path), text.into_bytes())?;
    let _ = written.apply(&mut report.packs, &report.rules);
    let is_accepted = |finding: &&Finding| {
        finding.suppressed.as_ref().is_some_and(|suppressed| suppressed.kind == SuppressionKind::Baseline)
    };
    let accepted = report.packs.iter().flat_map(|pack| &pack.findings).filter(is_accepted).count();
    session.output.say(&format!("wrote the baseline {}: {}", shown(path), count(accepted, "finding")));
    for pack in &mut report.packs {
        pack.settle(report.fail_on);
        if pack.exit != 0 {
            let why = match &pack.error {
                Some(failure) => &failure.detail,
                None if !pack.checked.manifest => "it could not be loaded",
                None => "not all rules could be checked",
            };
            let line = format!("packbox: no baseline makes `{}` pass: {why}", pack.path);
            session.output.say(&text::printable_line(&line));
        }
    }
    Ok(report.exit())
}
