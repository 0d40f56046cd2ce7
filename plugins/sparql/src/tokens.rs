//! The words of a query's text, with their places: for what the algebra no longer knows.
//!
//! Always true here: strings, IRIs and comments are told from names; what is no valid SPARQL gives some words, never a panic.

use std::ops::Range;

/// A word of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or the name of a function.
    Word,
    /// `prefix:local`, or `prefix:` alone.
    Name,
    /// `?name` or `$name`.
    Variable,
    /// `<…>`.
    Iri,
    /// A string.
    Text,
    /// Anything else, one character each.
    Mark,
}

/// A word and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub range: Range<usize>,
}

impl Token {
    /// Its text.
    #[must_use]
    pub fn text<'a>(&self, query: &'a str) -> &'a str {
        &query[self.range.clone()]
    }

    /// Whether it is this keyword.
    #[must_use]
    pub fn is(&self, query: &str, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text(query).eq_ignore_ascii_case(keyword)
    }
}

/// Takes a query apart.
#[must_use]
pub fn tokens(query: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = query[at..].chars().next() {
        let rest = &query[at..];
        let (kind, length) = match next {
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if next.is_whitespace() => {
                at += next.len_utf8();
                continue;
            }
            '<' => match iri(rest) {
                Some(length) => (Kind::Iri, length),
                None => (Kind::Mark, 1),
            },
            '"' | '\'' => (Kind::Text, text(rest, next)),
            '?' | '$' => match name(&rest[1..]) {
                0 => (Kind::Mark, 1),
                length => (Kind::Variable, 1 + length),
            },
            ':' => (Kind::Name, 1 + local(&rest[1..])),
            _ if next.is_alphabetic() || next == '_' => {
                let length = prefix(rest);
                if rest[length..].starts_with(':') {
                    (Kind::Name, length + 1 + local(&rest[length + 1..]))
                } else {
                    (Kind::Word, name(rest).max(next.len_utf8()))
                }
            }
            _ => (Kind::Mark, next.len_utf8()),
        };
        found.push(Token { kind, range: at..at + length });
        at += length;
    }
    found
}

/// The names of all variables that a query mentions, sorted, each once.
#[must_use]
pub fn variables(query: &str) -> Vec<String> {
    let all = tokens(query).into_iter().filter(|token| token.kind == Kind::Variable);
    let mut names: Vec<String> = all.map(|token| token.text(query)[1..].to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The length of `<…>`; none where it is a comparison.
fn iri(rest: &str) -> Option<usize> {
    let end = rest.find(|next: char| next == '>' || next.is_whitespace() || "\"{}|^`".contains(next))?;
    rest[end..].starts_with('>').then_some(end + 1)
}

/// The length of a string that begins with this quote.
fn text(rest: &str, quote: char) -> usize {
    let long: String = [quote; 3].iter().collect();
    let close = if rest.starts_with(&long) { long } else { quote.to_string() };
    let mut at = close.len();
    while at < rest.len() {
        let left = &rest[at..];
        if let Some(escaped) = left.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
        } else if left.starts_with(&close) {
            return at + close.len();
        } else if close.len() == 1 && left.starts_with('\n') {
            return at;
        } else {
            at += left.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a name of letters, digits and `_`.
fn name(rest: &str) -> usize {
    rest.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(rest.len())
}

/// The length of the name of a prefix.
fn prefix(rest: &str) -> usize {
    let end = rest.find(|next: char| !(next.is_alphanumeric() || "_-.".contains(next))).unwrap_or(rest.len());
    rest[..end].trim_end_matches('.').len()
}

/// The length of what stands behind a prefix.
fn local(rest: &str) -> usize {
    let mut at = 0;
    while let Some(next) = rest[at..].chars().next() {
        at += match next {
            '\\' => 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ if next.is_alphanumeric() || "_-.:%".contains(next) => next.len_utf8(),
            _ => break,
        };
    }
    rest[..at].trim_end_matches('.').len()
}
