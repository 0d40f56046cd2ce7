//! JSON as the filter `tojson` writes it, the same in all engines: nothing is escaped for HTML.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// The widest indentation, in blanks.
const WIDEST: usize = 16;

/// Writes a value on one line, or with an indentation, which is cut at 16 blanks. The error says why there is no JSON.
pub fn to_text(value: &impl Serialize, indent: Option<usize>) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(128);
    let written = match indent {
        None => value.serialize(&mut Serializer::with_formatter(&mut bytes, Spaced)),
        Some(width) => {
            let blanks = [b' '; WIDEST];
            let formatter = PrettyFormatter::with_indent(&blanks[..width.min(WIDEST)]);
            value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))
        }
    };
    written.map_err(|error| format!("the value has no JSON form: {error}"))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// JSON as people write it on one line: a space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
