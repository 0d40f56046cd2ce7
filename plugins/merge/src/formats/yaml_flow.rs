//! Writes YAML values between brackets, and resolves plain text as the core schema of YAML 1.2 does.

use std::ops::Range;

use super::Graft;
use crate::model::{Kind, Value};
use crate::unwritten::Unwritten;

/// No more text than this is written for one alias.
const LONGEST: usize = 64 << 10;

/// What stands before a value's own text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Properties {
    /// Its anchor.
    pub anchor: Option<Range<usize>>,
    /// Its tag.
    pub tag: Option<Range<usize>>,
    /// Where its own text begins.
    pub content: usize,
}

/// Finds anchor and tag of a value that begins at a place.
#[must_use]
pub fn properties(text: &str, start: usize) -> Properties {
    let mut found = Properties { content: start, ..Properties::default() };
    loop {
        let rest = &text[found.content..];
        let end = found.content + rest.find(char::is_whitespace).unwrap_or(rest.len());
        match rest.as_bytes().first() {
            Some(b'&') if found.anchor.is_none() => found.anchor = Some(found.content..end),
            Some(b'!') if found.tag.is_none() => found.tag = Some(found.content..end),
            _ => return found,
        }
        let rest = &text[end..];
        let blanks = rest.len() - rest.trim_start().len();
        if blanks == 0 {
            found.content = end;
            return found;
        }
        found.content = end + blanks;
    }
}

/// Writes a value of the other text on one line, without anchors and with what aliases refer to. The error says why not.
pub fn render(graft: Graft<'_>, node: usize) -> Result<String, Unwritten> {
    let mut text = String::new();
    write(graft, node, &mut text)?;
    Ok(text)
}

fn write(graft: Graft<'_>, node: usize, text: &mut String) -> Result<(), Unwritten> {
    if text.len() > LONGEST {
        return Err("what an alias refers to is too long to be written in its place".into());
    }
    let node = graft.side.target(node);
    let found = &graft.side.nodes[node];
    let before = properties(graft.from, found.span.start);
    if let Some(tag) = before.tag {
        text.push_str(&graft.from[tag]);
        text.push(' ');
    }
    match &found.kind {
        Kind::Scalar | Kind::Alias(_) => {
            let content = before.content.min(found.span.end);
            let written = graft.from[content..found.span.end].trim_end();
            text.push_str(&scalar(graft, node, written)?);
        }
        Kind::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write(graft, *item, text)?;
            }
            text.push(']');
        }
        Kind::Table(entries) => {
            text.push('{');
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                text.push_str(&key(graft, graft.values.name(entry.key), &entry.key_span));
                text.push_str(": ");
                write(graft, entry.node, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// Writes a key of the other text so that it can stand between brackets.
#[must_use]
pub fn key(graft: Graft<'_>, name: &str, span: &Range<usize>) -> String {
    let written = &graft.from[span.clone()];
    if is_safe(written) {
        return written.to_owned();
    }
    match name.strip_prefix("s:") {
        Some(text) => quoted(text),
        None => written.to_owned(),
    }
}

fn scalar(graft: Graft<'_>, node: usize, written: &str) -> Result<String, Unwritten> {
    if written.is_empty() {
        return Ok("~".to_owned());
    }
    if is_safe(written) {
        return Ok(written.to_owned());
    }
    let mut id = graft.side.id(node);
    while let Value::Tagged(_, inner) = graft.values.value(id) {
        id = *inner;
    }
    match graft.values.value(id) {
        Value::Scalar(text) => match text.strip_prefix("s:") {
            Some(text) => Ok(quoted(text)),
            None => Ok(written.to_owned()),
        },
        _ => Err("a value can't be written on one line".into()),
    }
}

/// Whether a text means the same between brackets.
fn is_safe(written: &str) -> bool {
    let on_one_line = !written.contains(['\n', '\r']);
    let quoted = written.starts_with(['"', '\'']);
    let block = written.starts_with(['|', '>']);
    on_one_line && !block && (quoted || !written.contains([',', '[', ']', '{', '}'])) && !written.ends_with(':')
}

/// Writes a text between double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let escaped = serde_json::Value::from(text).to_string();
    escaped
        .replace('\u{7f}', "\\u007f")
        .replace('\u{85}', "\\u0085")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// What a plain text is in the core schema: the same for equal values only. Numbers with a point stay as they are
/// written, so that `3.10` is not `3.1`.
#[must_use]
pub fn resolve(text: &str) -> String {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return "n:".to_owned(),
        "true" | "True" | "TRUE" => return "b:true".to_owned(),
        "false" | "False" | "FALSE" => return "b:false".to_owned(),
        ".nan" | ".NaN" | ".NAN" => return "f:nan".to_owned(),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return if text.starts_with('-') { "f:-inf".to_owned() } else { "f:inf".to_owned() };
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse::<i128>() {
            Ok(integer) => format!("i:{integer}"),
            Err(_) => format!("i:{text}"),
        };
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return match i128::from_str_radix(digits, radix) {
                Ok(integer) => format!("i:{integer}"),
                Err(_) => format!("i:{text}"),
            };
        }
    }
    if is_float(unsigned) { format!("f:{text}") } else { format!("s:{text}") }
}

/// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?`, with a digit before the exponent.
fn is_float(text: &str) -> bool {
    let (number, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent
}
