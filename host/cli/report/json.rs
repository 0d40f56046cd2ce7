//! JSON: the report as it is, in the frame that all JSON documents of packbox have.
//!
//! Always true here: `docs/schema/report.schema.json` is made from [`Document`], and a test compares them.

use serde::Serialize;

use super::super::json::pretty;
use crate::check::Report;
use crate::error::{Error, ErrorKind, Result};

/// A report of packbox, as `--format json` prints it. A document that has `error` instead of `packs` says that the command
/// itself failed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "packbox report"))]
pub(super) struct Document<'a> {
    /// The version of packbox.
    packbox: &'a str,
    /// The command, for instance `lint`.
    command: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

/// Writes the report as JSON.
///
/// # Errors
/// `Io` where it can't be written as JSON.
pub(super) fn render(report: &Report, command: &str) -> Result<String> {
    let document = Document { packbox: env!("CARGO_PKG_VERSION"), command, report };
    let value = serde_json::to_value(document)
        .map_err(|error| Error::new(ErrorKind::Io, "cannot write the report as JSON").caused_by(error))?;
    Ok(pretty(&value) + "\n")
}
