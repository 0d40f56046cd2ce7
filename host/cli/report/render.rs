//! Which format is made by which file.

use super::super::args::Format;
use super::look::Look;
use super::{github, human, json, junit, markdown, sarif};
use crate::check::Report;
use crate::error::{Error, ErrorKind, Result};

/// Writes a report of a command, for instance `"lint"`, the way the user wants it, with a line feed at the end.
///
/// # Errors
/// `Io` where a format's writer fails, which has no known cause.
pub fn render(report: &Report, command: &str, format: Format, look: Look) -> Result<String> {
    match format {
        Format::Human => Ok(human::render(report, look)),
        Format::Json => json::render(report, command),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report, command),
        Format::Github => Ok(github::render(report, look.detail)),
        Format::Markdown => Ok(markdown::render(report, command, look.detail)),
        // No command that reports offers these, and what is not offered is refused before.
        Format::Html | Format::Csv | Format::Tsv | Format::Xml | Format::Ttl => {
            Err(Error::new(ErrorKind::Usage, format!("no report is written as `{}`", format.name())))
        }
    }
}
