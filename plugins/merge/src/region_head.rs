//! What has to be at the top of a file: the line that runs a script, an XML declaration, directives, front matter.
//!
//! It is told by the first bytes, and by the file's name where they don't say enough. Each owner's head is taken out of
//! its text, piece by piece, and stands once, above all sections.

use crate::region_file::fits;

/// What says that a text is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The rank of `<?php`.
const PHP: u8 = 7;
/// The rank of what belongs to all of a file of Rust.
const INNER: u8 = 9;

/// A piece of a head.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece<'a> {
    /// Pieces stand in this order.
    pub rank: u8,
    /// What there is one of, in the plural; empty where a file can have several pieces of the kind.
    pub what: String,
    /// Where it begins, in bytes.
    pub at: usize,
    /// Its lines, without what they end with.
    pub lines: Vec<&'a [u8]>,
}

impl Piece<'_> {
    /// Whether it says what runs a script.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.rank == 0
    }

    /// Whether it begins PHP.
    #[must_use]
    pub fn begins_php(&self) -> bool {
        self.rank == PHP
    }

    /// Whether another piece says the same: on one line, blanks and the kind of quotes make no difference.
    #[must_use]
    pub fn says(&self, other: &Piece<'_>) -> bool {
        let ([one], [two]) = (self.said(), other.said()) else { return self.said() == other.said() };
        let bare = |line: &[u8]| -> Vec<u8> {
            let bytes = line.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
            bytes.map(|byte| if byte == b'\'' { b'"' } else { byte }).collect()
        };
        let (one, two) = (bare(one), bare(two));
        one == two || (one.starts_with(b"<") || one.starts_with(b"@")) && one.eq_ignore_ascii_case(&two)
    }

    /// Its lines without comments above it.
    fn said(&self) -> &[&[u8]] {
        let is_above = |line: &&[u8]| {
            let line = line.trim_ascii_start();
            self.rank == INNER && (line.is_empty() || (line.starts_with(b"//") && !line.starts_with(b"//!")))
        };
        &self.lines[self.lines.iter().take_while(|line| is_above(line)).count()..]
    }
}

/// The head of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Head<'a> {
    /// Whether it begins with a mark that says that it is UTF-8.
    pub mark: bool,
    /// In the order of the text.
    pub pieces: Vec<Piece<'a>>,
    /// How long it is, with the blank lines below it.
    pub length: usize,
}

/// Languages in which something other than a comment has to come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Batch,
    Docker,
    EditorConfig,
    JavaScript,
    Markup,
    Python,
    Registry,
    Ruby,
    Rust,
    Yaml,
    Other,
}

const LANGUAGES: [(Language, &[&str]); 10] = [
    (Language::Batch, &[".bat", ".cmd"]),
    (Language::Docker, &["dockerfile", "containerfile", ".dockerfile"]),
    (Language::EditorConfig, &[".editorconfig"]),
    (Language::JavaScript, &[".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"]),
    // What generators of sites read, so that front matter is no rule and no text.
    (Language::Markup, &[".md", ".markdown", ".html", ".htm", ".xml", ".svg", ".xhtml", ".css", ".scss", ".less"]),
    (Language::Python, &[".py", ".pyi"]),
    (Language::Registry, &[".reg"]),
    (Language::Ruby, &[".rb", "gemfile", "rakefile", "vagrantfile", "brewfile"]),
    (Language::Rust, &[".rs"]),
    (Language::Yaml, &[".yaml", ".yml"]),
];

/// Finds the head of a text.
#[must_use]
pub fn of<'a>(path: &str, contents: &'a [u8]) -> Head<'a> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let known = LANGUAGES.iter().find(|(_, names)| names.iter().any(|known| fits(&name, known)));
    let mark = contents.starts_with(MARK);
    let start = if mark { MARK.len() } else { 0 };
    let language = known.map_or(Language::Other, |(language, _)| *language);
    let mut reader = Reader { contents, language, start, at: start, pieces: Vec::new() };
    reader.read();
    let length = if reader.pieces.is_empty() { start } else { reader.past_blanks(reader.at) };
    Head { mark, pieces: reader.pieces, length }
}

