//! The options that a manifest may give for a template.

use minijinja::value::ValueKind;

use crate::bindings::packbox::plugin::types::Failure;
use crate::context::Table;
use crate::errors;
use crate::hints;

/// How the text around tags is treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Options {
    /// Removes the line feed after a block tag.
    pub trim_blocks: bool,
    /// Removes blanks before a block tag at the beginning of a line.
    pub lstrip_blocks: bool,
}

const NAMES: [&str; 2] = ["lstrip_blocks", "trim_blocks"];

impl Options {
    /// Reads a job's options; an unknown name or a value of another type is a failure.
    pub fn parse(json: &[u8]) -> Result<Self, Failure> {
        let mut options = Self::default();
        if json == b"{}" {
            return Ok(options);
        }
        let table = Table::parse(json)
            .map_err(|error| errors::invalid_option(format!("the options cannot be read: {error}"), None))?;
        for name in table.keys() {
            let slot = match name {
                "trim_blocks" => &mut options.trim_blocks,
                "lstrip_blocks" => &mut options.lstrip_blocks,
                unknown => {
                    let help = match hints::nearest(unknown, NAMES) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the options are {}", hints::list(NAMES)),
                    };
                    return Err(errors::invalid_option(format!("unknown option `{unknown}`"), Some(help)));
                }
            };
            match table.get(name) {
                Some(value) if value.kind() == ValueKind::Bool => *slot = value.is_true(),
                _ => return Err(errors::invalid_option(format!("the option `{name}` is not a boolean"), None)),
            }
        }
        Ok(options)
    }
}
