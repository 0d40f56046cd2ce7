//! `compat`: whether packs can be used together.

use std::path::PathBuf;

use super::super::args;
use super::super::session::Session;
use super::super::stream::Stream;
use super::check::Desk;
use crate::check::{Depth, Report, compare};
use crate::error::Result;

/// Compares packs, each with each; nothing is rendered.
///
/// # Errors
/// `Usage` where the settings can't be used. What is wrong with packs is in the report.
pub fn compat(session: &Session, arguments: &args::Compat) -> Result<u8> {
    let desk = Desk::open(session, &arguments.checking, Depth::Check)?;
    let values = session.sources(&arguments.variables)?;
    let checker = desk.checker(Depth::Check, &values);
    let mut examined = Vec::with_capacity(arguments.packs.len());
    let mut reports = Vec::with_capacity(arguments.packs.len());
    let look = |index: usize| {
        let path: &PathBuf = &arguments.packs[index];
        checker.look(path.display().to_string(), session.pack(path, &desk.limits.pack))
    };
    desk.engine.spread(arguments.packs.len(), &look, &mut |_, (pack, report)| {
        examined.extend(pack);
        reports.push(report);
    })?;
    let shown: Vec<String> = arguments.packs.iter().map(|path| path.display().to_string()).collect();
    let together = checker.together(shown.join(" + "), compare(&examined));
    let report = Report::compared(reports, together, examined.len(), desk.config.fail_on());
    Stream::new(session.output, false).finish(&report, "compat")?;
    Ok(report.exit())
}
