//! `score`: points for a pack, and what would raise them.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::check::{self, Depth, PackReport, exit_of, score as points_of};
use crate::cli::args::Checking;
use crate::cli::args::Variables;
use crate::cli::checking::Desk;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{PackScore, Scores};
use crate::cli::report::codes;
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::Result;
use crate::show::count;
use crate::text::printable_line;

/// Things to do that are shown for each part.
const SHOWN: usize = 5;

/// Measure a pack and give it 0 to 100 points, and say what would raise them.
#[derive(Debug, Args)]
pub struct Score {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs.
    #[arg(required = true, add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Values to try packs with, instead of their defaults and examples.
    #[command(flatten)]
    pub variables: Variables,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
    /// Exit with code 1 if a pack has fewer points.
    #[arg(long, value_name = "POINTS")]
    pub at_least: Option<u32>,
}

impl command::Command for Score {
    const NAME: &'static str = "score";
    const EXAMPLES: &'static [&'static str] = &["packbox score shop --at-least 40"];
    command::documents!(Scores<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(score(session, self))
    }
}

/// Validates packs and gives each its points.
///
/// # Errors
/// `Usage` where the settings can't be used.
pub fn score(session: &Session, arguments: &Score) -> Result<u8> {
    let packs = session.named(&arguments.packs)?;
    let desk = Desk::open(session, &arguments.checking, Depth::Validate)?;
    let values = desk.check_given(session, &packs, session.sources(&arguments.variables)?)?;
    let checker = desk.checker(Depth::Validate, &values);
    let mut scores: Vec<(check::Score, PackReport)> = Vec::with_capacity(packs.len());
    let work = |shown: String, pack| checker.run(shown, pack);
    let mut take = |report| scores.push((points_of(&report), report));
    desk.each(session, &packs, &work, (false, &mut take))?;
    let too_few = |points: u32| arguments.at_least.is_some_and(|least| points < least);
    let exit = |(score, report): &(check::Score, PackReport)| {
        if report.was_completed() { u8::from(too_few(score.points)) } else { report.exit }
    };
    let exits: Vec<u8> = scores.iter().map(exit).collect();
    let exit = exit_of(exits.iter().copied());
    if session.output.is_json() {
        let packs = scores
            .iter()
            .map(|(score, report)| PackScore {
                path: &score.path,
                points: score.points,
                parts: &score.parts,
                error: report.error.as_ref(),
            })
            .collect();
        session.output.document("score", &Scores { packs })?;
        return Ok(exit);
    }
    let quiet = arguments.checking.quiet;
    for ((score, report), exit) in scores.iter().zip(&exits) {
        if !quiet || *exit != 0 {
            session.output.page(&human(score, report))?;
        }
    }
    let failed: Vec<u8> = exits.into_iter().filter(|exit| *exit != 0).collect();
    if scores.len() > 1 && !(quiet && failed.is_empty()) {
        let passed = scores.len() - failed.len();
        let codes =
            if failed.is_empty() { String::new() } else { format!(", {} failed ({})", failed.len(), codes(&failed)) };
        session.output.result(&format!("{}: {passed} passed{codes}\n", count(scores.len(), "pack")))?;
    }
    Ok(exit)
}

fn human(score: &check::Score, report: &PackReport) -> String {
    let mut text = format!("{}: {} of 100\n", printable_line(&score.path), score.points);
    if let Some(error) = &report.error {
        let _ = writeln!(text, "  no points: {}", printable_line(&error.detail));
        if let Some(hint) = &error.hint {
            let _ = writeln!(text, "  what to do: {}", printable_line(hint));
        }
    } else if !report.was_completed() {
        let first = report.findings.iter().find(|finding| finding.failed);
        let why = first.map_or("not all rules could be checked", |finding| &finding.message);
        let _ = writeln!(text, "  no points: {}", printable_line(why));
    }
    if !report.checked.manifest {
        let _ = writeln!(text, "  all {} parts are skipped: the pack could not be loaded", score.parts.len());
        return text;
    }
    for part in &score.parts {
        let _ = writeln!(text, "  {:<26}{:>3} of {:>2}", part.name, part.points, part.of);
        for raise in part.raise.iter().take(SHOWN) {
            let _ = writeln!(text, "    +{:<3} {}", raise.points, printable_line(&raise.how));
        }
        if part.raise.len() > SHOWN {
            let _ = writeln!(text, "    and {} more", part.raise.len() - SHOWN);
        }
    }
    text
}
