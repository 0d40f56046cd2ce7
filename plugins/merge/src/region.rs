//! Merges files of marked sections, an owner each.
//!
//! Without a base, each side is the text of its owner's section. With one, base and sides are whole files with their
//! markers: sections are merged each for itself, and what is outside of them may be changed by one side.

use crate::region_file::{self, Marker};
use crate::region_head::{self, Head, Piece};
use crate::text::{self, number};
use crate::{Conflict, Failure, Job, Merged, Outcome, Part, Place, Side, failures, options};

/// What marks sections: it is in each line of a marker, and in no other line.
pub const MARKS: [&str; 2] = [">>> packbox:", "<<< packbox:"];

/// Merges the sides of a job.
pub fn merge(job: &Job) -> Result<Outcome, Failure> {
    let table = options::read(job, &["comment", "comment_end"])?;
    let (open, close) = (options::text(job, &table, "comment")?, options::text(job, &table, "comment_end")?);
    if [&open, &close].iter().any(|text| text.chars().any(char::is_control)) {
        let message = format!("the options `comment` and `comment_end`{} must be one line each", options::of(job));
        return Err(failures::option(message, None));
    }
    let marker = if open.is_empty() {
        if !close.is_empty() {
            let example = options::example(&job.policy, "comment = \"<!--\", comment_end = \"-->\"");
            let message = format!("the option `comment_end`{} is given, and `comment` is not", options::of(job));
            return Err(failures::option(message, Some(format!("give both: {example}"))));
        }
        Marker::of_path(&job.path).ok_or_else(|| {
            Failure::Unsupported(format!(
                "it is not known how comments are written in `{}`: say so with the option `comment`, for instance {}",
                text_of(&job.path),
                options::example(&job.policy, "comment = \"#\"")
            ))
        })?
    } else {
        Marker { open, close }
    };
    if let Some(what) = prints(job, &marker) {
        return Err(Failure::Unsupported(what));
    }
    for side in &job.sides {
        if let Some(why) = marker.cant_name(&side.owner) {
            let owner = text_of(&side.owner);
            return Err(Failure::Unsupported(format!(
                "`{owner}` can't be written in a comment of `{}`: {why}",
                text_of(&job.path)
            )));
        }
    }
    match &job.base {
        Some(base) => region_file::merge(job, base, &marker),
        None => Ok(sections(job, &marker)),
    }
}

/// Why comments of PHP would be text of the page; none where they are comments.
fn prints(job: &Job, marker: &Marker) -> Option<String> {
    if job.base.is_some() || job.sides.len() < 2 || !job.path.to_lowercase().ends_with(".php") || marker.open != "//" {
        return None;
    }
    let begins = |side: &Side| region_head::of(&job.path, &side.contents).pieces.iter().any(Piece::begins_php);
    let ends = |side: &&Side| side.contents.trim_ascii_end().ends_with(b"?>");
    let why = match job.sides.iter().find(ends) {
        Some(side) => format!("the text of `{}` ends with `?>`: leave that out", text_of(&side.owner)),
        None if !job.sides.iter().any(begins) => "no text begins with `<?php`".to_owned(),
        None => return None,
    };
    Some(format!("a marker in `{}` would be a part of the page: {why}", text_of(&job.path)))
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
    let heads: Vec<Head<'_>> = job.sides.iter().map(|side| region_head::of(&job.path, &side.contents)).collect();
    let pieces = match united(job, &heads) {
        Ok(pieces) => pieces,
        Err(conflicts) => return Outcome::Conflicts(conflicts),
    };
    // Nothing may stand before what runs a script.
    let runs = pieces.first().is_some_and(|(piece, _)| piece.runs());
    if heads.iter().any(|head| head.mark) && !runs {
        contents.extend_from_slice("\u{feff}".as_bytes());
    }
    for (piece, owners) in &pieces {
        let start = contents.len();
        contents.extend_from_slice(&piece.lines.join(end.as_bytes()));
        parts.push(Part { start: number(start), end: number(contents.len()), owners: owners.clone() });
        contents.extend_from_slice(end.as_bytes());
    }
    if !pieces.is_empty() {
        contents.extend_from_slice(end.as_bytes());
    }
    for (index, side) in job.sides.iter().enumerate() {
        if index > 0 {
            contents.extend_from_slice(end.as_bytes());
        }
        let (begin, close) = marker.lines(&side.owner, end);
        contents.extend_from_slice(begin.as_bytes());
        let start = contents.len();
        contents.extend_from_slice(&side.contents[heads[index].length..]);
        parts.extend(part(start, contents.len(), index));
        if contents.len() > start && !side.contents.ends_with(b"\n") {
            contents.extend_from_slice(end.as_bytes());
        }
        contents.extend_from_slice(close.as_bytes());
    }
    Outcome::Merged(Merged { contents, parts, notes: Vec::new() })
}

/// The pieces of all heads, by rank, each once with its owners, or what owners want differently.
pub fn united<'a>(job: &Job, heads: &'a [Head<'a>]) -> Result<Vec<(&'a Piece<'a>, Vec<u32>)>, Vec<Conflict>> {
    let mut pieces: Vec<(&Piece<'_>, Vec<u32>)> = Vec::new();
    let mut kinds: Vec<(&str, Vec<(usize, &Piece<'_>)>)> = Vec::new();
    for (side, head) in heads.iter().enumerate() {
        for piece in &head.pieces {
            match pieces.iter_mut().find(|(known, _)| known.what == piece.what && known.says(piece)) {
                Some((_, owners)) if owners.last() == Some(&number(side)) => {}
                Some((_, owners)) => owners.push(number(side)),
                None => pieces.push((piece, vec![number(side)])),
            }
            match kinds.iter_mut().find(|(what, _)| *what == piece.what) {
                Some((_, all)) => all.push((side, piece)),
                None => kinds.push((&piece.what, vec![(side, piece)])),
            }
        }
    }
    let differ =
        kinds.iter().filter(|(what, all)| !what.is_empty() && all.iter().any(|(_, piece)| !piece.says(all[0].1)));
    let conflicts: Vec<Conflict> = differ.map(|(what, all)| different(job, what, all)).collect();
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    pieces.sort_by_key(|(piece, _)| piece.rank);
    Ok(pieces)
}

/// The conflict of owners who want different things at the top of the file.
fn different(job: &Job, what: &str, all: &[(usize, &Piece<'_>)]) -> Conflict {
    let mut names: Vec<String> = all.iter().map(|(side, _)| format!("`{}`", job.sides[*side].owner)).collect();
    names.dedup();
    let names = names.join(" and ");
    let (message, help) = if all.iter().all(|(_, piece)| piece.runs()) {
        let help = "let all begin with the same line `#!`, or all but one with none";
        (format!("{names} want the script to be run by different programs"), help)
    } else {
        (
            format!("{names} want different {what}"),
            "there is one, at the top of the file: let all have the same, or all but one none",
        )
    };
    let places = all.iter().map(|(side, piece)| {
        let start = text::position(&job.sides[*side].contents, piece.at);
        Place { side: number(*side), start, end: None }
    });
    Conflict { subject: String::new(), message, help: Some(help.to_owned()), places: places.collect() }
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
