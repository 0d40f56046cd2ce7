//! Lines and places of texts.

use std::ops::Range;

use crate::Position;

/// Returns the place of a byte.
#[must_use]
pub fn position(text: &[u8], offset: usize) -> Position {
    let before = &text[..offset.min(text.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    Position { line: number(lines), column: number(before.len() - start + 1) }
}

/// Makes a number of what counts bytes; the largest one if it is larger.
#[must_use]
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Where the line begins that a byte lies in.
#[must_use]
pub fn line_start(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Where the line ends that a byte lies in, before its line end.
#[must_use]
pub fn line_end(text: &str, offset: usize) -> usize {
    let end = text.as_bytes()[offset..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| offset + at);
    if end > offset && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
}

/// Where the next line begins; the end of the text if there is none.
#[must_use]
pub fn next_line(text: &str, offset: usize) -> usize {
    text.as_bytes()[offset..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| offset + at + 1)
}

/// The blanks directly before a byte.
#[must_use]
pub fn indent(text: &str, offset: usize) -> &str {
    let blanks = text.as_bytes()[..offset].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &text[offset - blanks..offset]
}

/// Whether there are only blanks before it on its line.
#[must_use]
pub fn is_first(text: &str, offset: usize) -> bool {
    let before = offset - indent(text, offset).len();
    before == 0 || text.as_bytes()[before - 1] == b'\n'
}

/// The line end that a text uses: that of its first line.
#[must_use]
pub fn line_break(text: &[u8]) -> &'static str {
    match text.iter().position(|byte| *byte == b'\n') {
        Some(at) if at > 0 && text[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// Writes a text with other line ends.
#[must_use]
pub fn with_breaks(text: &str, line_break: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    if line_break == "\n" { plain } else { plain.replace('\n', line_break) }
}

/// Where what belongs to something begins: comments on lines of their own directly above it, else its own line if it is
/// the first there, else itself. `comments` are sorted.
#[must_use]
pub fn lead(text: &str, comments: &[Range<usize>], start: usize) -> usize {
    if !is_first(text, start) {
        return start;
    }
    let mut first = line_start(text, start);
    let indented = indent(text, start).len();
    let below = comments.partition_point(|comment| comment.start < start);
    for comment in comments[..below].iter().rev() {
        let gap = text.get(comment.end..first).unwrap_or("x");
        if !gap.trim().is_empty()
            || gap.matches('\n').count() > 1
            || !is_first(text, comment.start)
            || indent(text, comment.start).len() > indented
        {
            break;
        }
        first = line_start(text, comment.start);
    }
    first
}

/// Where what belongs to something ends: comments behind it on its line, behind a comma too, else itself. If something else
/// follows there, only those before a comma are its own.
#[must_use]
pub fn trail(text: &str, comments: &[Range<usize>], end: usize) -> usize {
    let next = comments.partition_point(|comment| comment.start < end);
    let (mut all, mut own, mut comma) = (end, end, false);
    for comment in &comments[next..] {
        let gap = &text[all..comment.start];
        if !gap.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b',')) || text[comment.clone()].contains('\n') {
            break;
        }
        all = comment.end;
        comma |= gap.contains(',');
        if !comma {
            own = all;
        }
    }
    let closed = all > own && text[all..line_end(text, all)].trim().is_empty();
    if closed { all } else { own }
}
