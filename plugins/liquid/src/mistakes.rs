//! Says in plain words why a text is no template: what is never closed, what closes nothing, which tag there is not.

use std::ops::Range;

use renderer::balance::{self, Language, Pair, pair};
use renderer::diagnose::{self, Problem};

use crate::errors::lower;
use crate::filters::TAGS;

const LANGUAGE: Language = Language { comments: false, escapes: false, verbatim: &["raw", "comment"], pairs: PAIRS };

const PAIRS: &[Pair] = &[
    pair("if", &["elsif", "else"]),
    pair("unless", &["elsif", "else"]),
    pair("case", &["when", "else"]),
    pair("for", &["else"]),
    pair("tablerow", &[]),
    pair("capture", &[]),
    pair("ifchanged", &[]),
];

/// Says what is wrong with a text that the engine refused at a place, with its message.
#[must_use]
pub fn syntax(message: &str, text: &str, at: usize) -> (Problem, Range<usize>) {
    let ended = message.starts_with("Unclosed block");
    if let Some(fault) = balance::find(text, &LANGUAGE).filter(|fault| ended || at >= fault.seen_from) {
        return diagnose::unbalanced(fault);
    }
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.find(|next: char| !(next == '_' || next.is_alphanumeric())).unwrap_or(rest.len());
    if message.starts_with("Unknown tag") {
        let name = &rest[..length];
        let problem = diagnose::unknown(diagnose::UNKNOWN_FUNCTION, "tag", name, TAGS.iter().copied());
        let instead = match name {
            "elseif" | "elif" => Some("write `elsif`"),
            "set" => Some("write `{% assign x = 1 %}`, or `capture` for text"),
            "block" | "extends" | "layout" => Some("there are no blocks: `{% render \"path\" %}` includes a file"),
            "macro" | "import" => {
                Some("there are no macros: `{% render \"path\", name: value %}` gives a file arguments")
            }
            "filter" => Some("write `{% capture x %}` and `{{ x | filter }}`"),
            _ => None,
        };
        return match instead {
            Some(instead) => (problem.with_help(Some(instead.to_owned())), at..at + length),
            None => (problem, at..at + length),
        };
    }
    // What the engine expected is a list of the rules of its grammar.
    if message.starts_with("expected ") {
        let tag = tag(text, at);
        let help = "an output is a value with filters: `{{ value | filter: argument }}`; it does not compute";
        return (Problem::new(diagnose::SYNTAX, "this tag can't be read").with_help(Some(help.to_owned())), tag);
    }
    (Problem::new(diagnose::SYNTAX, lower(message)), at..at)
}

/// Returns the range of the tag around a place.
fn tag(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let open = text[..at].rfind("{{").max(text[..at].rfind("{%"));
    let ends = ["}}", "%}"].iter().filter_map(|end| text[at..].find(end).map(|length| at + length + 2));
    match (open, ends.min()) {
        (Some(start), Some(end)) => start..end,
        _ => at..at,
    }
}
