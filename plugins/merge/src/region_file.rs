//! Files with marked sections: how markers are written, and how such files are merged with a base.

use std::collections::BTreeMap;

use crate::failures::Fault;
use crate::owners;
use crate::region::{self, MARKS, is_marker};
use crate::region_head::{self, Head};
use crate::text::{self, number};
use crate::{Conflict, Failure, Job, Merged, Outcome, Place};

/// How comments are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// What begins a comment.
    pub open: String,
    /// What ends it; empty where the line does.
    pub close: String,
}

/// Names of files, or what they end with, by what begins and ends a comment in them.
const COMMENTS: [(&str, &str, &[&str]); 9] = [
    (
        "#",
        "",
        &[
            "makefile",
            "gnumakefile",
            "justfile",
            ".justfile",
            "dockerfile",
            "containerfile",
            "vagrantfile",
            "gemfile",
            "rakefile",
            "procfile",
            "brewfile",
            "codeowners",
            ".gitignore",
            ".dockerignore",
            ".gitattributes",
            ".npmignore",
            ".npmrc",
            ".editorconfig",
            ".env",
            ".envrc",
            ".bashrc",
            ".zshrc",
            ".profile",
            ".mailmap",
            ".mk",
            ".just",
            ".sh",
            ".bash",
            ".zsh",
            ".fish",
            ".py",
            ".pyi",
            ".rb",
            ".pl",
            ".r",
            ".jl",
            ".toml",
            ".yaml",
            ".yml",
            ".conf",
            ".cfg",
            ".properties",
            ".tf",
            ".tfvars",
            ".hcl",
            ".nix",
            ".cmake",
            "cmakelists.txt",
            ".graphql",
            ".ex",
            ".exs",
            ".awk",
            ".sed",
            ".service",
            ".timer",
            ".socket",
            ".dockerfile",
            ".bzl",
            "build.bazel",
            "requirements.txt",
            ".ps1",
            ".env.example",
        ],
    ),
    (
        "//",
        "",
        &[
            ".rs",
            ".js",
            ".mjs",
            ".cjs",
            ".jsx",
            ".ts",
            ".mts",
            ".cts",
            ".tsx",
            ".c",
            ".h",
            ".cc",
            ".cpp",
            ".hpp",
            ".java",
            ".kt",
            ".kts",
            ".scala",
            ".swift",
            ".go",
            "go.mod",
            ".cs",
            ".fs",
            ".dart",
            ".zig",
            ".proto",
            ".gradle",
            ".groovy",
            "jenkinsfile",
            ".jsonc",
            ".json5",
            ".php",
            ".scss",
            ".less",
            ".wit",
            ".sol",
            ".v",
        ],
    ),
    ("--", "", &[".sql", ".lua", ".hs", ".elm", ".adb", ".ads", ".vhd"]),
    (";", "", &[".ini", ".asm", ".reg"]),
    (";;", "", &[".lisp", ".el", ".clj", ".cljs", ".edn", ".scm", ".wat"]),
    ("%", "", &[".tex", ".sty", ".erl", ".hrl"]),
    ("REM", "", &[".bat", ".cmd"]),
    ("<!--", "-->", &[".html", ".htm", ".xml", ".svg", ".md", ".markdown", ".vue", ".xhtml", ".csproj", ".props"]),
    ("/*", "*/", &[".css"]),
];

