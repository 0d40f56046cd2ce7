//! A text that is being typed, with a cursor.
//!
//! Always true here: the cursor stands between two characters as a reader sees them (grapheme clusters); a text of one
//! line holds no line breaks, whatever is pasted; nothing here knows a terminal.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::keys::Key;

/// A text with a cursor.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    text: String,
    /// In bytes.
    cursor: usize,
    kind: Kind,
}

/// What a text may hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    #[default]
    Line,
    /// Several lines.
    Lines,
    /// One line on the screen that shows nothing of it; what is pasted is kept as it is.
    Hidden,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// Nothing changed, or the cursor only.
    Nothing,
    /// The text changed.
    Text,
    /// The text changed, and line breaks and tabs of what was pasted are spaces in it.
    Joined,
}

impl Editor {
    /// Begins with a text, with the cursor at its end.
    pub fn new(text: &str, kind: Kind) -> Self {
        let text = match kind {
            Kind::Line => text.replace(['\n', '\t'], " "),
            Kind::Lines | Kind::Hidden => text.to_owned(),
        };
        Self { cursor: text.len(), text, kind }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is text, and deleting to the start of the line deletes all of it.
    pub fn is_all_before(&self) -> bool {
        !self.text.is_empty() && self.cursor == self.text.len() && self.line().start == 0
    }

    /// Deletes all.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Does what a key stands for.
    pub fn apply(&mut self, key: &Key) -> Edited {
        let (line, cursor) = (self.line(), self.cursor);
        let range = match key {
            Key::Char(character) => return self.insert(character.encode_utf8(&mut [0; 4])),
            Key::Line if self.kind == Kind::Lines => return self.insert("\n"),
            Key::Paste(text) => return self.paste(text),
            Key::DeleteLeft => self.left()..cursor,
            Key::DeleteRight | Key::DeleteOrLeave => cursor..self.right(),
            Key::DeleteWordLeft => self.word_left()..cursor,
            Key::DeleteWordRight => cursor..self.word_right(),
            Key::DeleteToStart => line.start..cursor,
            Key::DeleteToEnd => cursor..line.end,
            _ => {
                self.cursor = self.moved(key).unwrap_or(cursor);
                return Edited::Nothing;
            }
        };
        if range.is_empty() {
            return Edited::Nothing;
        }
        self.cursor = range.start;
        self.text.replace_range(range, "");
        Edited::Text
    }

    fn moved(&self, key: &Key) -> Option<usize> {
        match key {
            Key::Left => Some(self.left()),
            Key::Right => Some(self.right()),
            Key::WordLeft => Some(self.word_left()),
            Key::WordRight => Some(self.word_right()),
            Key::Home => Some(self.line().start),
            Key::End => Some(self.line().end),
            Key::Up => self.line().start.checked_sub(1).map(|end| self.below(end)),
            Key::Down => Some(self.line().end + 1).filter(|start| *start <= self.text.len()).map(|at| self.below(at)),
            _ => None,
        }
    }

    fn insert(&mut self, text: &str) -> Edited {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        Edited::Text
    }

    fn paste(&mut self, text: &str) -> Edited {
        // Who copies a line copies its end, too, and means the line.
        let text = text.trim_end_matches('\n');
        let kept = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
        let text: String = text.chars().filter(kept).collect();
        if self.kind == Kind::Line && text.contains(['\n', '\t']) {
            self.insert(&text.replace(['\n', '\t'], " "));
            return Edited::Joined;
        }
        if text.is_empty() { Edited::Nothing } else { self.insert(&text) }
    }

    /// The line that the cursor is in, without its end.
    fn line(&self) -> Range<usize> {
        self.line_at(self.cursor)
    }

    fn line_at(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |found| found + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        start..end
    }

    /// The place in the line at `at` that is as far from its start as the cursor is from its own.
    fn below(&self, at: usize) -> usize {
        let column = self.text[self.line().start..self.cursor].width();
        let line = self.line_at(at);
        let mut end = line.start;
        for grapheme in self.text[line.clone()].graphemes(true) {
            if self.text[line.start..end + grapheme.len()].width() > column {
                break;
            }
            end += grapheme.len();
        }
        end
    }

    fn left(&self) -> usize {
        let before = self.text[..self.cursor].graphemes(true).next_back();
        self.cursor - before.map_or(0, str::len)
    }

    fn right(&self) -> usize {
        let after = self.text[self.cursor..].graphemes(true).next();
        self.cursor + after.map_or(0, str::len)
    }

    fn word_left(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before
            .char_indices()
            .rev()
            .find(|(_, character)| character.is_whitespace())
            .map_or(0, |(at, character)| at + character.len_utf8())
    }

    fn word_right(&self) -> usize {
        let after = &self.text[self.cursor..];
        let word = after.trim_start();
        let skipped = after.len() - word.len();
        self.cursor + skipped + word.find(char::is_whitespace).unwrap_or(word.len())
    }

    /// The part of the text that fits into so many columns and rows, with the cursor in it: lines, and where it stands.
    pub fn view(&self, columns: usize, rows: usize) -> (Vec<String>, (usize, usize)) {
        if self.kind == Kind::Hidden {
            let stars = |text: &str| "*".repeat(text.graphemes(true).count());
            let (line, column) = window(&stars(&self.text), stars(&self.text[..self.cursor]).len(), columns);
            return (vec![line], (0, column));
        }
        let row = self.text[..self.cursor].matches('\n').count();
        let lines: Vec<&str> = self.text.split('\n').collect();
        let first = (row + 1).saturating_sub(rows.max(1));
        let last = lines.len().min(first + rows.max(1));
        let mut column = 0;
        let shown = lines[first..last].iter().enumerate().map(|(number, line)| {
            let is_here = first + number == row;
            let at = if is_here { self.cursor - self.line().start } else { 0 };
            let (shown, here) = window(line, at, columns);
            if is_here {
                column = here;
            }
            shown
        });
        (shown.collect(), (row - first, column))
    }
}

/// The part of a line that fits into so many columns and has a place in it, and the column of the place. `…` is for what
/// is not shown.
fn window(line: &str, at: usize, columns: usize) -> (String, usize) {
    let columns = columns.max(2);
    if line.width() < columns {
        return (line.to_owned(), line[..at].width());
    }
    // One column is for the cursor behind the text, one for each `…`.
    let mut start = at;
    for (place, _) in line[..at].grapheme_indices(true).rev() {
        if line[place..at].width() > columns.saturating_sub(3) {
            break;
        }
        start = place;
    }
    let front = if start > 0 { "…" } else { "" };
    let mut end = start;
    for (place, grapheme) in line[start..].grapheme_indices(true) {
        if front.width() + line[start..start + place + grapheme.len()].width() + 1 >= columns {
            break;
        }
        end = start + place + grapheme.len();
    }
    let end = end.max(at);
    let back = if end < line.len() { "…" } else { "" };
    (format!("{front}{}{back}", &line[start..end]), front.width() + line[start..at].width())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str, kind: Kind, keys: &[Key]) -> String {
        let mut editor = Editor::new(text, kind);
        for key in keys {
            editor.apply(key);
        }
        let mut shown = editor.text.clone();
        shown.insert(editor.cursor, '|');
        shown
    }

