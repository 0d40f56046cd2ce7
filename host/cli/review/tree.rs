//! The files of a plan as a tree for a terminal: a line for each, with what becomes of it and whose it is.
//!
//! Always true here: nothing that a pack says can drive the terminal.

use super::entry::Entry;
use crate::cli::fold;
use crate::text::printable_line;

/// Lays out files, below the folders that they are in; of one pack, each with its template, of several with its owners.
pub fn tree(entries: &[Entry<'_>], is_one: bool) -> String {
    let has_steps = entries.iter().any(|entry| entry.step.is_some());
    let mut rows = Vec::with_capacity(entries.len());
    let mut open: Vec<&str> = Vec::new();
    for entry in entries {
        let mut parts: Vec<&str> = entry.path.split('/').filter(|part| !part.is_empty()).collect();
        let name = parts.pop().unwrap_or(".");
        let shared = open.iter().zip(&parts).take_while(|(one, other)| one == other).count();
        for (depth, folder) in parts.iter().enumerate().skip(shared) {
            rows.push(vec![set_in(depth, &format!("{folder}/"))]);
        }
        let mut row = vec![set_in(parts.len(), name)];
        if has_steps {
            row.push(entry.step.map_or_else(String::new, |step| step.word().to_owned()));
        }
        let open_end = if entry.is_open { "; the plugin may name files below it" } else { "" };
        row.push(printable_line(&entry.whose(is_one)) + open_end);
        rows.push(row);
        open = parts;
    }
    fold::table(&rows)
}

fn set_in(depth: usize, name: &str) -> String {
    "  ".repeat(depth) + &printable_line(name)
}
