//! A file that was handed over: its text, and places in it. What several rules need is computed once.

use std::cell::OnceCell;
use std::ops::Range;

use packbox_facts::Role;

use crate::bindings::packbox::plugin::types::{File, Position, Span};
use crate::engines::BUILT_IN;
use crate::tags::{self, Tag};

/// A file.
#[derive(Debug)]
pub struct Source<'a> {
    /// Where it is in the pack.
    pub path: &'a str,
    /// What it is there for.
    pub role: Role,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its text; `None` where it is not UTF-8 or holds zero bytes, so that it is taken for data.
    pub text: Option<&'a str>,
    present: [bool; 256],
    line_starts: OnceCell<Vec<usize>>,
    tags: OnceCell<Vec<Tag>>,
}

impl<'a> Source<'a> {
    /// Looks at the bytes of a file once.
    #[must_use]
    pub fn new(file: &'a File, role: Role) -> Self {
        let bytes = file.contents.as_slice();
        let mut present = [false; 256];
        // What is data beyond doubt is not looked at any further.
        let text = std::str::from_utf8(bytes).ok().filter(|text| {
            text.bytes().for_each(|byte| present[usize::from(byte)] = true);
            !present[0]
        });
        Self { path: &file.path, role, bytes, text, present, line_starts: OnceCell::new(), tags: OnceCell::new() }
    }

    /// Says whether the text holds any of these bytes: most rules need not look any further.
    #[must_use]
    pub fn has_any(&self, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| self.present[usize::from(*byte)])
    }

    /// Lists the Jinja tags of the text.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        self.tags.get_or_init(|| {
            let text = self.text.filter(|_| self.has_any(b"{"));
            text.map(tags::find).unwrap_or_default()
        })
    }

    /// Returns the place of a range of bytes.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let end = (range.end > range.start).then(|| self.position(range.end));
        Span { path: self.path.to_owned(), start: self.position(range.start), end }
    }

    /// Returns the name of the file without its folders, and without the endings that mark a template.
    #[must_use]
    pub fn output_name(&self) -> &'a str {
        output_name(self.path)
    }

    fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts.get_or_init(|| {
            let feeds = self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(feeds.map(|(at, _)| at + 1)).collect()
        });
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(line), column: number((offset - start).saturating_add(1)) }
    }
}

/// Returns the last component of a path without the ending that marks a template.
#[must_use]
pub fn output_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut endings = BUILT_IN.iter().flat_map(|(_, endings)| *endings);
    endings.find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Returns what follows the last dot of a name, in lower case; empty where there is none.
#[must_use]
pub fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Lists the lines of a text with the offsets of their first bytes, without line feeds.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.strip_suffix('\n').unwrap_or(line))
    })
}
