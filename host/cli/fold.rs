//! How wide a terminal is, and how lines that are wider fold: at words, with further lines below the text that they belong to.
//!
//! Always true here: what goes to a pipe or a file is not folded; a word is not broken, so that it can be copied; lines of
//! a source with what is drawn below them stay as they are.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// The width of what is laid out where no terminal says how wide it is.
pub const USUAL: usize = 80;
/// The least width that text folds to.
const LEAST: usize = 20;
/// The least width of a last column that folds under itself; a narrower one moves below its row.
const LEAST_COLUMN: usize = 24;

/// The columns of a stream that is a terminal; none where it is not.
pub fn columns(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(stream).map_or(0, |size| usize::from(size.ws_col));
    Some(if size == 0 { USUAL } else { size.max(LEAST) })
}

/// Folds rows and messages: a row below its last column, and a message with its further lines set in.
pub fn page(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if display_width(line) <= columns || is_drawn(line) {
            lines.push(line.to_owned());
        } else {
            row(line, columns, &mut lines);
        }
    }
    lines.join("\n")
}

/// Lays out a table: the columns as wide as their widest cell, the last one as it is.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded = cells.map(|(cell, width)| cell.clone() + &" ".repeat(width - display_width(cell) + 2));
        padded.collect::<String>().trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Folds one line of text to so many columns, with what its further lines begin with.
pub fn wrap(line: &str, columns: usize, indents: [&str; 2], out: &mut Vec<String>) {
    let [first, further] = indents;
    let options = Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(further)
        .break_words(false)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    out.extend(textwrap::wrap(line, options).into_iter().map(std::borrow::Cow::into_owned));
}

/// Folds a row of a table or a message.
fn row(line: &str, columns: usize, out: &mut Vec<String>) {
    let begin = set_in(line);
    let text = unstyled(line);
    if let Some(message) = text.trim_start().strip_prefix("= ").and_then(|note| note.split_once(": ")) {
        let indent = " ".repeat(begin + display_width(message.0) + 4);
        return wrap(line, columns, ["", &indent], out);
    }
    let Some(gap) = line.trim_end().rfind("  ").filter(|at| *at > begin) else {
        // What is set in far is the further text of a message.
        let indent = " ".repeat(if begin < 8 { begin + 2 } else { begin });
        return wrap(line, columns, ["", &indent], out);
    };
    let (before, last) = (line[..gap].trim_end(), &line[gap + 2..]);
    let at = display_width(&line[..gap + 2]);
    let is_word_too_long = last.split(' ').any(|word| at + display_width(word) > columns);
    if columns.saturating_sub(at) >= LEAST_COLUMN.min(columns / 2) && !is_word_too_long {
        return wrap(line, columns, ["", &" ".repeat(at)], out);
    }
    let indent = " ".repeat(begin + 4);
    if !last.contains(' ') && display_width(last) + indent.len() > columns {
        return out.push(line.to_owned());
    }
    wrap(before, columns, ["", &indent], out);
    wrap(last, columns, [&indent, &indent], out);
}

/// The columns that a line begins with before its text.
fn set_in(line: &str) -> usize {
    let text = unstyled(line);
    text.len() - text.trim_start_matches(' ').len()
}

/// Whether a line is one of a source, or drawn below one: what is in it stands in line with others.
fn is_drawn(line: &str) -> bool {
    let text = unstyled(line);
    let text = text.trim_start().trim_start_matches(|digit: char| digit.is_ascii_digit()).trim_start();
    ["|", "-->", ":::"].iter().any(|mark| text.starts_with(mark))
}

/// A line without its styles.
fn unstyled(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_column_folds_under_itself() {
        let table = "a-name  1.0.0  one two three four five six seven\nb       2.0.0  eight\n";
        let expected = "a-name  1.0.0  one two three\n               four five six\n               seven\n\
                        b       2.0.0  eight\n";
        assert_eq!(page(table, Some(30)), expected);
        assert_eq!(page(table, None), table);
    }

    #[test]
    fn a_last_column_without_room_moves_below_its_row() {
        let table = "  templates/undefined-variable  warning  a template uses what is not there\n";
        let expected = "  templates/undefined-variable  warning\n      a template uses what is not there\n";
        assert_eq!(page(table, Some(40)), expected);
    }

    #[test]
    fn messages_are_set_in_and_words_are_whole() {
        assert_eq!(page("error: one two three four five", Some(20)), "error: one two three\n  four five");
        assert_eq!(page("  = help: one two three four", Some(20)), "  = help: one two\n          three four");
        let digest = "c".repeat(30);
        assert_eq!(page(&format!("content {digest}"), Some(20)), format!("content\n  {digest}"));
        // What fits nowhere is left to the terminal.
        assert_eq!(page(&format!("digest  {digest}"), Some(20)), format!("digest  {digest}"));
    }

    #[test]
    fn sources_stay_and_styles_have_no_width() {
        let source = "12 | a line of a source that is long\n   |   ^^^^ a note that is long as well";
        assert_eq!(page(source, Some(20)), source);
        let styled = "\x1b[1;31merror\x1b[0m: one two three";
        assert_eq!(page(styled, Some(20)), styled);
    }
}
