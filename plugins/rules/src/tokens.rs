//! Reads the names in a Jinja tag. This is no parser: it is enough to find where a name that the engine reported
//! stands, and which names a template may assign.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::source::Source;
use crate::tags::{Kind, first_word};

/// A name in a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// The name.
    pub name: &'t str,
    /// Where it stands within the tag.
    pub range: Range<usize>,
    /// Whether it follows a dot or a bar: then it is an attribute or a filter, and no variable.
    pub is_member: bool,
}

/// Lists the names in a tag; string literals are skipped.
#[must_use]
pub fn names(inside: &str) -> Vec<Token<'_>> {
    let bytes = inside.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut tokens = Vec::new();
    let mut before = 0_u8;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\'' {
            at += 1;
            while let Some(&inner) = bytes.get(at) {
                at += if inner == b'\\' { 2 } else { 1 };
                if inner == byte {
                    break;
                }
            }
            before = byte;
        } else if is_name(byte) {
            let start = at;
            while bytes.get(at).copied().is_some_and(is_name) {
                at += 1;
            }
            if let Some(name) = inside.get(start..at).filter(|_| !byte.is_ascii_digit()) {
                tokens.push(Token { name, range: start..at, is_member: matches!(before, b'.' | b'|') });
            }
            before = byte;
        } else {
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
            at += 1;
        }
    }
    tokens
}

/// How a template reads a name.
#[derive(Debug)]
pub struct Use {
    /// Where it does so first, in bytes.
    pub range: Range<usize>,
    /// Whether it does so anywhere in such a way that the name may be missing: `x is defined`, `x | default(…)`.
    pub is_optional: bool,
}

/// Collects the names that a template reads or assigns, and how.
#[must_use]
pub fn uses<'a>(source: &Source<'a>) -> BTreeMap<&'a str, Use> {
    let mut uses: BTreeMap<&str, Use> = BTreeMap::new();
    let Some(text) = source.text else { return uses };
    for tag in source.tags().iter().filter(|tag| tag.kind != Kind::Comment) {
        let inside = tag.inside(text);
        for token in names(inside).into_iter().filter(|token| !token.is_member) {
            let is_optional = is_optional(inside.get(token.range.end..).unwrap_or_default());
            let range = tag.inner.start + token.range.start..tag.inner.start + token.range.end;
            uses.entry(token.name).or_insert(Use { range, is_optional }).is_optional |= is_optional;
        }
    }
    uses
}

/// Says whether what follows a name allows it to be missing.
fn is_optional(after: &str) -> bool {
    let after = after.trim_start();
    let word = after.strip_prefix('|').or_else(|| after.strip_prefix("is ")).unwrap_or_default().trim_start();
    let word = word.strip_prefix("not ").unwrap_or(word).trim_start();
    let end = word.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(word.len());
    matches!(word.get(..end), Some("default" | "d" | "defined" | "undefined"))
}

/// Lists the string literals in a tag, with their places within it.
#[must_use]
pub fn literals(inside: &str) -> Vec<(&str, Range<usize>)> {
    let bytes = inside.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'"' || byte == b'\'' {
            let start = at;
            while let Some(&inner) = bytes.get(at).filter(|inner| **inner != byte) {
                at += if inner == b'\\' { 2 } else { 1 };
            }
            if let Some(literal) = inside.get(start..at) {
                found.push((literal, start..at));
            }
            at += 1;
        }
    }
    found
}

/// Collects the names that a template may assign; rather too many than too few.
pub fn assigned<'a>(source: &Source<'a>, into: &mut BTreeSet<&'a str>) {
    let Some(text) = source.text else { return };
    for tag in source.tags().iter().filter(|tag| tag.kind == Kind::Statement) {
        let inside = tag.inside(text);
        let until = match first_word(inside) {
            "set" => inside.find('='),
            "for" => inside.find(" in "),
            "with" | "macro" | "import" | "from" | "call" => None,
            _ => continue,
        };
        let targets = inside.get(..until.unwrap_or(inside.len())).unwrap_or_default();
        into.extend(names(targets).into_iter().skip(1).map(|token| token.name));
    }
}
