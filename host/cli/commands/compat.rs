//! `compat`: whether packs can be used together.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::check::{Depth, PackReport, Planned, Report, changes, compare};
use crate::cli::args::Checking;
use crate::cli::args::{Format, Variables};
use crate::cli::checking::Desk;
use crate::cli::checking::run::{load_together, printed_to, summarize, told_apart};
use crate::cli::command::{Exit, ended};
use crate::cli::session::{Session, shown};
use crate::cli::stream::Stream;
use crate::cli::{command, completers};
use crate::compose::packs::COMPOSE_NAME;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackLimits;

/// Check whether packs can be used together: variables, outputs, versions, dependencies. Nothing is rendered.
#[derive(Debug, Args)]
pub struct Compat {
    /// The packs, at least two: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs;
    /// or two `compose.toml`, or folders with one, the old one first: what changed for projects that were made with it.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

impl command::Command for Compat {
    const NAME: &'static str = "compat";
    const FORMATS: &'static [Format] = Format::OF_REPORTS;
    const EXAMPLES: &'static [&'static str] = &["packbox compat shop packs/site"];
    command::documents!(crate::check::Report);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(compat(session, self))
    }
}

/// Compares packs, each with each; nothing is rendered.
///
/// # Errors
/// `Usage` where the settings can't be used. What is wrong with packs is in the report.
pub fn compat(session: &Session, arguments: &Compat) -> Result<u8> {
    let (packs, compositions) = told_apart(session, &arguments.packs)?;
    if !compositions.is_empty() {
        return match (&packs[..], &compositions[..]) {
            ([], [old, new]) => compare_compositions(session, arguments, (old, new)),
            _ => Err(no_pair(session, &packs)),
        };
    }
    if packs.len() < 2 {
        let how_often = match (&arguments.packs[..], &packs[..]) {
            ([_, _, ..], [pack]) => format!("`{}` was named more than once, and nothing else", shown(pack)),
            _ => "only one pack was named".to_owned(),
        };
        return Err(Error::new(ErrorKind::Usage, format!("there is nothing to compare: {how_often}"))
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

/// The error for a `compose.toml` that is not named with one other: what is not there at all is told as that.
fn no_pair(session: &Session, packs: &[PathBuf]) -> Error {
    let is_absent = |pack: &&PathBuf| {
        let found = if pack.exists() { Ok(()) } else { session.pack(pack, &PackLimits::default()).map(drop) };
        found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    let hint = format!("name two `{COMPOSE_NAME}`, the old one first: files, or folders that have one");
    match packs.iter().find(is_absent) {
        Some(absent) => Error::new(ErrorKind::NotFound, format!("there is no `{}`", shown(absent))),
        None => {
            Error::new(ErrorKind::Usage, format!("a `{COMPOSE_NAME}` is compared with one other, and with no pack"))
        }
    }
    .hint(hint)
}

/// Says what a new `compose.toml` means for projects that were made with the old one; nothing is rendered.
fn compare_compositions(session: &Session, arguments: &Compat, (old, new): (&Path, &Path)) -> Result<u8> {
    let desk = Desk::open(session, &arguments.checking, Depth::Check)?;
    let values = session.sources(&arguments.variables)?;
    let checker = desk.checker(Depth::Check, &values);
    let (mut reports, mut planned) = (Vec::new(), Vec::new());
    for file in [old, new] {
        let together = load_together(session, &desk.limits, file);
        let (plan, report) = checker.plan_together(file.display().to_string(), together.as_ref());
        session.interrupt.go_on()?;
        reports.push(report);
        planned.extend(together.ok().zip(plan));
    }
    let found = match &planned[..] {
        [(one, before), (other, now)] => {
            changes(Planned { set: &one.set, plan: before }, Planned { set: &other.set, plan: now })
        }
        _ => Vec::new(),
    };
    let together = checker.together(format!("{} -> {}", old.display(), new.display()), found);
    let report = Report::compared(reports, together, planned.len(), desk.config.fail_on());
    Stream::new(printed_to(session, &arguments.checking), 2, report.fail_on, false).finish(&report, "compat")?;
    summarize(session, &report, "compat");
    Ok(report.exit())
}
