//! What a template names: variables and partials. Rather too much than too little.
//!
//! The engine keeps its syntax tree to itself. What is read here only says something about a template, and where an
//! error is; it never decides what a template gives.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a template names, each name with the first place where it stands.
#[derive(Debug, Default)]
pub struct Scan {
    /// Names that may be looked up in the context.
    pub variables: BTreeMap<String, Range<usize>>,
    /// Partials that are named literally.
    pub partials: BTreeMap<String, Range<usize>>,
}

/// A token and its range in bytes.
#[derive(Debug, Clone)]
struct Token<'a> {
    kind: Kind<'a>,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    Word(&'a str),
    Text(&'a str),
    Number,
    Sign(&'a str),
}

/// Words that are never a variable.
const KEYWORDS: [&str; 9] = ["true", "false", "nil", "null", "empty", "blank", "and", "or", "contains"];

impl Scan {
    /// Reads a template.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut walk = Walk { scan: Self::default(), scopes: vec![BTreeSet::new()] };
        let mut at = 0;
        while let Some(open) = find(text, at, "{") {
            match text.as_bytes().get(open + 1) {
                Some(b'{') => {
                    let (tokens, end) = tokens(text, open + 2, "}}");
                    walk.expression(&tokens);
                    at = end;
                }
                Some(b'%') => {
                    let (tokens, end) = tokens(text, open + 2, "%}");
                    at = match tokens.first().map(|token| token.kind) {
                        Some(Kind::Word("raw")) => skip(text, end, "endraw"),
                        Some(Kind::Word("comment")) => skip(text, end, "endcomment"),
                        _ => end,
                    };
                    walk.tag(&tokens);
                }
                _ => at = open + 1,
            }
        }
        walk.scan
    }
}

/// A tag or an output.
struct Element<'a> {
    /// The word that a tag begins with.
    word: &'a str,
    /// From brace to brace.
    range: Range<usize>,
    tokens: Vec<Token<'a>>,
}

/// Returns the tags and outputs of a template, in their order: each with the word that a tag begins with, and its range
/// from brace to brace. None of those that `raw` and `comment` keep from the engine.
pub fn elements(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    walk(text, true).into_iter().map(|element| (element.word, element.range))
}

/// Returns where the first number stands that is out of range, and how. In comments, too, since the engine reads the tags
/// in them.
#[must_use]
pub fn large_number(text: &str) -> Option<(usize, &'static str)> {
    if !text.as_bytes().split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() >= 19) {
        return None;
    }
    let too_large = |token: &Token<'_>| {
        let (before, rest) = text.as_bytes().split_at(token.range.start);
        let (digits, after) = (&text[token.range.clone()], &rest[token.range.len()..]);
        let sign = if before.ends_with(b"-") { "-" } else { "" };
        match (before, after) {
            _ if token.kind != Kind::Number => None,
            ([.., b'0'..=b'9', b'.'], _) => None,
            (_, [b'.', b'0'..=b'9', ..]) => digits
                .parse()
                .is_ok_and(f64::is_infinite)
                .then_some("the number is out of range: floats go up to 1.8e308"),
            _ => format!("{sign}{digits}")
                .parse::<i64>()
                .is_err()
                .then_some("the integer is out of range: it has more than 64 bits"),
        }
    };
    let elements = walk(text, false);
    let mut tokens = elements.iter().flat_map(|element| &element.tokens);
    tokens.find_map(|token| Some((token.range.start, too_large(token)?)))
}

fn walk(text: &str, skip_comments: bool) -> Vec<Element<'_>> {
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(open) = find(text, at, "{") {
        let close = match text.as_bytes().get(open + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                at = open + 1;
                continue;
            }
        };
        let (tokens, end) = tokens(text, open + 2, close);
        let word = tokens.iter().find_map(|token| match token.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        });
        let word = word.filter(|_| close == "%}").unwrap_or_default();
        at = match word {
            "raw" => skip(text, end, "endraw"),
            "comment" if skip_comments => skip(text, end, "endcomment"),
            _ => end,
        };
        elements.push(Element { word, range: open..end, tokens });
    }
    elements
}

struct Walk {
    scan: Scan,
    /// The names that are surely defined: those of the template, then of each block that is open.
    scopes: Vec<BTreeSet<String>>,
}

