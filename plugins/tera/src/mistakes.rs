//! Says in plain words why a text is no template: what is never closed, what closes nothing, which tag there is not.

use std::ops::Range;

use renderer::balance::{self, Language, Pair, pair, unless_assigned};
use renderer::diagnose::{self, Problem};

use crate::advice;
use crate::errors::lower;

const LANGUAGE: Language = Language { comments: true, escapes: true, verbatim: &["raw"], pairs: PAIRS };

const PAIRS: &[Pair] = &[
    pair("if", &["elif", "else"]),
    pair("for", &["else"]),
    pair("block", &[]),
    pair("component", &[]),
    pair("filter", &[]),
    unless_assigned("set"),
    unless_assigned("set_global"),
];

/// The tags of the language.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "block", "break", "component", "continue", "elif", "else", "endblock", "endcomponent", "endfilter", "endfor", "endif",
    "endset", "extends", "filter", "for", "if", "include", "raw", "set", "set_global",
];

/// Says what is wrong with a text that the engine refused at a place, with its message.
#[must_use]
pub fn syntax(text: &str, message: &str, at: Range<usize>) -> (Problem, Range<usize>) {
    let ended = message.to_lowercase().starts_with("unexpected end of");
    if let Some(fault) = balance::find(text, &LANGUAGE).filter(|fault| ended || at.start >= fault.seen_from) {
        return diagnose::unbalanced(fault);
    }
    let word = text.get(at.clone()).unwrap_or_default();
    if lower(message) == "unknown tag" {
        let problem = diagnose::unknown(diagnose::SYNTAX, "tag", word, TAGS.iter().copied());
        let instead = match word {
            "elseif" | "elsif" => Some("write `elif`"),
            "macro" | "import" | "call" => {
                Some("Tera 2 has components: `{% component Name(a) %}` and `{{ <Name a=1 /> }}`")
            }
            "render" => Some("write `{% include \"path\" %}`"),
            "assign" => Some("write `{% set x = 1 %}`"),
            "unless" => Some("write `{% if not x %}`"),
            "comment" => Some("write `{# … #}`"),
            _ => None,
        };
        return match instead {
            Some(instead) => (problem.with_help(Some(instead.to_owned())), at),
            None => (problem, at),
        };
    }
    if let Some((message, help)) = advice::syntax(text, message, &at) {
        return (Problem::new(diagnose::SYNTAX, message).with_help(Some(help)), at);
    }
    let message = if message.starts_with("Invalid Integer") || message.starts_with("invalid Integer") {
        "the integer is out of range: it has more than 64 bits".to_owned()
    } else {
        lower(message)
    };
    (Problem::new(diagnose::SYNTAX, message), at)
}
