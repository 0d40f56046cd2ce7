//! Adds items to what stands between brackets, and takes some away: the same in JSON, TOML and YAML.

use std::ops::Range;

use crate::edits::Edit;
use crate::text;

/// Something between brackets.
#[derive(Debug)]
pub struct Container<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Where its comments are, ascending.
    pub comments: &'a [Range<usize>],
    /// From the opening bracket to behind the closing one.
    pub span: Range<usize>,
    /// Its items, with their keys.
    pub items: Vec<Range<usize>>,
}

/// An item to add. Lines after the first begin with their indentation relative to the item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Addition {
    /// Lines of comments above it.
    pub lead: Vec<String>,
    /// The item.
    pub body: String,
    /// A comment behind it.
    pub trail: String,
    /// Whether its lines stay as they are, as some are text.
    pub verbatim: bool,
}

impl Addition {
    /// An item with its comments: what it is made of, and where it was.
    #[must_use]
    pub fn new(text: &str, comments: &[Range<usize>], range: &Range<usize>, body: String) -> Self {
        let start = text::lead(text, comments, range.start);
        let line = if start < range.start { text::line_start(text, range.start) } else { start };
        let indent = text::indent(text, range.start);
        let lead = text[start.min(line)..line].lines();
        let lead =
            lead.map(|line| line.strip_prefix(indent).unwrap_or(line.trim_start()).trim_end().to_owned()).collect();
        let end = text::trail(text, comments, range.end);
        let behind = &comments[comments.partition_point(|comment| comment.start < range.end)..];
        let behind = behind.iter().take_while(|comment| comment.end <= end);
        let trail = behind.map(|comment| &text[comment.clone()]).collect::<Vec<_>>().join(" ");
        Self { lead, body, trail, verbatim: false }
    }
}

/// How items are added.
#[derive(Debug)]
pub struct Style<'a> {
    /// One level of indentation.
    pub unit: &'a str,
    /// Whether something empty gets lines for its items.
    pub expand: bool,
    /// What stands between a bracket and an item on the same line.
    pub pad: &'a str,
    /// The line end.
    pub line_break: &'a str,
}

