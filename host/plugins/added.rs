//! Words that a merger added by itself to a file: nobody's words, told to whoever asked for the file.
//!
//! Always true here: nothing is refused because of them, and no line of the file is shown.

use super::built_in;
use crate::diagnostic::{Diagnostic, Position, Severity, Span};
use crate::engine::{Deferred, unwritten};
use crate::text;

/// The rule of what a merger added by itself.
const RULE: &str = "merge/added";

/// What is to be said of words of a file that are in none of the texts which a merger made it of. Those of the built-in one, such as the lines around sections, are
/// those that its page tells of.
pub(super) fn added<'t>(
    merger: &Deferred,
    path: &str,
    texts: impl Iterator<Item = &'t [u8]>,
    contents: &[u8],
) -> Option<Diagnostic> {
    if merger.digest() == built_in::merger().digest() {
        return None;
    }
    let (lines, first) = unwritten(texts, contents)?;
    let name = text::printable_line(merger.name());
    let shown = text::printable_line(path);
    let message = match lines {
        1 => format!("the merger `{name}` put words into `{shown}` that nobody wrote, in line {first}"),
        lines => {
            format!(
                "the merger `{name}` put words into `{shown}` that nobody wrote, in {lines} lines, first in line {first}"
            )
        }
    };
    let start = Position { line: first, column: 1 };
    Some(Diagnostic {
        rule: RULE.to_owned(),
        severity: Severity::Warning,
        message,
        help: Some("look at what it wrote there: it is in none of the texts that were merged".to_owned()),
        span: Some(Span { path: path.to_owned(), start, end: None, excerpt: None }),
        related: Vec::new(),
    })
}
