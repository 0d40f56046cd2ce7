//! `clean`: what is not needed any more.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::super::args;
use super::super::super::documents::Cleaning;
use super::super::super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::library::CleanOptions;
use crate::pack::PackLimits;
use crate::text::{format_bytes, parse_bytes, printable_line};

/// Removes packs that nothing refers to, and compiled code that is old or too much.
///
/// # Errors
/// `Usage` where an age or a size is none; `Io`.
pub fn clean(session: &Session, arguments: &args::Clean) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let options = CleanOptions {
        dry_run: arguments.dry_run,
        older_than: Some(parse_age(&arguments.older_than)?),
        at_most: Some(parse_size(&arguments.at_most)?),
    };
    let cleaned = library.clean(options)?;
    if session.output.is_json() {
        return session.output.document("clean", &Cleaning { dry_run: options.dry_run, freed: cleaned });
    }
    let verb = if options.dry_run { "would free" } else { "freed" };
    let mut out = String::new();
    for (what, counted) in
        [("pack", cleaned.packs), ("compiled plugin", cleaned.compiled), ("figure", cleaned.measured)]
    {
        if counted.entries > 0 {
            let _ = writeln!(out, "{}: {verb} {}", super::counted(counted.entries, what), format_bytes(counted.bytes));
        }
    }
    if out.is_empty() {
        out += "there is nothing to clean\n";
    }
    session.output.page(&out)
}

fn parse_age(text: &str) -> Result<Duration> {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let parsed = units.into_iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(seconds)?))
    });
    parsed.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("`{}` is not an age", printable_line(text)))
            .hint("for instance `12h` or `30d`")
    })
}

fn parse_size(text: &str) -> Result<u64> {
    parse_bytes(text).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("`{}` is not a size", printable_line(text))).hint("for instance `500MiB`")
    })
}
