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
    if let Some((message, help, length)) = word_instead(&lower(message), rest) {
        return (Problem::new(diagnose::SYNTAX, message).with_help(Some(help.to_owned())), at..at + length);
    }
    // What the engine expected is a list of the rules of its grammar.
    if message.starts_with("expected ") {
        let tag = tag(text, at);
        let help = unreadable(text.get(tag.clone()).unwrap_or_default());
        return (Problem::new(diagnose::SYNTAX, "this tag can't be read").with_help(Some(help.to_owned())), tag);
    }
    let said = lower(message);
    let message = match said.strip_suffix(" expected").map(|wanted| wanted.replace('"', "`")) {
        Some(wanted) => format!("{} is missing here", wanted.trim_start_matches("assignment operator ")),
        None => said,
    };
    (Problem::new(diagnose::SYNTAX, message), at..at)
}

/// The message and help for a word or sign of another language where `and` or `or` would go on, with its length.
fn word_instead(message: &str, rest: &str) -> Option<(String, &'static str, usize)> {
    if !message.ends_with("\"or\" expected") {
        return None;
    }
    let (word, help) = if rest.starts_with('=') && !rest.starts_with("==") {
        ("=", "write `==` to compare")
    } else {
        let end = rest.find(|next: char| next.is_whitespace() || next == '%').unwrap_or(rest.len());
        (&rest[..end], "conditions are joined by `and` and `or`; for `not`, write `{% unless … %}`, or `== false`")
    };
    Some((format!("unexpected `{word}`"), help, word.len()))
}

/// What to write instead of a tag that can't be read.
fn unreadable(tag: &str) -> &'static str {
    let call =
        tag.split_once('(').is_some_and(|(before, _)| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
    let has = |sign: &str| tag.contains(sign);
    if tag.starts_with("{%") {
        return match () {
            () if has("&&") => "write `and`",
            () if has("||") => "write `or`",
            () if has("!") && !has("!=") => "write `{% unless … %}`, or `== false`",
            () if call => "there are no functions or methods; filters take arguments after a colon: `x | filter: 1`",
            () if has("(") => "conditions have no parentheses: nest `{% if %}`, or `assign` a part first",
            () => "a tag is its name followed by its arguments: `{% if a == b %}`, `{% for x in list %}`",
        };
    }
    // A filter with a value behind a blank.
    let bare = tag.rsplit_once('|').is_some_and(|(_, filter)| {
        let mut words = filter.trim_end_matches(['}', '-']).split_whitespace();
        words.next().is_some_and(|name| !name.contains(':')) && words.next().is_some_and(|next| !next.starts_with(':'))
    });
    match () {
        () if bare && !has("||") => "arguments follow a colon: `{{ x | plus: 1 }}`",
        () if call && has("|") => "arguments follow a colon: `{{ x | replace: 'a', 'b' }}`",
        () if call => "there are no methods; use a filter: `{{ x | downcase }}`",
        () if has(" + ") || has(" - ") || has(" * ") || has(" / ") => {
            "there is no arithmetic in an output; use a filter: `plus`, `minus`, `times`, `divided_by`"
        }
        () if has("?") => "write `{% if condition %}a{% else %}b{% endif %}`",
        () => "an output is a value with filters: `{{ value | filter: argument }}`; there is no arithmetic in it",
    }
}

/// What to do instead of a filter of another language.
#[must_use]
pub fn filter(name: &str) -> Option<&'static str> {
    Some(match name {
        "lower" | "lowercase" | "toLowerCase" => "use `downcase`",
        "upper" | "uppercase" | "toUpperCase" => "use `upcase`",
        "length" | "len" | "count" => "use `size`",
        "trim" => "use `strip`",
        "slugify" | "handleize" | "handle" => "use `kebab_case`, or `snake_case` for `_` between the words",
        "json" | "to_json" | "toJson" | "jsonify" => "use `tojson`",
        "title" | "titleize" => "use `title_case`",
        _ => return None,
    })
}

/// Names what the engine calls a type.
#[must_use]
pub fn kind(found: &str) -> &str {
    match found {
        "boolean" => "a boolean",
        "whole number" | "fractional number" => "a number",
        "string" => "text",
        "nil" => "none",
        other => other,
    }
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
