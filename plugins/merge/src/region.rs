//! Merges files of marked sections, an owner each.
//!
//! Without a base, each side is the text of its owner's section. With one, base and sides are whole files with their
//! markers: sections are merged each for itself, and what is outside of them may be changed by one side.

use crate::region_file::{self, Marker};
use crate::text::{self, number};
use crate::{Conflict, Failure, Job, Merged, Outcome, Part, Place, failures, options};

/// What marks sections: it is in each line of a marker, and in no other line.
pub const MARKS: [&str; 2] = [">>> packbox:", "<<< packbox:"];

/// Merges the sides of a job.
pub fn merge(job: &Job) -> Result<Outcome, Failure> {
    let table = options::read(&job.options, &["comment", "comment_end"])?;
    let (open, close) = (options::text(&table, "comment")?, options::text(&table, "comment_end")?);
    if [&open, &close].iter().any(|text| text.chars().any(char::is_control)) {
        return Err(failures::option("the options `comment` and `comment_end` must be one line each".to_owned(), None));
    }
    let marker = if open.is_empty() {
        if !close.is_empty() {
            let help = Some("give `comment` too".to_owned());
            return Err(failures::option("`comment_end` is given, and `comment` is not".to_owned(), help));
        }
        Marker::of_path(&job.path).ok_or_else(|| {
            Failure::Unsupported(format!(
                "it is not known how comments are written in `{}`: say so with the option `comment`, for instance \
                 `comment = \"#\"`",
                text_of(&job.path)
            ))
        })?
    } else {
        Marker { open, close }
    };
    if let Some(side) = job.sides.iter().find(|side| !marker.can_name(&side.owner)) {
        return Err(Failure::Unsupported(format!("`{}` can't be written in a comment", text_of(&side.owner))));
    }
    match &job.base {
        Some(base) => region_file::merge(job, base, &marker),
        None => Ok(sections(job, &marker)),
    }
}

fn text_of(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).collect()
}

/// Puts the sides below each other, each between its markers.
fn sections(job: &Job, marker: &Marker) -> Outcome {
    let conflicts: Vec<Conflict> =
        job.sides.iter().enumerate().filter_map(|(index, side)| marked(index, &side.owner, &side.contents)).collect();
    if !conflicts.is_empty() {
        return Outcome::Conflicts(conflicts);
    }
    if let [only] = job.sides.as_slice() {
        let parts = part(0, only.contents.len(), 0);
        return Outcome::Merged(Merged { contents: only.contents.clone(), parts, notes: Vec::new() });
    }
    let end = job.sides.iter().find(|side| side.contents.contains(&b'\n'));
    let end = text::line_break(end.map_or(b"", |side| &side.contents[..]));
    let mut contents = Vec::new();
    let mut parts = Vec::new();
    // What runs a script has to be its first line.
    let runs: Vec<usize> =
        (0..job.sides.len()).filter(|side| !interpreter(&job.sides[*side].contents).is_empty()).collect();
    if let Some(first) = runs.first() {
        let line = interpreter(&job.sides[*first].contents).trim_ascii_end();
        if runs.iter().any(|side| interpreter(&job.sides[*side].contents).trim_ascii_end() != line) {
            return Outcome::Conflicts(vec![different_interpreters(job, &runs)]);
        }
        contents.extend_from_slice(line);
        let owners = runs.iter().copied().map(number).collect();
        parts.push(Part { start: 0, end: number(contents.len()), owners });
        contents.extend_from_slice(end.as_bytes());
        contents.extend_from_slice(end.as_bytes());
    }
    for (index, side) in job.sides.iter().enumerate() {
        if index > 0 {
            contents.extend_from_slice(end.as_bytes());
        }
        let (begin, close) = marker.lines(&side.owner, end);
        contents.extend_from_slice(begin.as_bytes());
        let start = contents.len();
        contents.extend_from_slice(&side.contents[interpreter(&side.contents).len()..]);
        parts.extend(part(start, contents.len(), index));
        if contents.len() > start && !side.contents.ends_with(b"\n") {
            contents.extend_from_slice(end.as_bytes());
        }
        contents.extend_from_slice(close.as_bytes());
    }
    Outcome::Merged(Merged { contents, parts, notes: Vec::new() })
}

/// The first line of a script that says what runs it; empty where there is none.
fn interpreter(contents: &[u8]) -> &[u8] {
    match contents.split_inclusive(|byte| *byte == b'\n').next() {
        Some(line) if line.starts_with(b"#!") && !line.starts_with(b"#![") => line,
        _ => b"",
    }
}

fn different_interpreters(job: &Job, sides: &[usize]) -> Conflict {
    let names: Vec<String> = sides.iter().map(|side| format!("`{}`", job.sides[*side].owner)).collect();
    let start = text::position(b"", 0);
    let places = sides.iter().map(|side| Place { side: number(*side), start, end: None });
    Conflict {
        subject: String::new(),
        message: format!("{} want the script to be run by different programs", names.join(" and ")),
        help: Some("let all begin with the same line `#!`, or all but one with none".to_owned()),
        places: places.collect(),
    }
}

fn part(start: usize, end: usize, owner: usize) -> Vec<Part> {
    if start == end {
        return Vec::new();
    }
    vec![Part { start: number(start), end: number(end), owners: vec![number(owner)] }]
}

/// The conflict of a side that has markers of its own.
fn marked(index: usize, owner: &str, contents: &[u8]) -> Option<Conflict> {
    let mut at = 0;
    for line in contents.split_inclusive(|byte| *byte == b'\n') {
        if is_marker(line) {
            let length = line.trim_ascii_end().len();
            return Some(Conflict {
                subject: String::new(),
                message: format!("the text of `{owner}` has a marker of sections"),
                help: Some("markers are written by the merge: leave the line out".to_owned()),
                places: vec![Place {
                    side: number(index),
                    start: text::position(contents, at),
                    end: Some(text::position(contents, at + length)),
                }],
            });
        }
        at += line.len();
    }
    None
}

/// Whether a line is, or could be taken for, a marker.
#[must_use]
pub fn is_marker(line: &[u8]) -> bool {
    MARKS.iter().any(|mark| line.windows(mark.len()).any(|window| window == mark.as_bytes()))
}