impl Container<'_> {
    /// The edits that add items behind the last one.
    #[must_use]
    pub fn append(&self, additions: &[Addition], style: &Style<'_>) -> Vec<Edit> {
        let (open, close) = (self.span.start, self.span.end - 1);
        let Some(last) = self.items.last() else { return self.fill(additions, style) };
        let comma = self.comma(last.end);
        let behind = self.behind(last);
        if !self.has_lines() {
            let bodies: Vec<&str> = additions.iter().map(|addition| addition.body.as_str()).collect();
            let bodies = bodies.join(", ");
            let added = match comma {
                Some(comma) if behind > comma => format!(" {bodies},"),
                _ => format!(", {bodies}"),
            };
            return vec![Edit::insert(behind, added)];
        }
        let outer = format!("{}{}", blanks(self.text, open), style.unit);
        let indent = if text::is_first(self.text, last.start) { text::indent(self.text, last.start) } else { &outer };
        let at = behind.max(comma.map_or(last.end, |comma| comma + 1));
        let mut added = lines(additions, indent, style, comma.is_some());
        let comment = additions.last().is_some_and(|last| !last.trail.is_empty());
        if comment && !self.text[at..close].contains('\n') {
            added.push_str(style.line_break);
            added.push_str(blanks(self.text, open));
        }
        let mut edits = Vec::new();
        if comma.is_none() {
            edits.push(Edit::insert(last.end, ",".to_owned()));
        }
        edits.push(Edit::insert(at, added));
        edits
    }

    /// Whether what is added behind the last item gets lines of its own.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        self.items.last().is_some_and(|last| {
            let behind = self.behind(last);
            // Nothing can follow a comment that ends its line.
            let closed = behind > last.end && self.text[behind..text::line_end(self.text, behind)].trim().is_empty();
            text::is_first(self.text, last.start) || closed
        })
    }

    /// Where the comments end that stand behind the last item on its line; itself if there are none.
    fn behind(&self, item: &Range<usize>) -> usize {
        let close = self.span.end - 1;
        let mut behind = item.end;
        let from = self.comments.partition_point(|comment| comment.start < item.end);
        for comment in self.comments[from..].iter().take_while(|comment| comment.end <= close) {
            let gap = &self.text[behind..comment.start];
            if !gap.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b',')) {
                break;
            }
            behind = comment.end;
        }
        behind
    }

    fn fill(&self, additions: &[Addition], style: &Style<'_>) -> Vec<Edit> {
        let (open, close) = (self.span.start, self.span.end - 1);
        let inner = &self.text[open + 1..close];
        let from = open + 1 + inner.trim_end().len();
        if !style.expand && !inner.contains('\n') {
            let bodies: Vec<&str> = additions.iter().map(|addition| addition.body.as_str()).collect();
            let added = format!("{}{}{}", style.pad, bodies.join(", "), style.pad);
            return vec![Edit { range: from..close, text: added }];
        }
        let outer = blanks(self.text, open);
        let mut added = lines(additions, &format!("{outer}{}", style.unit), style, false);
        added.push_str(style.line_break);
        added.push_str(outer);
        vec![Edit { range: from..close, text: added }]
    }

    /// The edits that take items away; `removed` is ascending.
    #[must_use]
    pub fn remove(&self, removed: &[usize]) -> Vec<Edit> {
        let count = self.items.len();
        if removed.is_empty() {
            return Vec::new();
        }
        if removed.len() == count {
            return vec![Edit::remove(self.span.start + 1..self.span.end - 1)];
        }
        // From here on, all are gone.
        let tail = (0..count).rev().take_while(|index| removed.binary_search(index).is_ok()).last().unwrap_or(count);
        let mut edits = Vec::new();
        if tail < count {
            let kept = self.items[tail - 1].end;
            let last = self.items[count - 1].end;
            let (comma, lasting) = (self.comma(kept), self.comma(last));
            if text::is_first(self.text, self.items[tail].start) {
                let behind = text::trail(self.text, self.comments, comma.map_or(kept, |comma| comma + 1));
                if let (Some(comma), None) = (comma, lasting) {
                    edits.push(Edit::remove(comma..comma + 1));
                }
                let end = text::trail(self.text, self.comments, lasting.map_or(last, |comma| comma + 1));
                edits.push(Edit::remove(behind..end));
            } else {
                edits.push(Edit::remove(kept..last));
            }
        }
        for index in removed.iter().copied().filter(|index| *index < tail) {
            let (item, next) = (&self.items[index], &self.items[index + 1]);
            let lines = text::is_first(self.text, item.start) && text::is_first(self.text, next.start);
            let range = if lines {
                let comma = self.comma(item.end).map_or(item.end, |comma| comma + 1);
                let end = text::trail(self.text, self.comments, comma);
                text::lead(self.text, self.comments, item.start)..text::next_line(self.text, end)
            } else {
                item.start..next.start
            };
            edits.push(Edit::remove(range));
        }
        edits
    }

    /// Where the comma behind an item is.
    fn comma(&self, mut at: usize) -> Option<usize> {
        let mut next = self.comments.partition_point(|comment| comment.end <= at);
        while at < self.span.end - 1 {
            match self.comments.get(next) {
                Some(comment) if comment.start <= at => {
                    at = comment.end;
                    next += 1;
                    continue;
                }
                _ => {}
            }
            match self.text.as_bytes()[at] {
                b',' => return Some(at),
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => return None,
            }
        }
        None
    }
}

/// Writes items on lines of their own, each with a line end before it.
fn lines(additions: &[Addition], indent: &str, style: &Style<'_>, comma: bool) -> String {
    let mut lines = String::new();
    for (index, addition) in additions.iter().enumerate() {
        let body: Vec<&str> =
            if addition.verbatim { vec![&addition.body] } else { addition.body.split('\n').collect() };
        for line in addition.lead.iter().map(String::as_str).chain(body) {
            lines.push_str(style.line_break);
            if !line.is_empty() {
                lines.push_str(indent);
                lines.push_str(line);
            }
        }
        if comma || index + 1 < additions.len() {
            lines.push(',');
        }
        if !addition.trail.is_empty() {
            lines.push(' ');
            lines.push_str(&addition.trail);
        }
    }
    lines
}

/// The blanks that the line of a byte begins with.
#[must_use]
pub fn blanks(text: &str, offset: usize) -> &str {
    let line = &text[text::line_start(text, offset)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
