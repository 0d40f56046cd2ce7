//! Merges files that are sets of lines.
//!
//! The first owner's text stays; what others have besides is added at its end. Lines are compared as bytes, without
//! their line ends; empty lines are layout and are never added.

use std::collections::{BTreeMap, BTreeSet};

use crate::owners;
use crate::text::{line_break, number};
use crate::{Failure, Job, Merged, Outcome, Part, options};

/// Merges the sides of a job. There are no conflicts.
pub fn merge(job: &Job) -> Result<Outcome, Failure> {
    options::read(job, &[])?;
    let Some(first) = job.sides.first() else {
        return Err(Failure::Internal("there is no side to merge".to_owned()));
    };
    let mut having: BTreeMap<&[u8], Vec<u32>> = BTreeMap::new();
    for (index, side) in job.sides.iter().enumerate() {
        for line in lines(&side.contents) {
            let owners = having.entry(bare(line)).or_default();
            if owners.last() != Some(&number(index)) {
                owners.push(number(index));
            }
        }
    }
    let base: BTreeSet<&[u8]> = job.base.iter().flat_map(|base| lines(base)).map(bare).collect();
    // What one side took out of the base is out.
    let stays = |line: &[u8]| !base.contains(line) || having.get(line).is_some_and(|all| all.len() == job.sides.len());
    let layout = job.sides.iter().find(|side| !side.contents.is_empty()).unwrap_or(first);
    let end = line_break(&layout.contents).as_bytes();
    let closed = layout.contents.ends_with(b"\n") || layout.contents.is_empty();
    let mut contents: Vec<u8> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
    for (index, side) in job.sides.iter().enumerate() {
        for line in lines(&side.contents) {
            let text = bare(line);
            if index == 0 {
                seen.insert(text);
                if text.is_empty() || stays(text) {
                    add(&mut contents, &mut parts, line, &having[text]);
                }
            } else if !text.is_empty() && stays(text) && seen.insert(text) {
                if !contents.is_empty() && !contents.ends_with(b"\n") {
                    contents.extend_from_slice(end);
                }
                add(&mut contents, &mut parts, &[text, end].concat(), &having[text]);
            }
        }
    }
    if !closed {
        let length = contents.strip_suffix(end).map_or(contents.len(), <[u8]>::len);
        contents.truncate(length);
        if let Some(last) = parts.last_mut() {
            last.end = last.end.min(number(length));
        }
    }
    Ok(Outcome::Merged(Merged { contents, parts, notes: Vec::new() }))
}

fn add(contents: &mut Vec<u8>, parts: &mut Vec<Part>, line: &[u8], owners: &[u32]) {
    let start = contents.len();
    contents.extend_from_slice(line);
    owners::join(parts, start..contents.len(), owners.to_vec(), bare(line).is_empty());
}

/// The lines of a text, with their line ends.
fn lines(contents: &[u8]) -> impl Iterator<Item = &[u8]> {
    contents.split_inclusive(|byte| *byte == b'\n')
}

/// A line without its line end, and without a mark that says that a text is UTF-8.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
