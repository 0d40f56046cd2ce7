//! A report that is printed as packs come, where its format allows that.

use super::output::Output;
use super::report::Writer;
use crate::check::{PackReport, Report};
use crate::diagnostic::Severity;
use crate::error::Result;

/// Prints a report: piece by piece for people, and at once in formats that are one document.
#[derive(Debug)]
pub struct Stream {
    output: Output,
    writer: Option<Writer>,
}

impl Stream {
    /// Begins a report of so many packs, in which findings of `fail_on` and above count. `early`: whether a pack's part is final when it comes.
    #[must_use]
    pub fn new(output: Output, packs: usize, fail_on: Severity, early: bool) -> Self {
        let writer = (early && output.is_human()).then(|| Writer::new(output.look(), packs, fail_on));
        Self { output, writer }
    }

    /// Whether packs' parts are printed as they come.
    #[must_use]
    pub fn is_early(&self) -> bool {
        self.writer.is_some()
    }

    /// Prints a pack's part.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn pack(&mut self, pack: &PackReport) -> Result<()> {
        match &mut self.writer {
            Some(writer) => self.output.page(&writer.pack(pack)),
            None => Ok(()),
        }
    }

    /// Prints what was not printed yet.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn finish(mut self, report: &Report, command: &str) -> Result<()> {
        match &mut self.writer {
            Some(writer) => self.output.page(&writer.end(report)),
            None => self.output.report(command, report),
        }
    }
}