struct Reader<'a> {
    contents: &'a [u8],
    language: Language,
    start: usize,
    at: usize,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let first = self.line(self.at);
        if first.starts_with(b"#!") && !first.starts_with(b"#![") {
            self.take(0, "lines `#!`", first.len());
        }
        self.settings();
        // Blank lines end directives of Docker: what is below them is a comment.
        while let Some((rank, what, length)) = self.directive() {
            self.take(rank, &what, length);
        }
        loop {
            let from = self.past_blanks(self.at);
            let Some((rank, what, length)) = self.next(from) else { return };
            self.at = from;
            self.take(rank, &what, length);
        }
    }

    /// Takes bytes for a piece, and the rest of their line if it is blank.
    fn take(&mut self, rank: u8, what: &str, length: usize) {
        let text = &self.contents[self.at..self.at + length];
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
        self.pieces.push(Piece { rank, what: what.to_owned(), at: self.at, lines });
        self.at += length;
        let rest = self.line(self.at);
        self.at += if rest.trim_ascii().is_empty() {
            rest.len() + usize::from(self.contents.get(self.at + rest.len()) == Some(&b'\n'))
        } else {
            rest.len() - rest.trim_ascii_start().len()
        };
    }

    /// Settings for editors and interpreters that are read in the first two lines only.
    fn settings(&mut self) {
        let mut at = self.at;
        for _ in self.pieces.len()..2 {
            let line = self.line(at);
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            if !self.is_comment(text) {
                return;
            }
            let names_vim = |word: &str| word.starts_with("vim:") || word.starts_with("vi:");
            let length = at + line.len() - self.at;
            // A comment above it stays there.
            if text.matches("-*-").count() > 1 || self.is_coding(text) {
                self.take(1, "lines for editors and interpreters", length);
            } else if text.split_whitespace().skip(1).any(names_vim) {
                self.take(2, "settings for Vim", length);
            }
            at = (at + line.len() + 1).min(self.contents.len());
        }
    }

    fn is_comment(&self, text: &str) -> bool {
        let opens: &[&str] = match self.language {
            Language::Markup => &["<!--", "/*"],
            _ => &["#", "//", "/*", "--", ";", "%", "<!--", "REM"],
        };
        opens.iter().any(|open| text.starts_with(open)) && !text.starts_with("#![")
    }

    fn is_coding(&self, text: &str) -> bool {
        let after = text.find("coding").map(|at| &text[at + "coding".len()..]);
        let reads = matches!(self.language, Language::Python | Language::Ruby);
        reads && after.is_some_and(|after| after.starts_with([':', '=']))
    }

    /// A directive of Docker, or a comment that Ruby obeys.
    fn directive(&self) -> Option<(u8, String, usize)> {
        let line = self.line(self.at);
        let text = std::str::from_utf8(line).ok()?;
        let comment = text.trim_start().strip_prefix('#')?;
        let split = if self.language == Language::Docker { '=' } else { ':' };
        let (name, _) = comment.split_once(split)?;
        let name = name.trim().to_lowercase();
        let known: &[&str] = match self.language {
            Language::Docker => &["syntax", "escape", "check"],
            Language::Ruby => &["frozen_string_literal", "warn_indent", "shareable_constant_value"],
            _ => return None,
        };
        known.contains(&name.as_str()).then(|| (3, format!("values of `# {name}{split}`"), line.len()))
    }

    /// The next piece, from a place at which there may be one.
    fn next(&self, from: usize) -> Option<(u8, String, usize)> {
        let rest = &self.contents[from..];
        let none_before = self.pieces.is_empty() && from == self.start;
        let begins =
            |text: &str| rest.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
        let piece = |rank: u8, what: &str, length: usize| Some((rank, what.to_owned(), length));
        if none_before && begins("<?xml") && rest.get(5).is_some_and(u8::is_ascii_whitespace) {
            return piece(4, "XML declarations", find(rest, b"?>")? + 2);
        }
        if none_before && begins("@charset ") {
            return piece(5, "lines `@charset`", find(rest, b";")? + 1);
        }
        if begins("<!doctype") {
            return piece(6, "document types", doctype(rest)?);
        }
        if self.pieces.iter().all(Piece::runs) && begins("<?php") && rest.get(5).is_none_or(u8::is_ascii_whitespace) {
            return piece(PHP, "beginnings of PHP", 5);
        }
        if self.pieces.iter().any(Piece::begins_php) && begins("declare(") {
            return piece(8, "values of `declare`", find(rest, b";")? + 1);
        }
        let line = self.line(from);
        let bare = line.trim_ascii();
        match self.language {
            Language::Markup if none_before => {
                let fence = [&b"---"[..], b"+++"].into_iter().find(|fence| *fence == line.trim_ascii_end())?;
                piece(3, "front matter", fenced(rest, fence)?)
            }
            Language::Rust => {
                let dashes = line.iter().take_while(|byte| **byte == b'-').count();
                if dashes >= 3 && self.pieces.iter().all(Piece::runs) {
                    return piece(3, "front matter", fenced(rest, &line[..dashes])?);
                }
                piece(INNER, "", inner(rest)?)
            }
            Language::Yaml if bare == b"---" && self.pieces.iter().all(|piece| piece.rank < 3) => {
                piece(3, "", line.len())
            }
            Language::Batch if none_before && bare.eq_ignore_ascii_case(b"@echo off") => piece(3, "", line.len()),
            Language::Registry if none_before && (begins("windows registry editor") || begins("regedit4")) => {
                piece(3, "versions of the format", line.len())
            }
            Language::EditorConfig if root_of(bare) => piece(3, "values of `root`", line.len()),
            Language::JavaScript => {
                let word = bare.strip_suffix(b";").unwrap_or(bare);
                let inner = word.strip_prefix(b"'").and_then(|word| word.strip_suffix(b"'"));
                let inner = inner.or_else(|| word.strip_prefix(b"\"")?.strip_suffix(b"\""))?;
                inner.starts_with(b"use ").then(|| (3, String::new(), line.len()))
            }
            _ => None,
        }
    }

    /// The line that begins at a place, without its line end.
    fn line(&self, at: usize) -> &'a [u8] {
        let rest = &self.contents[at.min(self.contents.len())..];
        rest.split(|byte| *byte == b'\n').next().unwrap_or(rest)
    }

    /// Where the first line begins that is not blank.
    fn past_blanks(&self, mut at: usize) -> usize {
        while at < self.contents.len() {
            let line = self.line(at);
            let next = at + line.len() + 1;
            if !line.trim_ascii().is_empty() || next > self.contents.len() {
                break;
            }
            at = next;
        }
        at
    }
}