impl Marker {
    /// How comments are written in a file of this name.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.to_lowercase();
        let mut best: Option<(usize, &str, &str)> = None;
        for (open, close, names) in COMMENTS {
            for known in names.iter().filter(|known| fits(&name, known)) {
                if best.is_none_or(|(length, ..)| length < known.len()) {
                    best = Some((known.len(), open, close));
                }
            }
        }
        best.map(|(_, open, close)| Self { open: open.to_owned(), close: close.to_owned() })
    }

    /// Why an owner's name can't stand in a marker; none where it can.
    #[must_use]
    pub fn cant_name(&self, owner: &str) -> Option<String> {
        if owner.trim().is_empty() || owner.trim() != owner || owner.chars().any(char::is_control) {
            return Some("it has line ends or blanks around it".to_owned());
        }
        if is_marker(owner.as_bytes()) {
            return Some("it looks like a marker of sections itself".to_owned());
        }
        if !self.close.is_empty() && owner.contains(&self.close) {
            return Some(format!("`{}` ends the comment", self.close));
        }
        // What is between `<!--` and `-->` has no `--` in XML.
        let bare = self.open.starts_with("<!--") && owner.contains("--");
        bare.then(|| format!("`--` can't stand between `{}` and `{}`", self.open, self.close))
    }

    /// The lines above and below a section.
    #[must_use]
    pub fn lines(&self, owner: &str, end: &str) -> (String, String) {
        let close = if self.close.is_empty() { String::new() } else { format!(" {}", self.close) };
        let line = |mark: &str| format!("{} {mark} {owner}{close}{end}", self.open);
        (line(MARKS[0]), line(MARKS[1]))
    }

    /// The owner that a marker names, and whether it begins a section.
    fn read<'a>(&self, line: &'a str) -> Option<(bool, &'a str)> {
        let inner = line.trim().strip_prefix(&self.open)?.trim_start();
        let (begins, rest) = match (inner.strip_prefix(MARKS[0]), inner.strip_prefix(MARKS[1])) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return None,
        };
        Some((begins, rest.trim().strip_suffix(self.close.as_str())?.trim()))
    }
}

/// Whether a name in lower case is, or ends as, a known one.
#[must_use]
pub fn fits(name: &str, known: &str) -> bool {
    let ends = known.starts_with('.') && name.ends_with(known);
    ends || name == known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq)]
enum Piece<'a> {
    /// Nobody's section.
    Outside(&'a [u8]),
    /// An owner's section: its first line, its text and its last line.
    Section(&'a str, &'a [u8], &'a [u8], &'a [u8]),
}

/// A file in pieces.
struct File<'a> {
    pieces: Vec<Piece<'a>>,
}

impl<'a> File<'a> {
    fn read(contents: &'a [u8], marker: &Marker) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut seen = Vec::new();
        let mut open: Option<(&str, usize, usize)> = None;
        // A mark that says that the text is UTF-8 is outside of sections.
        let mark = if contents.starts_with("\u{feff}".as_bytes()) { "\u{feff}".len() } else { 0 };
        let (mut from, mut at) = (0, mark);
        for line in contents[mark..].split_inclusive(|byte| *byte == b'\n') {
            let start = at;
            at += line.len();
            if !is_marker(line) {
                continue;
            }
            let fault = |message: &str| Fault::syntax(message, start..start + line.trim_ascii_end().len());
            let read = std::str::from_utf8(line).ok().and_then(|line| marker.read(line));
            match (read, open) {
                (Some((true, owner)), None) => {
                    if seen.contains(&owner) {
                        return Err(fault("there is a second section of the same owner"));
                    }
                    seen.push(owner);
                    if from < start {
                        pieces.push(Piece::Outside(&contents[from..start]));
                    }
                    open = Some((owner, start, at));
                }
                (Some((false, owner)), Some((opened, begin, first))) if owner == opened => {
                    pieces.push(Piece::Section(owner, &contents[begin..first], &contents[first..start], line));
                    open = None;
                    from = at;
                }
                (None, _) => return Err(fault("a marker of sections can't be read")),
                (Some((true, _)), Some(_)) => return Err(fault("a section begins within another")),
                (Some((false, _)), _) => return Err(fault("a section ends that did not begin")),
            }
        }
        if let Some((_, start, end)) = open {
            return Err(Fault::syntax("a section never ends", start..end));
        }
        if from < contents.len() {
            pieces.push(Piece::Outside(&contents[from..]));
        }
        Ok(Self { pieces })
    }

