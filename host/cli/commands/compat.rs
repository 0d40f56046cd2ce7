//! `compat`: whether packs can be used together.

use super::super::args;
use super::super::session::Session;
use super::super::stream::Stream;
use super::check::{Desk, printed_to, summarize};
use crate::check::{Depth, PackReport, Report, compare};
use crate::error::{Error, ErrorKind, Result};

/// Compares packs, each with each; nothing is rendered.
///
/// # Errors
/// `Usage` where the settings can't be used. What is wrong with packs is in the report.
pub fn compat(session: &Session, arguments: &args::Compat) -> Result<u8> {
    let packs = session.named(&arguments.packs)?;
    if packs.len() < 2 {
        return Err(Error::new(ErrorKind::Usage, "there is nothing to compare: only one pack was named")
            .hint("name at least two packs, or a folder that contains several"));
    }
    let desk = Desk::open(session, &arguments.checking, Depth::Check)?;
    let values = desk.check_given(session, &packs, session.sources(&arguments.variables)?)?;
    let checker = desk.checker(Depth::Check, &values);
    let mut examined = Vec::with_capacity(packs.len());
    let mut reports = Vec::with_capacity(packs.len());
    let look = |shown: String, pack| checker.look(shown, pack);
    let mut shown: Vec<String> = Vec::with_capacity(packs.len());
    let mut take = |(pack, report): (_, PackReport)| {
        if let Some(pack) = pack {
            examined.push(pack);
            shown.push(report.path.clone());
        }
        reports.push(report);
    };
    desk.each(session, &packs, &look, (false, &mut take))?;
    let together = checker.together(shown.join(" + "), compare(&examined));
    let report = Report::compared(reports, together, examined.len(), desk.config.fail_on());
    Stream::new(printed_to(session, &arguments.checking), packs.len(), report.fail_on, false)
        .finish(&report, "compat")?;
    summarize(session, &report, "compat");
    Ok(report.exit())
}
