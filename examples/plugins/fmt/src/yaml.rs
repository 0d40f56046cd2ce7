//! YAML: formatted by a parser that forgives much, between two readings by one that forgives nothing.
//!
//! Always true here: what the strict parser does not read is a mistake with its place, and so is what it would read
//! differently afterwards.

use pretty_yaml::config::{FormatOptions, LayoutOptions};
use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::language::Mistake;
use crate::{Language, Options};

/// Formats a text without a byte order mark.
pub(crate) fn format(text: &str, options: &Options) -> Result<String, Vec<Mistake>> {
    let before = read(text).map_err(|mistake| vec![mistake])?;
    let layout = LayoutOptions {
        print_width: options.line_width.into(),
        indent_width: options.indent_width.into(),
        ..LayoutOptions::default()
    };
    let formatted = pretty_yaml::format_text(text, &FormatOptions { layout, ..FormatOptions::default() });
    let formatted = formatted.map_err(|error| {
        let start = error.offset().min(text.len());
        vec![Mistake::syntax(Language::Yaml, start..start, error.message())]
    })?;
    // Not trimmed: a text in a block may end in blank lines.
    let formatted = if formatted.trim().is_empty() { String::new() } else { formatted };
    match first_difference(&before, &formatted) {
        None => Ok(formatted),
        Some(character) => {
            let start = offset(text, character);
            let message = "the formatter would change this value; write it in another way".to_owned();
            Err(vec![Mistake { rule: "fmt/value", range: start..start, message }])
        }
    }
}

/// A part of what a text means, and where it begins, in characters.
type Part<'t> = (Event<'t>, usize);

/// Reads what a text means; how it is written is left out.
fn read(text: &str) -> Result<Vec<Part<'_>>, Mistake> {
    let mut parts = Vec::new();
    for part in Parser::new_from_str(text) {
        let (event, span) = part.map_err(|error| {
            let start = offset(text, error.marker().index());
            Mistake::syntax(Language::Yaml, start..start, error.info())
        })?;
        let event = match event {
            Event::DocumentStart(_) => Event::DocumentStart(true),
            // Only a plain scalar may mean a number or nothing.
            Event::Scalar(text, style, anchor, tag) if style != ScalarStyle::Plain => {
                Event::Scalar(text, ScalarStyle::DoubleQuoted, anchor, tag)
            }
            event => event,
        };
        parts.push((event, span.start.index()));
    }
    Ok(parts)
}

/// Returns where the first part stands that a formatted text means differently.
fn first_difference(before: &[Part<'_>], formatted: &str) -> Option<usize> {
    let after = read(formatted).unwrap_or_default();
    let differs = |at: &usize| before.get(*at).map(|part| &part.0) != after.get(*at).map(|part| &part.0);
    let at = (0..before.len().max(after.len())).find(differs)?;
    before.get(at).or(before.last()).map(|part| part.1)
}

/// Converts a position in characters to one in bytes.
fn offset(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}
