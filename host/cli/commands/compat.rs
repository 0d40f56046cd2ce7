//! `compat`: whether packs can be used together.

use std::path::PathBuf;

use clap::Args;

use crate::check::{Depth, PackReport, Report, compare};
use crate::cli::args::Checking;
use crate::cli::args::{Format, Variables};
use crate::cli::checking::Desk;
use crate::cli::checking::run::{printed_to, summarize};
use crate::cli::command::{Exit, ended};
use crate::cli::session::Session;
use crate::cli::stream::Stream;
use crate::cli::{command, completers};
use crate::error::{Error, ErrorKind, Result};

/// Check whether packs can be used together: variables, outputs, versions, dependencies. Nothing is rendered.
#[derive(Debug, Args)]
pub struct Compat {
    /// The packs, at least two: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
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
