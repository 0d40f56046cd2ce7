//! Packs checked one after the other, with a report that is printed as it comes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{Ceilings, Checker, Depth, PackReport, Report, Together};
use crate::cli::args::{Checking, Combining, Format, Resolving};
use crate::cli::checking::baseline::{read_baseline, write_baseline};
use crate::cli::checking::{Desk, known_rules};
use crate::cli::output::Output;
use crate::cli::packs::composing::Composing;
use crate::cli::packs::sources::is_composition;
use crate::cli::report;
use crate::cli::report::{Detail, Look};
use crate::cli::saved::{self, Sort};
use crate::cli::session::Session;
use crate::cli::stream::Stream;
use crate::compose::variables::Sources;
use crate::engine::Recorder;
use crate::error::{Error, Result};
use crate::limits::UserLimits;
use crate::{files, text};

/// Bytes that the findings of all packs together may take in memory; of the packs beyond that only the first findings are kept.
const MOST_KEPT: u64 = 128 << 20;

/// Findings of such a pack that are kept.
const KEPT_OF_EACH: usize = 20;

/// What a command checks, and how.
pub struct Checks<'a> {
    pub command: &'static str,
    pub depth: Depth,
    pub packs: &'a [PathBuf],
    /// Files that name packs which are generated together.
    pub compositions: &'a [PathBuf],
    pub checking: &'a Checking,
    pub values: Sources,
    /// `NAME=VALUE` pairs.
    pub ceilings: &'a [String],
}

pub fn run(session: &Session, checks: Checks<'_>, recorder: Option<&Arc<Recorder>>) -> Result<u8> {
    let Checks { command, depth, packs, compositions, checking, values, ceilings } = checks;
    saved::check(checking.write_baseline.as_deref(), Sort::Findings)?;
    let mut desk = Desk::open_with(session, checking, depth, recorder)?;
    for pair in ceilings {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let mut named = Ceilings::default();
        named.set(name, value)?;
        desk.config.ceilings = desk.config.ceilings.overridden_by(named);
    }
    let values = desk.check_given(session, packs, values)?;
    let base = read_baseline(session, checking, &desk.config)?;
    let fail_on = desk.config.fail_on();
    let checker = desk.checker(depth, &values);
    // What is printed as it comes can't wait for the baseline, nor for a document's end.
    let output = printed_to(session, checking);
    // Each of them has several packs.
    let count = packs.len() + 2 * compositions.len();
    let mut stream = Stream::new(output, count, fail_on, base.is_none() && checking.write_baseline.is_none());
    let mut reports: Vec<PackReport> = Vec::with_capacity(packs.len());
    let mut printed = Ok(());
    let (mut kept, early) = (0_u64, stream.is_early());
    let work = |shown: String, pack| checker.run(shown, pack);
    let mut take = |mut pack: PackReport| {
        kept = kept.saturating_add(pack.weight());
        if kept > MOST_KEPT {
            kept -= pack.shorten(KEPT_OF_EACH, fail_on);
        }
        if printed.is_ok() {
            printed = stream.pack(&pack);
        }
        reports.push(pack);
    };
    let mut done = desk.each(session, packs, &work, (early, &mut take));
    for file in compositions {
        if done.is_ok() {
            done = check_together(session, &desk.limits, (&checker, file), &mut take);
        }
    }
    printed?;
    done?;
    let rules = known_rules(&desk, depth);
    let mut notes = base.map(|base| base.apply(&mut reports, &rules)).unwrap_or_default();
    desk.config.weigh(&mut notes);
    for pack in &mut reports {
        pack.settle(fail_on);
    }
    let report = Report::new(reports, rules, fail_on, notes);
    if let Some(path) = &checking.write_baseline {
        return write_baseline(session, path, checking.reason.as_deref().unwrap_or(""), report);
    }
    stream.finish(&report, command)?;
    summarize(session, &report, command);
    Ok(report.exit())
}

/// Tells apart files that name packs which are generated together, and packs.
///
/// # Errors
/// Those of [`Session::named`].
pub fn told_apart(session: &Session, arguments: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (compositions, packs): (Vec<PathBuf>, Vec<PathBuf>) =
        arguments.iter().cloned().partition(|argument| is_composition(argument));
    Ok((if packs.is_empty() { packs } else { session.named(&packs)? }, compositions))
}

/// Loads what a `compose.toml` names; nothing is written.
///
/// # Errors
/// Those of [`Composing::of`] and [`Composing::load`].
pub fn load_together(session: &Session, limits: &UserLimits, file: &Path) -> Result<Together> {
    let composing = Composing::of(&[file.to_owned()], &Combining::default())?.only_reading();
    let set = composing.load(session, Resolving::default(), limits)?;
    Ok(Together { set, presets: composing.presets(), rules: composing.rules })
}

/// Checks each pack of a `compose.toml`, and then all together.
fn check_together(
    session: &Session,
    limits: &UserLimits,
    (checker, file): (&Checker<'_>, &Path),
    take: &mut dyn FnMut(PackReport),
) -> Result<()> {
    let together = load_together(session, limits, file);
    if let Ok(together) = &together {
        // What is wrong with what was given is said of all.
        let mut reports = Vec::new();
        let _ = checker.each_of(together, &mut |report| reports.push(report));
        session.interrupt.go_on()?;
        reports.into_iter().for_each(&mut *take);
    }
    let report = checker.run_together(file.display().to_string(), together.as_ref());
    session.interrupt.go_on()?;
    take(report);
    Ok(())
}

/// Where a report is printed, and how much of it.
pub fn printed_to(session: &Session, checking: &Checking) -> Output {
    if checking.quiet { session.output.with_detail(Detail::Failures) } else { session.output }
}

/// Adds a summary to the page of a GitHub job, where it is one.
pub fn summarize(session: &Session, report: &Report, command: &str) {
    let Some(path) = session.environment.get("GITHUB_STEP_SUMMARY") else { return };
    if session.output.format() != Format::Github {
        return;
    }
    let look = Look { color: false, detail: Detail::Usual };
    let written = report::render(report, command, Format::Markdown, look).and_then(|text| {
        // Whoever waited for the reader of a pipe could not be interrupted.
        let file = files::open_to_append(Path::new(path));
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Error::io("cannot write the summary that `GITHUB_STEP_SUMMARY` names", error))
    });
    if let Err(error) = written {
        // The report is complete without it.
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        session.output.say(&text::printable_line(&format!("packbox: {error}{cause}")));
    }
}
