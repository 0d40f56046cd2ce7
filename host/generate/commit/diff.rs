//! Shows what a commit would change, as a unified diff.
//!
//! Always true here: the same survey gives the same text, whatever the machine's speed: sizes are bounded, not time.
//! Control characters in contents are shown as they are; whoever prints them makes them safe.

use std::fmt::Write as _;

use similar::TextDiff;

use super::super::tree::TreeFile;
use super::options::OnExisting;
use super::survey::{FileState, OldFile, SHOWN_BYTES, Survey};

/// The most lines of both versions together that are compared.
const MAX_LINES: usize = 50_000;

/// Bytes of a diff, after which no further file is shown.
const MAX_TEXT: usize = 16 << 20;

/// What stands in place of a line in which an earlier secret may be.
const HIDDEN: &str = "[may hold a secret]";

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// Writes a unified diff of what a commit would change, in the order of the paths, and last the files that it would remove,
/// without what is in them. What `hide` says stands in place of lines of contents; it is told whether a secret may be in
/// them. Files that are only written once and exist are left out, as are those that are skipped and
/// unchanged ones; those that are in the way are shown. The receipt is not.
#[must_use]
pub fn diff(
    survey: &Survey<'_>,
    on_existing: OnExisting,
    prune: bool,
    hide: &dyn Fn(String, bool) -> String,
) -> String {
    let mut text = String::new();
    for (file, state) in survey.files() {
        if text.len() > MAX_TEXT {
            text.push_str("The rest is not shown: the diff is too large\n");
            break;
        }
        let hides_old = survey.may_have_held_secret(file);
        text.push_str(&diff_of((file, state), hides_old, on_existing, hide).unwrap_or_default());
    }
    for removal in survey.removed(prune) {
        let path = &removal.path;
        let mode = mode(removal.seen.executable.unwrap_or(false));
        let _ = writeln!(text, "diff --git a/{path} b/{path}\ndeleted file mode {mode}");
    }
    text
}

/// [`diff`] of one file; none where it stays as it is. Where a secret may be in what stands, which may be another than today's, lines
/// that go are not shown.
#[must_use]
pub fn diff_of(
    (file, state): (&TreeFile, &FileState),
    hides_old: bool,
    on_existing: OnExisting,
    hide: &dyn Fn(String, bool) -> String,
) -> Option<String> {
    let old = match state {
        FileState::New => None,
        FileState::Differs(_) | FileState::OfOthers(_) if on_existing == OnExisting::Skip => return None,
        FileState::Differs(old) | FileState::OfOthers(old) | FileState::Merged(old) | FileState::Outdated(old) => {
            Some(old)
        }
        FileState::Unchanged | FileState::Kept => return None,
    };
    let mut text = String::new();
    let hide_all =
        |lines: String, has_secret: bool| hide(if hides_old { without_old(&lines) } else { lines }, has_secret);
    show(&mut text, file, old, &hide_all);
    Some(text)
}

/// Hunks without the lines that go.
fn without_old(hunks: &str) -> String {
    let shown = |line: &str| if line.starts_with('-') { format!("-{HIDDEN}\n") } else { line.to_owned() };
    hunks.split_inclusive('\n').map(shown).collect()
}

fn mode(executable: bool) -> &'static str {
    if executable { "100755" } else { "100644" }
}

fn show(text: &mut String, file: &TreeFile, old: Option<&OldFile>, hide: &dyn Fn(String, bool) -> String) {
    let path = file.path();
    let _ = writeln!(text, "diff --git a/{path} b/{path}");
    match old {
        None => {
            let _ = writeln!(text, "new file mode {}", mode(file.executable()));
        }
        Some(old) if old.executable != file.executable() => {
            let _ = writeln!(text, "old mode {}\nnew mode {}", mode(old.executable), mode(file.executable()));
        }
        Some(_) => {}
    }
    let old_name = if old.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
    let new_name = format!("b/{path}");
    let old_contents = old.map_or(Some(&[][..]), |old| old.contents.as_deref());
    let (Some(old_contents), true) = (old_contents, file.contents().len() as u64 <= SHOWN_BYTES) else {
        let _ = writeln!(text, "Files {old_name} and {new_name} differ: too large to show");
        return;
    };
    if old.is_some() && old_contents == file.contents() {
        return;
    }
    let (Some(old_text), Some(new_text)) = (as_text(old_contents), as_text(file.contents())) else {
        let _ = writeln!(text, "Binary files {old_name} and {new_name} differ");
        return;
    };
    if old_text.lines().count() + new_text.lines().count() > MAX_LINES {
        let _ = writeln!(text, "Files {old_name} and {new_name} differ: too many lines to show");
        return;
    }
    let lines = TextDiff::from_lines(old_text, new_text);
    // Written by hand, so that an empty new file has its two lines, too.
    let _ = writeln!(text, "--- {old_name}\n+++ {new_name}");
    let lines = lines.unified_diff().context_radius(CONTEXT).to_string();
    text.push_str(&hide(lines, file.recorded_digest().is_none()));
}

/// The contents as text; none where they are binary.
fn as_text(contents: &[u8]) -> Option<&str> {
    std::str::from_utf8(contents).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