impl Walk {
    fn tag(&mut self, tokens: &[Token<'_>]) {
        let Some(Token { kind: Kind::Word(name), .. }) = tokens.first() else { return };
        let rest = &tokens[1..];
        match *name {
            "assign" => {
                self.expression(rest.get(2..).unwrap_or_default());
                self.define(rest);
            }
            "capture" => {
                self.define(rest);
                self.scopes.push(BTreeSet::new());
            }
            "for" | "tablerow" => {
                self.expression(rest.get(2..).unwrap_or_default());
                self.scopes.push(BTreeSet::from(["forloop".to_owned(), "tablerow".to_owned()]));
                self.define(rest);
            }
            "if" | "unless" | "case" | "ifchanged" => {
                self.expression(rest);
                self.scopes.push(BTreeSet::new());
            }
            "else" | "elsif" | "when" => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.clear();
                }
                self.expression(rest);
            }
            "endcapture" | "endfor" | "endtablerow" | "endif" | "endunless" | "endcase" | "endifchanged" => {
                if self.scopes.len() > 1 {
                    self.scopes.pop();
                }
            }
            "include" | "render" => {
                if let Some(Token { kind: Kind::Text(path), range }) = rest.first() {
                    self.scan.partials.entry((*path).to_owned()).or_insert_with(|| range.clone());
                }
                self.expression(rest);
            }
            "increment" | "decrement" | "raw" | "comment" | "break" | "continue" => {}
            _ => self.expression(rest),
        }
    }

    /// Notes the name that a tag begins with as defined from here on.
    fn define(&mut self, tokens: &[Token<'_>]) {
        if let (Some(Token { kind: Kind::Word(name), .. }), Some(scope)) = (tokens.first(), self.scopes.last_mut()) {
            scope.insert((*name).to_owned());
        }
    }

    fn expression(&mut self, tokens: &[Token<'_>]) {
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Word(word) = token.kind else { continue };
            let before = at.checked_sub(1).map(|before| tokens[before].kind);
            let after = tokens.get(at + 1).map(|after| after.kind);
            let filter = before == Some(Kind::Sign("|"));
            let part = before == Some(Kind::Sign("."));
            // `limit:5`, `with: value`: the name of an argument.
            let argument = after == Some(Kind::Sign(":"));
            let defined = self.scopes.iter().any(|scope| scope.contains(word));
            if !(filter || part || argument || defined || KEYWORDS.contains(&word)) {
                self.scan.variables.entry(word.to_owned()).or_insert_with(|| token.range.clone());
            }
        }
    }
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

/// Returns where the text goes on after the next tag that consists of one word.
fn skip(text: &str, mut at: usize, word: &str) -> usize {
    while let Some(open) = find(text, at, "{%") {
        let (tokens, end) = tokens(text, open + 2, "%}");
        if tokens.first().is_some_and(|token| token.kind == Kind::Word(word)) {
            return end;
        }
        at = open + 2;
    }
    text.len()
}

/// Reads the tokens from a place up to an end; returns where the text goes on.
fn tokens<'a>(text: &'a str, mut at: usize, close: &str) -> (Vec<Token<'a>>, usize) {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    while let Some(byte) = bytes.get(at) {
        if bytes[at..].starts_with(close.as_bytes()) {
            at += close.len();
            break;
        }
        let start = at;
        let kind = match byte {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'\'' | b'"' => {
                let length = bytes[at + 1..].iter().take_while(|next| *next != byte).count();
                at = (at + length + 2).min(bytes.len());
                Kind::Text(text.get(start + 1..start + 1 + length).unwrap_or_default())
            }
            b'0'..=b'9' => {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                Kind::Number
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let word = |at: &usize| {
                    let byte = bytes[*at];
                    let hyphen = byte == b'-' && !text[*at + 1..].starts_with(close);
                    byte == b'_' || byte.is_ascii_alphanumeric() || hyphen
                };
                at += (at..bytes.len()).take_while(word).count();
                Kind::Word(&text[start..at])
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                Kind::Sign(&text[start..at])
            }
        };
        tokens.push(Token { kind, range: start..at });
    }
    (tokens, at)
}
