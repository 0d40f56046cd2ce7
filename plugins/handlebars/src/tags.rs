//! Finds which tag is never closed, or closes nothing, in a template that the engine refused, and where branches begin in
//! any; it never decides what a template gives. The engine itself says only which rules of its grammar it expected where.

use std::collections::BTreeMap;
use std::ops::Range;

use renderer::balance::line;
use renderer::diagnose::{self, Problem};

use crate::advice;

/// What is wrong, in plain words.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// A lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The place to point at.
    pub range: Range<usize>,
}

/// A block that is open.
struct Open<'a> {
    /// What closes it.
    name: &'a str,
    /// Its tag.
    range: Range<usize>,
    /// Whether it may have an `{{else}}`.
    branches: bool,
    /// What it is shown for where it is false, if it begins with `^`.
    inverse: Option<&'a str>,
}

/// Returns the first fault of a text.
#[must_use]
pub fn fault(text: &str) -> Option<Fault> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(tag) = next(text, &mut at) {
        let (range, inside) = match tag {
            Ok(tag) => tag,
            Err(fault) => return Some(fault),
        };
        let word = |text: &'_ str| text.find(|next: char| next.is_whitespace()).unwrap_or(text.len());
        if let Some(head) =
            inside.strip_prefix('#').or_else(|| inside.strip_prefix('^').filter(|head| !head.trim().is_empty()))
        {
            let inverse = inside.starts_with('^').then(|| head.trim());
            if let Some(head) = inverse.filter(|_| open.is_empty()) {
                return Some(inverted(head, range));
            }
            let plain = !head.starts_with(['>', '*']);
            let head = head.trim_start_matches(['>', '*']).trim_start();
            open.push(Open { name: head[..word(head)].trim_matches(['"', '\'']), range, branches: plain, inverse });
        } else if let Some(name) = inside.strip_prefix('/') {
            let name = name.trim();
            match open.pop() {
                Some(Open { name: of, range, inverse: Some(head), .. }) if of == name => {
                    return Some(inverted(head, range));
                }
                Some(block) if block.name == name || (name.is_empty() && !block.branches) => {}
                Some(block) => return Some(wrong(text, name, range, &block)),
                None => {
                    return Some(Fault {
                        message: format!("`{{{{/{name}}}}}` closes nothing: no `{{{{#{name}}}}}` is open"),
                        help: format!("take it out, or begin with `{{{{#{name} …}}}}`"),
                        range,
                    });
                }
            }
        } else if (inside == "^" || inside[..word(inside)] == *"else")
            && !open.last().is_some_and(|block| block.branches)
        {
            return Some(Fault {
                message: format!("`{{{{{inside}}}}}` is outside of a block"),
                help: "it belongs between `{{#if …}}` and `{{/if}}`, or in `each`, `with` or `unless`".to_owned(),
                range,
            });
        }
    }
    let block = open.pop()?;
    let (shown, line) = (shown(text, &block.range), line(text, block.range.start));
    Some(Fault {
        message: format!("`{shown}` (line {line}) is never closed"),
        help: format!("add `{{{{/{}}}}}`", block.name),
        range: block.range,
    })
}

/// Lists where the branches of blocks begin that have a helper of their own, `{{else if …}}`: for each block, by the
/// place of its tag.
#[must_use]
pub fn branches(text: &str) -> BTreeMap<usize, Vec<usize>> {
    let mut branches: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(Ok((range, inside))) = next(text, &mut at) {
        let head = inside.strip_prefix('^').or_else(|| inside.strip_prefix("else").filter(|head| head != &head.trim()));
        if inside.starts_with('#') {
            open.push(range.start);
        } else if inside.starts_with('/') {
            open.pop();
        } else if let (Some(block), Some(_)) = (open.last(), head.filter(|head| !head.trim().is_empty())) {
            branches.entry(*block).or_default().push(range.start);
        }
    }
    branches
}

/// Reads the next tag from a place on, which moves behind it: its range and what stands in it. What is no tag is skipped:
/// comments, and blocks whose contents are no template.
fn next<'a>(text: &'a str, at: &mut usize) -> Option<Result<(Range<usize>, &'a str), Fault>> {
    while let Some(start) = text[*at..].find("{{").map(|next| *at + next) {
        if text[..start].ends_with('\\') && !text[..start].ends_with("\\\\") {
            *at = start + 2;
            continue;
        }
        match read(text, start, &text[start..]) {
            Ok(Some((range, inside))) => {
                *at = range.end;
                return Some(Ok((range, inside.trim_matches('~').trim())));
            }
            Ok(None) => *at = skip(text, start).ok()?,
            Err(fault) => return Some(Err(fault)),
        }
    }
    None
}

/// The fault of a block that begins with `^`, which Handlebars.js has; within a block, the engine reads an `{{else}}`.
fn inverted(head: &str, range: Range<usize>) -> Fault {
    let (instead, value) = match head.split_once(char::is_whitespace) {
        Some(("unless", value)) => ("if", value.trim()),
        Some(("if" | "each" | "with", value)) => ("unless", value.trim()),
        _ => ("unless", head),
    };
    Fault {
        message: format!("`{{{{^{head}}}}}` does not begin a block"),
        help: format!("write `{{{{#{instead} {value}}}}}…{{{{/{instead}}}}}`"),
        range,
    }
}

