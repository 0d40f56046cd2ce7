//! JSON: the report as it is, in the frame that all JSON documents of packbox have.

use super::super::documents;
use crate::check::Report;
use crate::error::Result;

/// Writes the report as JSON.
///
/// # Errors
/// `Io` where it can't be written as JSON.
pub(super) fn render(report: &Report, command: &str) -> Result<String> {
    documents::text(command, report)
}
