//! `clean`: what is not needed any more.

use crate::cli::packs::lists;
use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::Cleaning;
use crate::cli::session::Session;
use crate::error::Result;
use crate::library::CleanOptions;
use crate::pack::PackLimits;
use crate::text::{format_bytes, parse_bytes};

/// Remove what is not needed any more.
#[derive(Debug, Args)]
pub struct Clean {
    /// Only count what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove compiled code and kept answers that have not been used for this long: `12h`, `30d`.
    #[arg(long, value_name = "AGE", default_value = "30d", value_parser = age)]
    pub older_than: Duration,
    /// Remove the oldest compiled code until the rest takes at most this much, and kept answers likewise: `500MiB`.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    pub at_most: u64,
}

impl command::Command for Clean {
    const NAME: &'static str = "clean";
    const EXAMPLES: &'static [&'static str] = &["packbox clean --dry-run"];
    command::documents!(Cleaning);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(clean(session, self))
    }
}

/// Removes packs that nothing refers to, and compiled code and answers that are old or too much.
///
/// # Errors
/// `Usage` where an age or a size is none; `Io`.
pub fn clean(session: &Session, arguments: &Clean) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let options = CleanOptions {
        dry_run: arguments.dry_run,
        older_than: Some(arguments.older_than),
        at_most: Some(arguments.at_most),
    };
    let cleaned = library.clean(options)?;
    if session.output.is_json() {
        return session.output.document("clean", &Cleaning { dry_run: options.dry_run, freed: cleaned });
    }
    let verb = if options.dry_run { "would free" } else { "freed" };
    let mut out = String::new();
    let all = [
        ("pack", cleaned.packs),
        ("compiled plugin", cleaned.compiled),
        ("answer file", cleaned.answers),
        ("figure", cleaned.measured),
    ];
    for (what, counted) in all {
        if counted.entries > 0 {
            let _ = writeln!(out, "{}: {verb} {}", lists::counted(counted.entries, what), format_bytes(counted.bytes));
        }
    }
    if out.is_empty() {
        out += "there is nothing to clean\n";
    }
    session.output.page(&out)
}

fn age(text: &str) -> Result<Duration, String> {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let parsed = units.into_iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(seconds)?))
    });
    parsed.ok_or_else(|| "it is not an age; for instance `12h` or `30d`".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "it is not a size; for instance `500MiB`".to_owned())
}
