//! Merges files with a structure: as values, then as edits of the first owner's text, which are checked.

use std::ops::Range;

use crate::edits::Owned;
use crate::failures::Fault;
use crate::formats::{Format, Graft, Refusal};
use crate::merge::{Clash, Merger, Step};
use crate::model::{Doc, Values};
use crate::options;
use crate::owners::Survey;
use crate::unwritten::{Unwritten, difference};
use crate::{Conflict, Diagnostic, Failure, Job, Merged, Outcome, Place, Severity, Span, comments, failures, text};

/// What a text may begin with, which says that it is UTF-8.
const MARK: &str = "\u{feff}";

/// No more comments than these are told.
const MOST_NOTES: usize = 20;

/// A side, read.
struct Read<'a> {
    text: &'a str,
    /// How many bytes of a mark are before the text.
    mark: usize,
    doc: Doc,
}

/// Merges the sides of a job.
pub fn merge(job: &Job, format: Format) -> Result<Outcome, Failure> {
    let by = options::by(job, format.prefix())?;
    let mut values = Values::default();
    let mut sides = Vec::new();
    for side in &job.sides {
        sides.push(read(&side.contents, &side.owner, format, &mut values)?);
    }
    let base = match &job.base {
        Some(base) => Some(read(base, "the base", format, &mut values)?),
        None => None,
    };
    let base = base.as_ref().map(|base| &base.doc);
    let inherit = format.inherit().map(|name| values.key(name));
    let docs: Vec<&Doc> = sides.iter().map(|side| &side.doc).collect();
    let owners: Vec<&str> = job.sides.iter().map(|side| side.owner.as_str()).collect();
    let mut merger = Merger::new(docs, base, &mut values, &by, owners.clone(), inherit);
    let (wanted, _) = merger.run();
    if merger.exhausted {
        return Err(Failure::Unsupported("aliases make the documents too large to be compared".to_owned()));
    }
    let clashes = std::mem::take(&mut merger.clashes);
    if !clashes.is_empty() {
        return Ok(Outcome::Conflicts(
            clashes.into_iter().map(|clash| conflict(clash, &sides, format, &values)).collect(),
        ));
    }
    let Some((first, others)) = sides.split_first() else {
        return Err(Failure::Internal("there is no side to merge".to_owned()));
    };
    let read: Vec<(&str, &Doc, &str)> =
        owners.iter().zip(&sides).map(|(owner, side)| (*owner, &side.doc, side.text)).collect();
    let mut grown = Owned::new(first.text, 0);
    let mut doc = first.doc.clone();
    let mut notes = Vec::new();
    for (index, side) in others.iter().enumerate() {
        let pair = vec![doc, side.doc.clone()];
        let change = {
            let names = vec!["what was merged", owners[index + 1]];
            let mut merger = Merger::new(pair.iter().collect(), base, &mut values, &by, names, inherit);
            let (_, change) = merger.run();
            if merger.exhausted || !merger.clashes.is_empty() {
                return Err(Failure::Internal("the sides agree all together but not one by one".to_owned()));
            }
            change
        };
        let [now, _] = <[Doc; 2]>::try_from(pair).map_err(|_| Failure::Internal("two became more".to_owned()))?;
        doc = now;
        let change = {
            let graft = Graft { text: &grown.text, doc: &doc, from: side.text, side: &side.doc, values: &values };
            format.settle(graft, change)
        };
        let before = comments::count(&grown.text, &doc);
        let taken = comments::taken(side.text, &side.doc, &change);
        if change.removes() {
            let graft = Graft { text: &grown.text, doc: &doc, from: side.text, side: &side.doc, values: &values };
            let edits = format.removals(graft, &change).map_err(|what| what.failure(&read, &values, &by))?;
            grown = grown.apply(edits, index + 1).ok_or_else(overlapping)?;
            doc = again(&grown, &owners, format, &mut values).map_err(|what| what.failure(&read, &values, &by))?;
        }
        let change = change.after_removal();
        if let Some(path) = change.missing(&doc, doc.root) {
            let what = "a table would go with the last key in it".to_owned();
            return Err(Unwritten { what, path }.failure(&read, &values, &by));
        }
        let graft = Graft { text: &grown.text, doc: &doc, from: side.text, side: &side.doc, values: &values };
        let edits = format.additions(graft, &change).map_err(|what| what.failure(&read, &values, &by))?;
        if !edits.is_empty() {
            grown = grown.apply(edits, index + 1).ok_or_else(overlapping)?;
            doc = again(&grown, &owners, format, &mut values).map_err(|what| what.failure(&read, &values, &by))?;
        }
        if !taken.is_empty() {
            let lost = comments::lost(side.text, taken, &before, &comments::count(&grown.text, &doc));
            notes.extend(lost.iter().map(|comment| left_out(side, owners[index + 1], owners[0], comment)));
        }
    }
    notes.truncate(MOST_NOTES);
    if doc.id(doc.root) != wanted {
        let what = "it would have another value than what they want together".to_owned();
        let path = difference(&values, doc.id(doc.root), wanted);
        return Err(Unwritten { what, path }.failure(&read, &values, &by));
    }
    let texts: Vec<&str> = sides.iter().map(|side| side.text).collect();
    let survey = Survey { doc: &doc, sides: sides.iter().map(|side| &side.doc).collect(), values: &values, by: &by };
    let mut parts = survey.parts(&grown, &texts);
    for part in &mut parts {
        part.start += text::number(first.mark);
        part.end += text::number(first.mark);
    }
    let contents = [&MARK.as_bytes()[..first.mark], grown.text.as_bytes()].concat();
    Ok(Outcome::Merged(Merged { contents, parts, notes }))
}

