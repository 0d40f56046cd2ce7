//! Splits a template into its tags and their tokens, by the engine's own rules.
//!
//! The engine keeps its syntax tree to itself. What is read here never decides what a template gives, only what is said
//! about it; a text that the engine would refuse gives some tokens or none.

use std::ops::Range;

/// A tag or an output.
#[derive(Debug)]
pub struct Tag<'a> {
    /// Whether it is a tag (`{%`); otherwise an output (`{{`).
    pub block: bool,
    /// What stands in it.
    pub tokens: Vec<Token<'a>>,
    /// Whether it may compute.
    pub computes: bool,
}

/// A token and its range in bytes.
#[derive(Debug, Clone)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Where it stands.
    pub range: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// A string: what stands between its quotes, with escapes as they are.
    Text(&'a str),
    /// A number.
    Number,
    /// An operator or a bracket.
    Sign(&'a str),
}

/// Signs of more than one character, longest first.
const LONG_SIGNS: [&str; 10] = ["...", "//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["];

/// The most digits that a float which is finite has before its point.
pub const DIGITS: usize = 309;

/// Splits a template.
#[must_use]
pub fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = text.as_bytes()[at..].iter().position(|byte| *byte == b'{').map(|next| at + next) {
        match text.as_bytes().get(open + 1) {
            Some(b'{') => at = tag(text, open + 2, false, &mut tags),
            Some(b'#') => at = find(text, open + 2, "#}").map_or(text.len(), |end| end + 2),
            Some(b'%') => match bare_tag(text, open + 2, "raw") {
                Some(body) => at = after_raw(text, body),
                None => at = tag(text, open + 2, true, &mut tags),
            },
            _ => at = open + 1,
        }
    }
    tags
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

/// Returns the end of a tag that holds one word only, whose inside begins at `at`.
fn bare_tag(text: &str, at: usize, word: &str) -> Option<usize> {
    let inside = text.get(at..)?;
    let rest = inside.strip_prefix('-').unwrap_or(inside).trim_start();
    let rest = rest.strip_prefix(word)?.trim_start();
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

fn after_raw(text: &str, mut at: usize) -> usize {
    while let Some(open) = find(text, at, "{%") {
        if let Some(end) = bare_tag(text, open + 2, "endraw") {
            return end;
        }
        at = open + 2;
    }
    text.len()
}

/// Reads a tag whose inside begins at `at`; returns where the text goes on.
fn tag<'a>(text: &'a str, mut at: usize, block: bool, tags: &mut Vec<Tag<'a>>) -> usize {
    let bytes = text.as_bytes();
    let close: &[u8] = if block { b"%}" } else { b"}}" };
    let mut tokens = Vec::with_capacity(8);
    let mut computes = false;
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    while let Some(byte) = bytes.get(at) {
        if bytes[at..].starts_with(close) {
            at += 2;
            break;
        }
        if *byte == b'-' && bytes[at + 1..].starts_with(close) {
            at += 3;
            break;
        }
        let start = at;
        let kind = match byte {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'\'' | b'"' | b'`' => {
                at += 1;
                while bytes.get(at).is_some_and(|next| next != byte) {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let end = at.min(bytes.len());
                at = (at + 1).min(bytes.len());
                Kind::Text(text.get(start + 1..end).unwrap_or_default())
            }
            b'0'..=b'9' => {
                let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                at += digits(at);
                if bytes.get(at) == Some(&b'.') {
                    at += 1;
                    at += digits(at);
                }
                computes |= at - start > DIGITS;
                Kind::Number
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                at += bytes[at..].iter().take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric()).count();
                Kind::Word(&text[start..at])
            }
            _ => {
                computes |= matches!(byte, b'+' | b'-' | b'*' | b'/' | b'%');
                let sign = LONG_SIGNS.iter().find(|sign| bytes[at..].starts_with(sign.as_bytes()));
                let length =
                    sign.map_or_else(|| text[at..].chars().next().map_or(1, char::len_utf8), |sign| sign.len());
                at += length;
                Kind::Sign(&text[start..at])
            }
        };
        tokens.push(Token { kind, range: start..at });
    }
    tags.push(Tag { block, tokens, computes });
    at
}