fn wrong(text: &str, name: &str, range: Range<usize>, block: &Open<'_>) -> Fault {
    let (shown, line) = (shown(text, &block.range), line(text, block.range.start));
    Fault {
        message: format!("`{{{{/{name}}}}}` closes nothing: `{shown}` (line {line}) is open"),
        help: format!("close it first: `{{{{/{}}}}}`", block.name),
        range,
    }
}

/// The text of a tag, cut where it is long.
fn shown(text: &str, range: &Range<usize>) -> String {
    let tag: String = text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
    if tag.chars().count() <= 60 { tag } else { format!("{}…", tag.chars().take(60).collect::<String>()) }
}

/// Reads the tag that begins at a place: its range and what stands in it; none where its contents are no tag.
fn read<'a>(text: &'a str, start: usize, rest: &'a str) -> Result<Option<(Range<usize>, &'a str)>, Fault> {
    let after = rest.trim_start_matches('{');
    let braces = rest.len() - after.len();
    if after.trim_start_matches('~').starts_with('!') || braces >= 4 {
        return skip(text, start).map(|_| None);
    }
    let close = if braces == 3 { "}}}" } else { "}}" };
    let bytes = text.as_bytes();
    let mut at = start + braces;
    let mut long: Option<usize> = None;
    while at < bytes.len() {
        let here = &text[at..];
        match bytes[at] {
            quote @ (b'"' | b'\'') => match here[1..].find(char::from(quote)) {
                Some(length) => {
                    if long.is_none() && here[..=length].contains('\n') {
                        long = Some(at);
                    }
                    at += length + 2;
                    continue;
                }
                None => return Err(string(text, long.unwrap_or(at))),
            },
            b'}' if here.starts_with(close) => return Ok(Some((start..at + close.len(), &text[start + braces..at]))),
            b'}' => {
                let length = here.len() - here.trim_start_matches('}').len();
                return Err(Fault {
                    message: format!(
                        "`{}` in line {} is closed by `{}`",
                        &rest[..braces],
                        line(text, start),
                        &here[..length]
                    ),
                    help: format!("write `{close}`"),
                    range: at..at + length,
                });
            }
            b'{' if here.starts_with("{{") => break,
            _ => {}
        }
        at += here.chars().next().map_or(1, char::len_utf8);
    }
    match long {
        Some(quote) => Err(string(text, quote)),
        None => Err(unclosed(text, start..start + braces, close)),
    }
}

fn string(text: &str, quote: usize) -> Fault {
    Fault {
        message: format!("the string that begins in line {} is never closed", line(text, quote)),
        help: format!("add `{}` at its end", &text[quote..=quote]),
        range: quote..quote + 1,
    }
}

fn unclosed(text: &str, range: Range<usize>, close: &str) -> Fault {
    Fault {
        message: format!("`{}` in line {} is never closed", &text[range.clone()], line(text, range.start)),
        help: format!("add `{close}`; text that is not a tag is written `\\{}`", &text[range.clone()]),
        range,
    }
}

/// Returns the end of a comment or a raw block.
fn skip(text: &str, start: usize) -> Result<usize, Fault> {
    let rest = &text[start..];
    let marks = rest.trim_start_matches('{').trim_start_matches('~');
    if rest.starts_with("{{{{") && !marks.starts_with('!') {
        let name = marks[..marks.find('}').unwrap_or(marks.len())].split_whitespace().next().unwrap_or_default();
        let end = format!("{{{{{{{{/{name}}}}}}}}}");
        return match rest.find(&end) {
            Some(at) => Ok(start + at + end.len()),
            None => Err(Fault {
                message: format!("`{{{{{{{{{name}}}}}}}}}` (line {}) is never closed", line(text, start)),
                help: format!("add `{end}`"),
                range: start..start + 4,
            }),
        };
    }
    let long = marks.starts_with("!--");
    let ends: &[&str] = if long { &["--}}", "--~}}"] } else { &["}}"] };
    let found = ends.iter().filter_map(|end| rest.find(end).map(|at| start + at + end.len())).min();
    found.ok_or_else(|| unclosed(text, start..start + 2, if long { "--}}" } else { "}}" }))
}

/// The problem of a tag that the engine can't read, at the place that it names, with what it says.
#[must_use]
pub fn unreadable(text: &str, at: Option<usize>, said: &str) -> (Problem, Option<Range<usize>>) {
    let Some(at) = at.filter(|_| said.contains("expected")) else {
        return (Problem::new(diagnose::SYNTAX, said), at.map(|at| at..at));
    };
    let rest = &text[at.min(text.len())..];
    let skipped = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    let length = rest
        .find(|next: char| next.is_whitespace() || matches!(next, '}' | '{' | '(' | ')' | '=' | '|'))
        .unwrap_or(rest.len());
    let length = if length == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { length };
    let found = &rest[..length];
    let range = at + skipped..at + skipped + length;
    let message = if found.is_empty() {
        "the text ends within a tag".to_owned()
    } else {
        format!("unexpected `{found}` in a tag")
    };
    let help = match advice::operator(rest, &text[..at + skipped]) {
        Some(help) => help,
        None if found == "." => "the current value is written `this`".to_owned(),
        None => TAG.to_owned(),
    };
    (Problem::new(diagnose::SYNTAX, message).with_help(Some(help)), Some(range))
}

const TAG: &str = "a tag is a name, a path, or a helper with values: `{{name}}`, `{{a.b}}`, `{{helper a key=b}}`";