    #[test]
    fn keys_edit_by_characters_words_and_lines() {
        for (keys, left) in [
            (vec![Key::Home, Key::Char('x')], "x|one two  three"),
            (vec![Key::Home, Key::End, Key::Char('x')], "one two  threex|"),
            (vec![Key::DeleteWordLeft], "one two  |"),
            (vec![Key::DeleteWordLeft, Key::DeleteWordLeft], "one |"),
            (vec![Key::DeleteToStart], "|"),
            (vec![Key::WordLeft, Key::DeleteToEnd], "one two  |"),
            (vec![Key::WordLeft, Key::WordLeft, Key::DeleteToStart], "|two  three"),
            (vec![Key::Home, Key::WordRight, Key::WordRight, Key::DeleteRight], "one two| three"),
            (vec![Key::Home, Key::DeleteWordRight], "| two  three"),
            (vec![Key::Left, Key::DeleteLeft], "one two  thr|e"),
            (vec![Key::Line, Key::Up, Key::Tab, Key::Other], "one two  three|"),
        ] {
            assert_eq!(typed("one two  three", Kind::Line, &keys), left, "{keys:?}");
        }
    }

    #[test]
    fn what_a_reader_sees_as_one_character_is_one() {
        let text = "e\u{301}\u{1f469}\u{200d}\u{1f680}";
        assert_eq!(typed(text, Kind::Line, &[Key::DeleteLeft]), "e\u{301}|");
        assert_eq!(typed(text, Kind::Line, &[Key::DeleteLeft, Key::DeleteLeft]), "|");
    }

    #[test]
    fn lines_are_kept_where_there_may_be_several() {
        let paste = Key::Paste("a\n\u{1b}b\n".to_owned());
        assert_eq!(typed("", Kind::Lines, &[paste.clone(), Key::Line]), "a\nb\n|");
        assert_eq!(typed("", Kind::Hidden, std::slice::from_ref(&paste)), "a\nb|");
        assert_eq!(Editor::new("", Kind::Line).apply(&paste), Edited::Joined);
        assert_eq!(typed("", Kind::Line, &[paste]), "a b|");
        let lines = "long\nab\nlonger";
        assert_eq!(typed(lines, Kind::Lines, &[Key::Up]), "long\nab|\nlonger");
        assert_eq!(typed(lines, Kind::Lines, &[Key::Up, Key::Up, Key::Up]), "lo|ng\nab\nlonger");
        assert_eq!(typed(lines, Kind::Lines, &[Key::Up, Key::Home, Key::Down, Key::DeleteToEnd]), "long\nab\n|");
    }

    #[test]
    fn the_cursor_is_always_shown() {
        let editor = |text: &str, keys: &[Key]| {
            let mut editor = Editor::new(text, Kind::Lines);
            for key in keys {
                editor.apply(key);
            }
            editor
        };
        assert_eq!(editor("abc", &[]).view(10, 1), (vec!["abc".to_owned()], (0, 3)));
        assert_eq!(editor("0123456789", &[]).view(8, 1), (vec!["…56789".to_owned()], (0, 6)));
        assert_eq!(editor("0123456789", &[Key::Home]).view(8, 1), (vec!["012345…".to_owned()], (0, 0)));
        assert_eq!(editor("\u{6f22}\u{5b57}\u{6f22}\u{5b57}", &[]).view(6, 1).1.1, 3);
        assert_eq!(editor("a\nb\nc", &[]).view(8, 2), (vec!["b".to_owned(), "c".to_owned()], (1, 1)));
        assert_eq!(editor("a\nb\nc", &[Key::Up, Key::Up]).view(8, 2).0, ["a", "b"]);
        for columns in 2..30 {
            let (shown, (_, column)) = editor(&"\u{6f22}x".repeat(20), &[Key::WordLeft, Key::Right]).view(columns, 1);
            assert!(shown[0].width() <= columns.max(3) && column < columns.max(3), "{columns} {shown:?} {column}");
        }
    }
}
