//! A file that was handed in, and places in it.
//!
//! Always true here: lines and columns count from 1, columns count bytes, and an offset beyond the end is the end. No
//! offset makes anything panic.

use std::cell::OnceCell;
use std::ops::Range;

use crate::{Diagnostic, Failure, File, Position, Span};

/// A file of the pack: a template, a partial, a file to check.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    path: &'a str,
    bytes: &'a [u8],
    line_starts: OnceCell<Vec<usize>>,
}

impl<'a> Source<'a> {
    /// Makes a source of a path and bytes.
    #[must_use]
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Self {
        Self { path, bytes, line_starts: OnceCell::new() }
    }

    /// Returns the path relative to the pack's folder, with `/` between the parts.
    ///
    /// In a chain (`then = […]`), the template is what the stage before made, and this is the path of the output.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// Returns the path without its folders.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Returns what follows the last dot of the name; none for names like `Makefile` and `.gitignore`.
    #[must_use]
    pub fn extension(&self) -> Option<&'a str> {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
    }

    /// Returns the bytes, which may be anything.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the text, with everything that is in it: a byte order mark, `\r`.
    ///
    /// # Errors
    ///
    /// Bytes that are not UTF-8, as an `invalid` diagnostic of the rule `plugin/encoding` with their place.
    pub fn text(&self) -> Result<&'a str, Failure> {
        std::str::from_utf8(self.bytes).map_err(|error| {
            let start = error.valid_up_to();
            let end = error.error_len().map_or(self.bytes.len(), |length| start + length);
            Diagnostic::error("plugin/encoding", "the file is not UTF-8")
                .at(self.span(start..end))
                .help("save it as UTF-8, or copy it instead of rendering it")
                .into()
        })
    }

    /// Returns the place of a range of bytes; of an offset, if the range is empty.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let end = (range.end > range.start).then(|| self.position(range.end));
        Span { path: self.path.to_owned(), start: self.position(range.start), end }
    }

    /// Returns the place of an offset in bytes.
    #[must_use]
    pub fn point(&self, offset: usize) -> Span {
        self.span(offset..offset)
    }

    /// Returns the place of a part of the text, for instance of a word that [`str::split`] gave. None if `part` is not a
    /// slice of this very text.
    #[must_use]
    pub fn span_of(&self, part: &str) -> Option<Span> {
        let start = (part.as_ptr() as usize).checked_sub(self.bytes.as_ptr() as usize)?;
        let end = start.checked_add(part.len()).filter(|end| *end <= self.bytes.len())?;
        Some(self.span(start..end))
    }

    /// Returns the line and the column of an offset in bytes.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts();
        let offset = offset.min(self.bytes.len());
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or_default();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(line), column: number(offset - start + 1) }
    }

    /// Returns the offset of a line and a column, for what counts like that: both from 1, the column in bytes. What lies
    /// beyond the end of a line is its end.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let starts = self.line_starts();
        let Some(start) = starts.get(line.saturating_sub(1)) else { return self.bytes.len() };
        let end = starts.get(line.max(1)).map_or(self.bytes.len(), |next| next - 1);
        start.saturating_add(column.saturating_sub(1)).min(end)
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let feeds = self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(feeds.map(|(at, _)| at + 1)).collect()
        })
    }
}

impl<'a> From<&'a File> for Source<'a> {
    fn from(file: &'a File) -> Self {
        Self::new(&file.path, &file.contents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(source: &Source<'_>, offset: usize) -> (u32, u32) {
        let found = source.position(offset);
        (found.line, found.column)
    }

    #[test]
    fn offsets_are_lines_and_columns_and_back() {
        let text = "ab\n\n\u{e9}c\n";
        let source = Source::new("a", text.as_bytes());
        let places = [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3), (3, 4), (4, 1)];
        for (offset, place) in places.into_iter().enumerate() {
            assert_eq!(position(&source, offset), place);
            assert_eq!(source.offset(place.0 as usize, place.1 as usize), offset);
        }
        assert_eq!(position(&source, usize::MAX), (4, 1));
        assert_eq!(source.offset(1, 99), 2);
        assert_eq!(source.offset(99, 1), text.len());
        assert_eq!(source.offset(0, 0), 0);
        assert_eq!(position(&Source::new("a", b""), 3), (1, 1));
    }

    #[test]
    fn bad_utf_8_is_named_with_its_place() {
        let source = Source::new("t/a.txt", b"a\nb\xff\xfec");
        let Err(Failure::Invalid(found)) = source.text() else { panic!() };
        let span = found[0].span.as_ref().unwrap();
        assert_eq!((span.start.line, span.start.column), (2, 2));
        assert_eq!(span.end.unwrap().column, 3);
        let cut = Source::new("a", b"\xe2\x82");
        assert!(matches!(cut.text(), Err(Failure::Invalid(_))));
    }

    #[test]
    fn parts_are_found_only_in_their_own_text() {
        let text = String::from("one two");
        let source = Source::new("a", text.as_bytes());
        let part = text.split(' ').nth(1).unwrap();
        assert_eq!(source.span_of(part).unwrap().start.column, 5);
        assert_eq!(source.span_of(&String::from("two")), None);
    }

    #[test]
    fn names_have_extensions() {
        let extension = |path: &'static str| Source::new(path, b"").extension();
        assert_eq!(extension("a.b/c.toml"), Some("toml"));
        assert_eq!(extension("a.b/Makefile"), None);
        assert_eq!(extension(".gitignore"), None);
        assert_eq!(extension("x."), Some(""));
    }
}
