//! Where an undefined value was read that was handed on and used elsewhere: the engine says so in its messages.

use std::ops::Range;

use minijinja::Environment;

use crate::bindings::packbox::plugin::types::Span;
use crate::context::Root;
use crate::errors::locate_span;
use crate::locate::{self, Named, Source, Wanted};

/// Where a value was read.
pub struct Origin {
    /// The template; none for the one that the error is in.
    path: Option<String>,
    /// The line, from 1.
    line: usize,
}

impl Origin {
    /// Takes the origin out of what the engine says: `` `x` is undefined (from a.jinja:1) ``. What could not be converted
    /// was undefined in the first place: ``cannot convert … (`x` is undefined, from line 1)``.
    #[must_use]
    pub fn split(said: &str) -> (String, Option<Self>) {
        let inner = said.rsplit_once(" (`").and_then(|(_, rest)| rest.strip_suffix(')'));
        let (name, from) = match inner.and_then(|inner| inner.split_once("` is undefined")) {
            Some((name, from)) => (name, from.strip_prefix(", from ")),
            None => match said.strip_prefix('`').and_then(|rest| rest.split_once("` is undefined (from ")) {
                Some((name, from)) => (name, from.strip_suffix(')')),
                None => return (said.to_owned(), None),
            },
        };
        let origin = from.and_then(|from| {
            let (path, line) = match from.strip_prefix("line ") {
                Some(line) => (None, line),
                None => from.rsplit_once(':').map(|(path, line)| (Some(path.to_owned()), line))?,
            };
            Some(Self { path, line: line.parse().ok()? })
        });
        (format!("`{name}` is undefined"), origin)
    }

    /// Finds what was read, and its place. `first` is what was rendered, `source` where the error is.
    #[must_use]
    pub fn find(
        &self,
        wanted: &Wanted,
        (first, source): (&Source<'_>, &Source<'_>),
        environment: &Environment<'_>,
        root: &Root,
    ) -> Option<(Named, Span)> {
        let in_source = |source: &Source<'_>| {
            let named = locate::find(source, wanted, Some(line(source.text, self.line)?), root)?;
            let span = locate_span(source, named.range.clone());
            Some((named, span))
        };
        match self.path.as_deref() {
            None => in_source(source),
            Some(path) if path == first.path => in_source(first),
            Some(path) => {
                let template = environment.get_template(path).ok()?;
                let syntax = first.syntax.clone();
                in_source(&Source { path, text: template.source(), bare: false, syntax })
            }
        }
    }
}

/// Returns the range of a line.
fn line(text: &str, number: usize) -> Option<Range<usize>> {
    let start = match number.checked_sub(2) {
        None => 0,
        Some(nth) => text.match_indices('\n').nth(nth)?.0 + 1,
    };
    Some(start..text[start..].find('\n').map_or(text.len(), |end| start + end))
}
