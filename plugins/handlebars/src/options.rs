//! The options that a manifest may give for a template.

use renderer::{Failure, options};

/// How a template is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Partials that stand alone on a line are not indented as that line is.
    pub prevent_indent: bool,
}

impl Options {
    /// Reads a job's options; an unknown name or a value of another type is a failure.
    pub fn parse(json: &[u8]) -> Result<Self, Failure> {
        let [prevent_indent] = options::switches(json, ["prevent_indent"])?;
        Ok(Self { prevent_indent })
    }
}