    fn sections(&self) -> BTreeMap<&'a str, &'a [u8]> {
        let sections = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Section(owner, _, text, _) => Some((*owner, *text)),
            Piece::Outside(_) => None,
        });
        sections.collect()
    }

    /// What is outside of sections, without a head of so many bytes and the blank lines between them.
    fn outside(&self, head: usize) -> Vec<&'a [u8]> {
        let outside = self.pieces.iter().enumerate().filter_map(|(index, piece)| match piece {
            Piece::Outside(text) => Some(if index == 0 { &text[head.min(text.len())..] } else { text }.trim_ascii()),
            Piece::Section(..) => None,
        });
        outside.filter(|text| !text.is_empty()).collect()
    }
}

/// Merges whole files with a base.
pub fn merge(job: &Job, base: &[u8], marker: &Marker) -> Result<Outcome, Failure> {
    let base_text = base;
    let base = File::read(base, marker).map_err(|fault| fault.of("the base", base))?;
    let mut files = Vec::new();
    for side in &job.sides {
        files.push(File::read(&side.contents, marker).map_err(|fault| fault.of(&side.owner, &side.contents))?);
    }
    let mut conflicts = Vec::new();
    let heads: Vec<Head<'_>> = job.sides.iter().map(|side| region_head::of(&job.path, &side.contents)).collect();
    let outside = |side: usize| files[side].outside(heads[side].length);
    let before = base.outside(region_head::of(&job.path, base_text).length);
    let changed: Vec<usize> = (0..files.len()).filter(|side| outside(*side) != before).collect();
    let layout = changed.first().copied().unwrap_or(0);
    if changed.iter().any(|side| outside(*side) != outside(layout)) {
        conflicts.push(differ(job, marker, &changed, String::new(), "what is outside of the sections"));
    }
    let top = top(job, base_text, &heads, layout).unwrap_or_else(|differing| {
        conflicts.extend(differing);
        None
    });
    let (before, sections): (_, Vec<_>) = (base.sections(), files.iter().map(File::sections).collect());
    let mut wanted: Vec<(&str, &[u8], Vec<u32>)> = Vec::new();
    let mut order: Vec<&str> = Vec::new();
    for side in [layout].into_iter().chain(0..files.len()) {
        for piece in &files[side].pieces {
            if let Piece::Section(owner, ..) = piece
                && !order.contains(owner)
            {
                order.push(owner);
            }
        }
    }
    for owner in order {
        let old = before.get(owner);
        let changed: Vec<usize> = (0..files.len()).filter(|side| sections[*side].get(owner) != old).collect();
        let text = changed.first().map_or(old, |side| sections[*side].get(owner));
        if changed.iter().any(|side| sections[*side].get(owner) != text) {
            conflicts.push(differ(job, marker, &changed, owner.to_owned(), "the section"));
        } else if let Some(text) = text {
            let having = (0..files.len()).filter(|side| sections[*side].get(owner) == Some(text)).map(number).collect();
            wanted.push((owner, text, having));
        }
    }
    if !conflicts.is_empty() {
        return Ok(Outcome::Conflicts(conflicts));
    }
    let same = (0..files.len()).filter(|side| outside(*side) == outside(layout)).map(number).collect();
    Ok(Outcome::Merged(write(job, (&files[layout], layout, same), top.as_deref(), &wanted, marker)))
}

/// The head that a file has to get, in pieces with their owners; none where the one whose layout is kept has it already, or what differs.
/// A piece that was there before, and that a side no longer has, goes.
fn top<'a>(
    job: &Job,
    base: &[u8],
    heads: &'a [Head<'a>],
    layout: usize,
) -> Result<Option<Vec<(&'a region_head::Piece<'a>, Vec<u32>)>>, Vec<Conflict>> {
    let before = region_head::of(&job.path, base);
    let has = |head: &Head<'_>, piece: &region_head::Piece<'_>| {
        head.pieces.iter().any(|other| other.what == piece.what && other.says(piece))
    };
    let stays = |piece: &region_head::Piece<'_>| !has(&before, piece) || heads.iter().all(|head| has(head, piece));
    let mut pieces = region::united(job, heads)?;
    pieces.retain(|(piece, _)| stays(piece));
    let own = &heads[layout];
    let is_kept = pieces.len() == own.pieces.len() && pieces.iter().all(|(piece, _)| has(own, piece));
    Ok(if is_kept { None } else { Some(pieces) })
}

