//! What stands on the screen for a question: lines with styles, and where the cursor is.
//!
//! Always true here: no line is wider than the screen, nor are there more than it has; text of a stranger loses its control
//! characters when it becomes a line.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text::printable_line;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As the terminal's own.
    Plain,
    /// What is asked.
    Title,
    /// What helps.
    Faint,
    /// What is wrong.
    Wrong,
    /// What is chosen or was answered.
    Chosen,
}

/// How much it matters that a line is shown, where not all fit. The first goes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What is typed.
    Input,
    /// What is wrong with it.
    Problem,
    /// What is asked.
    Title,
    /// What can be chosen.
    Choice,
    /// What is expected.
    Expectation,
    /// More about it.
    Help,
    /// Which keys do what.
    Keys,
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its pieces.
    pub pieces: Vec<(Style, String)>,
    rank: Rank,
}

/// A size in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns that text may have.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

/// Lines, and the cursor.
#[derive(Debug, Clone)]
pub struct Frame {
    size: Size,
    /// The lines, from above.
    pub lines: Vec<Line>,
    /// Row and column.
    pub cursor: (usize, usize),
}

impl Frame {
    /// An empty one.
    pub fn new(size: Size) -> Self {
        Self { size, lines: Vec::new(), cursor: (0, 0) }
    }

    /// Adds text, in as many lines as it takes.
    pub fn text(&mut self, rank: Rank, style: Style, indent: &str, text: &str) {
        for paragraph in text.split('\n') {
            let paragraph = printable_line(paragraph);
            let options = Options::new(self.size.columns.max(indent.len() + 4))
                .initial_indent(indent)
                .subsequent_indent(indent)
                .wrap_algorithm(WrapAlgorithm::FirstFit)
                .word_separator(WordSeparator::AsciiSpace)
                .word_splitter(WordSplitter::NoHyphenation);
            for line in textwrap::wrap(&paragraph, options) {
                self.lines.push(Line { pieces: vec![(style, line.into_owned())], rank });
            }
        }
    }

    /// Adds a line of several pieces; what does not fit is cut off.
    pub fn line(&mut self, rank: Rank, pieces: &[(Style, &str)]) {
        self.lines.push(Line::new(rank, pieces, self.size.columns));
    }

    /// Says that the cursor is in the line that comes next.
    pub fn cursor_in_next(&mut self, row: usize, column: usize) {
        self.cursor = (self.lines.len() + row, column.min(self.size.columns));
    }

    /// Leaves out what does not fit, what matters least first.
    pub fn fitted(mut self) -> Self {
        while self.lines.len() > self.size.rows.max(1) {
            let last = self.lines.iter().enumerate().rev().filter(|(at, _)| *at != self.cursor.0);
            let Some((at, _)) = last.max_by_key(|(at, line)| (line.rank, *at)) else { break };
            self.lines.remove(at);
            if at < self.cursor.0 {
                self.cursor.0 -= 1;
            }
        }
        self
    }
}

impl Line {
    /// A line of several pieces; what does not fit into so many columns is cut off.
    pub fn new(rank: Rank, pieces: &[(Style, &str)], columns: usize) -> Self {
        let mut left = columns;
        let mut shown = Vec::new();
        for (style, text) in pieces {
            let text = cut(&printable_line(text), left);
            left -= text.width().min(left);
            shown.push((*style, text));
        }
        Self { pieces: shown, rank }
    }
}

/// The beginning of a text that fits into so many columns; `…` is for what is cut off.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if text[..at + grapheme.len()].width() >= columns {
            break;
        }
        end = at + grapheme.len();
    }
    if columns == 0 { String::new() } else { format!("{}…", &text[..end]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(frame: &Frame) -> Vec<String> {
        frame.lines.iter().map(|line| line.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn nothing_is_wider_than_the_screen() {
        let mut frame = Frame::new(Size { columns: 12, rows: 9 });
        frame.text(
            Rank::Help,
            Style::Plain,
            "  ",
            "one two three averyveryverylongword \u{6f22}\u{5b57}\u{6f22}\u{5b57}\u{6f22}\nand",
        );
        frame.line(Rank::Help, &[(Style::Plain, "\u{1b}[31mred"), (Style::Title, "longer than that")]);
        let lines = shown(&frame);
        assert!(lines.iter().all(|line| line.width() <= 12), "{lines:?}");
        assert!(lines.contains(&"  one two".to_owned()) && lines.contains(&"  and".to_owned()), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "\u{fffd}[31mredlon…");
    }

    #[test]
    fn what_matters_least_is_left_out_first() {
        let mut frame = Frame::new(Size { columns: 20, rows: 3 });
        frame.text(Rank::Title, Style::Title, "", "title");
        frame.text(Rank::Help, Style::Faint, "", "help");
        frame.cursor_in_next(0, 2);
        frame.line(Rank::Input, &[(Style::Plain, "> ")]);
        frame.text(Rank::Problem, Style::Wrong, "", "wrong");
        frame.text(Rank::Keys, Style::Faint, "", "keys");
        let frame = frame.fitted();
        assert_eq!(shown(&frame), ["title", "> ", "wrong"]);
        assert_eq!(frame.cursor, (1, 2));
    }

    #[test]
    fn texts_are_cut_at_a_column() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("\u{6f22}\u{5b57}", 3), "\u{6f22}…");
        assert_eq!(cut("ab", 0), "");
    }
}
