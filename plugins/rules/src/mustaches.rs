//! Finds the tags of a Handlebars template in which a name surely is a variable of the pack: outside of blocks that may
//! show another value or name one. What can't be read ends the search.

use std::ops::Range;

/// A tag that begins at a place.
enum Found {
    /// What is between its braces.
    Tag(Range<usize>),
    /// The end of what holds no tag: text, a comment, a raw block.
    Text(usize),
}

/// Lists the ranges of what is in such tags, in order; comments and closing tags are left out.
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Of each open block its name, and whether names may be others within.
    let mut open: Vec<(&str, bool)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|next| at + next) {
        let inner = match read(text, start) {
            Some(Found::Tag(inner)) => inner,
            Some(Found::Text(end)) => {
                at = end;
                continue;
            }
            None => break,
        };
        at = inner.end + 2;
        let inside = text.get(inner.clone()).unwrap_or_default().trim_matches(['~', ' ', '\t', '\r', '\n']);
        let hidden = open.last().is_some_and(|(_, hidden)| *hidden);
        let elsewhere = |head: &str| !matches!(name(head), "if" | "unless") || head.contains('|');
        if let Some(head) = inside.strip_prefix('#') {
            open.push((name(head.trim_start_matches(['>', '*'])), hidden || elsewhere(head)));
        } else if let Some(closed) = inside.strip_prefix('/') {
            if open.pop().is_none_or(|(block, _)| block != name(closed)) {
                break;
            }
            continue;
        } else if let Some(head) = chained(inside) {
            match open.last_mut() {
                Some((_, hidden)) => *hidden |= !head.is_empty() && elsewhere(head),
                None => break,
            }
        }
        // The values of a block's own tag are read outside of it.
        if !hidden {
            found.push(inner);
        }
    }
    found
}

/// Reads what begins with two braces; none where that can't be done surely.
fn read(text: &str, start: usize) -> Option<Found> {
    let rest = text.get(start..)?;
    let (before, four) = (text.get(..start)?, rest.starts_with("{{{{"));
    if before.ends_with('\\') && !before.ends_with("\\\\") {
        return Some(Found::Text(start + if four { 4 } else { 2 }));
    }
    if four {
        let end = format!("{{{{{{{{/{}}}}}}}}}", name(rest.trim_start_matches(['{', '~'])));
        return rest.find(&end).map(|at| Found::Text(start + at + end.len()));
    }
    let head = rest.trim_start_matches(['{', '~', ' ']);
    if head.starts_with('!') {
        let ends: &[&str] = if head.starts_with("!--") { &["--}}", "--~}}"] } else { &["}}"] };
        return ends.iter().filter_map(|end| Some(start + rest.find(end)? + end.len())).min().map(Found::Text);
    }
    let inner = start + rest.len() - head.len();
    let mut at = 0;
    loop {
        let here = head.get(at..)?;
        let next = here.chars().next()?;
        at += match next {
            '"' | '\'' | '[' => {
                let length = here[1..].find(if next == '[' { ']' } else { next })?;
                if here[1..=length].contains('\\') {
                    return None;
                }
                length + 2
            }
            '}' if here.starts_with("}}") => return Some(Found::Tag(inner..inner + at)),
            '{' if here.starts_with("{{") => return None,
            _ => next.len_utf8(),
        };
    }
}

/// What follows `else` or `^` in a tag that is one of these.
fn chained(inside: &str) -> Option<&str> {
    let head = inside.strip_prefix('^').or_else(|| inside.strip_prefix("else"))?;
    let is_else = inside.starts_with('^') || head.is_empty() || head.starts_with(char::is_whitespace);
    is_else.then(|| head.trim())
}

fn name(head: &str) -> &str {
    head.trim_start().split([' ', '}', '~', '\n', '\r', '\t', '(']).next().unwrap_or_default().trim_matches(['"', '\''])
}