fn root_of(line: &[u8]) -> bool {
    let mut sides = line.split(|byte| *byte == b'=');
    sides.next().is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"root")) && sides.next().is_some()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// How long a document type is: what is declared in it stands between brackets.
fn doctype(text: &[u8]) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'[') => depth += 1,
            (None, b']') => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How long front matter is, with its fences; none where it does not end.
fn fenced(text: &[u8], fence: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 && line.trim_ascii_end() == fence {
            return Some(at + line.len());
        }
        at += line.len() + 1;
    }
    None
}

/// How long what begins a file of Rust and belongs to all of it is: lines `//!` or an attribute `#![…]`, with comments
/// above it.
fn inner(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut docs = None;
    for line in text.split(|byte| *byte == b'\n') {
        let bare = line.trim_ascii();
        if bare.starts_with(b"//!") {
            docs = Some(at + line.len());
        } else if docs.is_some() {
            return docs;
        } else if bare.starts_with(b"#![") {
            let start = at + line.len() - line.trim_ascii_start().len();
            return Some(start + attribute(&text[start..])?);
        } else if !bare.is_empty() && (!bare.starts_with(b"//") || bare.starts_with(b"///")) {
            return None;
        }
        at += line.len() + 1;
    }
    docs
}

/// How long an attribute is: to the bracket that ends it.
fn attribute(text: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_usize);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