/// Writes the file in the layout of one side, whose outside some have; `top` stands in place of its head.
fn write(
    job: &Job,
    (file, layout, outside): (&File<'_>, usize, Vec<u32>),
    top: Option<&[(&region_head::Piece<'_>, Vec<u32>)]>,
    wanted: &[(&str, &[u8], Vec<u32>)],
    marker: &Marker,
) -> Merged {
    let mut contents: Vec<u8> = Vec::new();
    let mut parts = Vec::new();
    let side = &job.sides[layout].contents;
    let end = text::line_break(side);
    let mut written = Vec::new();
    let mut head = 0;
    if let Some(pieces) = top {
        let own = region_head::of(&job.path, side);
        head = own.length;
        if own.mark && !pieces.first().is_some_and(|(piece, _)| piece.runs()) {
            contents.extend_from_slice("\u{feff}".as_bytes());
        }
        for (piece, owners) in pieces {
            let start = contents.len();
            contents.extend_from_slice(&piece.lines.join(end.as_bytes()));
            owners::join(&mut parts, start..contents.len(), owners.clone(), false);
            contents.extend_from_slice(end.as_bytes());
        }
        if !pieces.is_empty() && side.len() > head {
            contents.extend_from_slice(end.as_bytes());
        }
    }
    for (index, piece) in file.pieces.iter().enumerate() {
        match piece {
            Piece::Outside(text) => {
                let text = if index == 0 { &text[head.min(text.len())..] } else { text };
                let start = contents.len();
                contents.extend_from_slice(text);
                owners::join(&mut parts, start..contents.len(), outside.clone(), false);
            }
            Piece::Section(owner, begin, _, close) => {
                let Some((_, text, having)) = wanted.iter().find(|(name, ..)| name == owner) else { continue };
                contents.extend_from_slice(begin);
                let start = contents.len();
                contents.extend_from_slice(text);
                if start < contents.len() {
                    owners::join(&mut parts, start..contents.len(), having.clone(), false);
                }
                contents.extend_from_slice(close);
                written.push(*owner);
            }
        }
    }
    for (owner, text, having) in wanted.iter().filter(|(owner, ..)| !written.contains(owner)) {
        if !contents.is_empty() {
            if !contents.ends_with(b"\n") {
                contents.extend_from_slice(end.as_bytes());
            }
            contents.extend_from_slice(end.as_bytes());
        }
        let (begin, close) = marker.lines(owner, end);
        contents.extend_from_slice(begin.as_bytes());
        let start = contents.len();
        contents.extend_from_slice(text);
        if start < contents.len() {
            owners::join(&mut parts, start..contents.len(), having.clone(), false);
        }
        contents.extend_from_slice(close.as_bytes());
    }
    Merged { contents, parts, notes: Vec::new() }
}

fn differ(job: &Job, marker: &Marker, changed: &[usize], subject: String, what: &str) -> Conflict {
    let names: Vec<String> = changed.iter().map(|side| format!("`{}`", job.sides[*side].owner)).collect();
    let places = changed.iter().filter_map(|side| {
        let contents = &job.sides[*side].contents;
        let mut at = 0;
        for line in contents.split_inclusive(|byte| *byte == b'\n') {
            let begins = |line| marker.read(line) == Some((true, subject.as_str()));
            if subject.is_empty() || std::str::from_utf8(line).is_ok_and(begins) {
                return Some(Place { side: number(*side), start: text::position(contents, at), end: None });
            }
            at += line.len();
        }
        None
    });
    let places = places.collect();
    Conflict { subject, message: format!("{} changed {what} differently", names.join(" and ")), help: None, places }
}