fn read<'a>(contents: &'a [u8], owner: &str, format: Format, values: &mut Values) -> Result<Read<'a>, Failure> {
    let whole = std::str::from_utf8(contents).map_err(|error| {
        let at = error.valid_up_to();
        Fault::syntax("it is not UTF-8", at..at).of(owner, contents)
    })?;
    let text = whole.strip_prefix(MARK).unwrap_or(whole);
    let mark = whole.len() - text.len();
    match format.parse(text, values) {
        Ok(doc) => Ok(Read { text, mark, doc }),
        Err(Refusal::Fault(mut fault)) => {
            fault.range = fault.range.start + mark..fault.range.end + mark;
            Err(fault.of(owner, contents))
        }
        Err(Refusal::Unsupported(what)) => Err(Failure::Unsupported(format!("`{owner}`: {what}"))),
    }
}

/// Reads what was written here.
fn again(grown: &Owned, owners: &[&str], format: Format, values: &mut Values) -> Result<Doc, Unwritten> {
    format.parse(&grown.text, values).map_err(|refusal| {
        let what = match refusal {
            Refusal::Fault(fault) => {
                let line = text::position(grown.text.as_bytes(), fault.range.start).line;
                let from = grown.origins.iter().find(|(end, _)| *end > fault.range.start).or(grown.origins.last());
                let from = from.and_then(|(_, side)| owners.get(*side)).map_or("", |owner| owner);
                format!("{}, in line {line} of the result, which is from `{from}`", fault.message)
            }
            Refusal::Unsupported(what) => what,
        };
        format!("the result can't be read again ({what})").into()
    })
}

/// Says that a comment has no place.
fn left_out(side: &Read<'_>, owner: &str, first: &str, comment: &Range<usize>) -> Diagnostic {
    let place = place(0, side, comment);
    Diagnostic {
        rule: failures::COMMENT.to_owned(),
        severity: Severity::Note,
        message: format!(
            "a comment of `{owner}` is left out: what it belongs to is on one line in the layout of `{first}`"
        ),
        help: Some(format!("to keep it, let `{first}` write the table or list on several lines")),
        span: Some(Span { path: owner.to_owned(), start: place.start, end: place.end }),
        related: Vec::new(),
    }
}

fn overlapping() -> Failure {
    Failure::Internal("edits of the same text overlap".to_owned())
}

fn conflict(clash: Clash, sides: &[Read<'_>], format: Format, values: &Values) -> Conflict {
    let mut subject = String::new();
    for step in &clash.path {
        match step {
            Step::Key(key, side, span) => {
                if !subject.is_empty() {
                    subject.push('.');
                }
                let written = sides[*side].text.get(span.clone()).unwrap_or("");
                subject.push_str(&match format {
                    Format::Json => json_key(values.name(*key)),
                    Format::Toml | Format::Yaml => written.to_owned(),
                });
            }
            Step::Item(side, span) => {
                let written = sides[*side].text.get(span.clone()).unwrap_or("");
                subject.push_str(&format!("[{written}]"));
            }
        }
    }
    let places = clash.places.iter().map(|(side, range)| place(*side, &sides[*side], range)).collect();
    Conflict { subject, message: clash.message, help: clash.help, places }
}

fn json_key(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '$' | '@' | '/');
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        serde_json::Value::from(name).to_string()
    }
}

fn place(side: usize, read: &Read<'_>, range: &Range<usize>) -> Place {
    let at = |offset: usize| {
        let mut position = text::position(read.text.as_bytes(), offset);
        if position.line == 1 {
            position.column += text::number(read.mark);
        }
        position
    };
    let end = (range.end > range.start).then(|| at(range.end));
    Place { side: text::number(side), start: at(range.start), end }
}
