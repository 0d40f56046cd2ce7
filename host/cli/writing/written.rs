//! What `generate` and `apply` tell of an output folder that was there before: whose files differ, what was left behind,
//! and the diff on a terminal.
//!
//! Always true here: this goes to standard error, but for the diff; each file that a person or another pack made is named; those
//! that are written only once are counted, and named for who wants to see more.

use crate::cli::session::Session;
use crate::engine::Usage;
use crate::generate::commit::{Committed, FileState, OnExisting};
use crate::generate::{Change, RenderReport};
use crate::pack::OutputPath;
use crate::show::count;
use crate::text::format_bytes;

/// Paths of one kind that are named; the rest is counted.
const NAMED: usize = 50;

/// What a run does with the output folder.
#[derive(Debug, Clone, Copy)]
pub struct Rewriting<'s>(pub(super) &'s Change<'s>);

impl Rewriting<'_> {
    /// Says where nothing is known of earlier runs, though there is a receipt.
    pub(super) fn tell_before(self, session: &Session) {
        if self.0.survey().is_receipt_unusable() {
            session.output.say(
                "note: `.packbox/receipt.json` is not a receipt that this packbox can read, so every file that differs counts as yours",
            );
        }
        if let Some(other) = self.0.survey().stranger() {
            session.output.say(&format!(
                "note: the last run here generated the pack `{other}`; its files stay, and `.packbox/receipt.json` remembers them beside those of this pack"
            ));
        }
    }

    /// Lists what is about to be removed, before it is.
    pub(super) fn tell_removals(self, session: &Session) {
        list(
            session,
            "replacing these files with a folder, or the folder that they are in with a file",
            NAMED,
            self.0.survey().making_way(),
        );
        if self.0.writing().prune {
            list(session, "removing, as it is no longer generated", usize::MAX, self.left(false));
        }
    }

    /// Names what a person edited or made, and what was left behind.
    pub(super) fn tell_after(self, session: &Session, committed: &Committed) {
        tell_kept(session, &committed.kept);
        let differing = |yours, theirs| {
            list(session, yours, NAMED, self.in_state(|state| matches!(state, FileState::Differs(_))));
            list(session, theirs, NAMED, self.in_state(|state| matches!(state, FileState::OfOthers(_))));
        };
        match self.0.writing().on_existing {
            OnExisting::Skip => differing(
                "skipped, as you edited or made it",
                "skipped, as it belongs to packs that are not generated now",
            ),
            OnExisting::Overwrite => differing(
                "replaced, though you edited or made it",
                "replaced, though it belonged to packs that are not generated now",
            ),
            OnExisting::Fail | OnExisting::Merge => {}
        }
        list(
            session,
            "merged into what stood there",
            NAMED,
            self.in_state(|state| matches!(state, FileState::Merged(_))),
        );
        if !self.0.writing().prune {
            list(session, "no longer generated, left by an earlier run; `--prune` removes it", NAMED, self.left(false));
        }
        list(session, "no longer generated, and kept, as you may have edited or made it", NAMED, self.left(true));
    }

    /// The files at whose paths something like this stood.
    fn in_state(&self, wanted: impl Fn(&FileState) -> bool) -> impl Iterator<Item = &OutputPath> {
        self.0.survey().files().filter(move |(_, state)| wanted(state)).map(|(file, _)| file.path())
    }

    /// What an earlier run left behind, edited or not.
    fn left(&self, edited: bool) -> impl Iterator<Item = &OutputPath> {
        let left = self.0.survey().leftovers().iter().filter(move |leftover| leftover.is_edited == edited);
        left.map(|leftover| &leftover.recorded.path)
    }
}

/// Says which files are written only once, and were there: how many, as that is no news in a second run.
fn tell_kept(session: &Session, kept: &[OutputPath]) {
    const WHY: &str = "kept, as it is written only once (`create-once`)";
    if session.output.is_verbose() {
        list(session, WHY, NAMED, kept.iter());
    } else if !kept.is_empty() {
        session.output.say(&format!("{WHY}: {}, named with `--verbose`", count(kept.len(), "file")));
    }
}

/// Says something of files, a line for each.
fn list<'p>(session: &Session, what: &str, most: usize, paths: impl Iterator<Item = &'p OutputPath>) {
    let paths: Vec<&OutputPath> = paths.collect();
    if paths.is_empty() {
        return;
    }
    let mut text = format!("{what}:");
    for path in paths.iter().take(most) {
        text += "\n  ";
        text += path.as_str();
    }
    if paths.len() > most {
        let more = format!("\n  and {} more", paths.len() - most);
        text += &more;
    }
    session.output.say(&text);
}

/// What the call for each file took, the dearest first, and of very many the first of them.
pub fn measured(report: &RenderReport) -> String {
    let mut files: Vec<(&OutputPath, Usage)> =
        report.files.iter().filter_map(|file| Some((&file.path, file.usage?))).collect();
    files.sort_by_key(|(_, usage)| std::cmp::Reverse(usage.fuel));
    let width = files.iter().take(NAMED).map(|(path, _)| path.as_str().chars().count()).max().unwrap_or(0).clamp(4, 44);
    let mut text = format!("{:<width$}  {:>14}  {:>10}", "file", "fuel", "memory");
    for (path, usage) in files.iter().take(NAMED) {
        let path = path.as_str();
        // A name that is too long has a line of its own, so that the columns stay in line.
        let gap = if path.chars().count() > width { format!("\n{:<width$}", "") } else { String::new() };
        let (fuel, memory) = (usage.fuel.unwrap_or(0), format_bytes(usage.memory));
        let line = format!("\n{path:<width$}{gap}  {fuel:>14}  {memory:>10}");
        text += &line;
    }
    if files.len() > NAMED {
        let more = format!("\nand {} more", files.len() - NAMED);
        text += &more;
    }
    text
}

/// Colors a unified diff, line by line: headers, places, what goes and what comes.
pub fn colored(diff: &str) -> String {
    let mut out = String::with_capacity(diff.len() + diff.len() / 4);
    // Within a hunk a line that begins with `---` is a removed `--`, not a header.
    let mut in_hunk = false;
    for line in diff.split_inclusive('\n') {
        let text = line.trim_end_matches('\n');
        let is_header = text.starts_with("diff --git ");
        in_hunk = !is_header && (in_hunk || text.starts_with("@@"));
        let style = match text.as_bytes().first() {
            Some(b'@') if in_hunk => "\x1b[36m",
            Some(b'-') if in_hunk => "\x1b[31m",
            Some(b'+') if in_hunk => "\x1b[32m",
            _ if in_hunk => "",
            _ => "\x1b[1m",
        };
        if style.is_empty() || text.is_empty() {
            out += line;
        } else {
            out += style;
            out += text;
            out += "\x1b[0m";
            out += &line[text.len()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_a_diff_has_its_color() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n--- gone\n++ new\n\\ No newline at end of file\n";
        let expected = "\u{1b}[1mdiff --git a/x b/x\u{1b}[0m\n\u{1b}[1m--- a/x\u{1b}[0m\n\u{1b}[1m+++ b/x\u{1b}[0m\n\
            \u{1b}[36m@@ -1,2 +1,2 @@\u{1b}[0m\n same\n\u{1b}[31m--- gone\u{1b}[0m\n\u{1b}[32m++ new\u{1b}[0m\n\
            \\ No newline at end of file\n";
        assert_eq!(colored(diff), expected);
        assert_eq!(colored(""), "");
    }
}
