//! A unified diff as a part of a page: what goes and what comes, each in blocks of its own.
//!
//! Always true here: how much of a diff is shown is bounded, in lines and in the length of one, and what is left out is counted.

use std::fmt::Write as _;

use super::html::Html;

/// Lines of one diff that are shown.
const MOST_LINES: usize = 2_000;
/// Characters of a line that are shown.
const LONGEST: usize = 1_000;
/// Bytes of one diff, in lines as they are shown.
const MOST_BYTES: usize = 200_000;

/// What a line of a diff is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Head,
    Place,
    Gone,
    Come,
    Same,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Place => "place",
            Self::Gone => "gone",
            Self::Come => "come",
            Self::Same => "same",
        }
    }
}

/// Adds the diff of one file, as [`diff_of`](crate::generate::commit::diff_of) writes it.
pub fn add(html: &mut Html, diff: &str) {
    html.element("pre", &[("class", "diff")], |pre| {
        // Within a hunk a line that begins with `---` is a removed `--`, not a header.
        let mut in_hunk = false;
        let mut lines = diff.lines().map(|line| {
            in_hunk = in_hunk || line.starts_with("@@");
            let kind = match line.as_bytes().first() {
                _ if !in_hunk => Kind::Head,
                Some(b'@') => Kind::Place,
                Some(b'-') => Kind::Gone,
                Some(b'+') => Kind::Come,
                _ => Kind::Same,
            };
            (kind, line)
        });
        let (mut shown, mut bytes) = (0, 0);
        let mut block: Option<(Kind, String)> = None;
        for (kind, line) in lines.by_ref() {
            if block.as_ref().is_some_and(|(of, _)| *of != kind)
                && let Some((of, text)) = block.take()
            {
                pre.leaf("span", &[("class", of.class())], &text);
            }
            let (_, text) = block.get_or_insert_with(|| (kind, String::new()));
            cut(line, text);
            shown += 1;
            bytes += line.len().min(4 * LONGEST);
            if shown == MOST_LINES || bytes > MOST_BYTES {
                break;
            }
        }
        if let Some((of, text)) = block {
            pre.leaf("span", &[("class", of.class())], &text);
        }
        let rest = lines.count();
        if rest > 0 {
            pre.leaf("span", &[("class", "cut")], &format!("{rest} more lines are not shown here\n"));
        }
    });
}

/// Adds a line, cut where it is too long.
fn cut(line: &str, text: &mut String) {
    match line.char_indices().nth(LONGEST) {
        None => text.push_str(line),
        Some((end, _)) => {
            text.push_str(&line[..end]);
            let _ = write!(text, "… and {} more characters", line[end..].chars().count());
        }
    }
    text.push('\n');
}
