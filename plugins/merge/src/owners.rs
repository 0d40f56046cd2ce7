//! Whose the parts of a merged file are.
//!
//! A byte is of the side that it came from, and of all that say the same at the same place. Bytes without a word are
//! whose the bytes before them are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::Part;
use crate::edits::Owned;
use crate::model::{Doc, Key, Kind, Values};
use crate::options::By;
use crate::text::number;

/// Ranges, and the sides that say what stands there.
type Marks = Vec<(Range<usize>, Vec<usize>)>;

/// Who says what of a document.
pub struct Survey<'a> {
    /// The merged document.
    pub doc: &'a Doc,
    /// What the owners want.
    pub sides: Vec<&'a Doc>,
    /// All values.
    pub values: &'a Values,
    /// Which keys tell items of lists apart.
    pub by: &'a By,
}

impl Survey<'_> {
    /// Divides the merged text among its owners.
    #[must_use]
    pub fn parts(&self, merged: &Owned, sides: &[&str]) -> Vec<Part> {
        let mut marks = Marks::new();
        let roots = self.sides.iter().enumerate().map(|(side, doc)| (side, doc.root)).collect::<Vec<_>>();
        self.walk(self.doc.root, &roots, &mut Vec::new(), &mut marks);
        marks.sort_by_key(|(range, _)| (range.start, range.end));
        checked(merged, divide(merged, &marks), sides)
    }

    fn walk(&self, node: usize, sides: &[(usize, usize)], path: &mut Vec<Key>, marks: &mut Marks) {
        let same = |sides: &[(usize, usize)], node: usize| -> Vec<usize> {
            let equal = |(side, other): &&(usize, usize)| self.sides[*side].id(*other) == self.doc.id(node);
            sides.iter().filter(equal).map(|(side, _)| *side).collect()
        };
        match &self.doc.nodes[node].kind {
            Kind::Scalar | Kind::Alias(_) => {
                marks.push((self.doc.nodes[node].span.clone(), same(sides, node)));
            }
            Kind::Table(entries) => {
                let tables: Vec<(usize, BTreeMap<Key, usize>)> = sides
                    .iter()
                    .map(|(side, other)| {
                        let entries = self.sides[*side].entries(*other);
                        (*side, entries.iter().map(|entry| (entry.key, entry.node)).collect())
                    })
                    .collect();
                for entry in entries {
                    let below: Vec<(usize, usize)> =
                        tables.iter().filter_map(|(side, table)| Some((*side, *table.get(&entry.key)?))).collect();
                    marks.push((entry.key_span.clone(), below.iter().map(|(side, _)| *side).collect()));
                    path.push(entry.key);
                    self.walk(entry.node, &below, path, marks);
                    path.pop();
                }
            }
            Kind::List(items) => self.items(items, sides, path, marks),
        }
    }

    fn items(&self, items: &[usize], sides: &[(usize, usize)], path: &mut Vec<Key>, marks: &mut Marks) {
        let names: Vec<&str> = path.iter().map(|key| self.by.decode(self.values.name(*key))).collect();
        let key = self.by.at(&names.join(".")).and_then(|key| self.values.known_key(&self.by.encode(key)));
        let tell = |doc: &Doc, item: usize| match key.and_then(|key| doc.get(item, key)) {
            Some(value) => (true, doc.id(value)),
            None => (false, doc.id(item)),
        };
        let known: Vec<(usize, BTreeMap<(bool, u32), usize>)> = sides
            .iter()
            .map(|(side, other)| {
                let doc = self.sides[*side];
                (*side, doc.items(*other).iter().map(|item| (tell(doc, *item), *item)).collect())
            })
            .collect();
        for item in items {
            let told = tell(self.doc, *item);
            let below: Vec<(usize, usize)> =
                known.iter().filter_map(|(side, items)| Some((*side, *items.get(&told)?))).collect();
            if !matches!(self.doc.nodes[*item].kind, Kind::Scalar | Kind::Alias(_)) {
                // Its header, if it has one.
                let owners = below.iter().map(|(side, _)| *side).collect();
                let span = self.doc.nodes[*item].span.clone();
                if self.doc.nodes[*item].shape == crate::model::Shape::Header {
                    marks.push((span, owners));
                }
            }
            self.walk(*item, &below, path, marks);
        }
    }
}

/// Divides a text: marks are ascending.
fn divide(merged: &Owned, marks: &Marks) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    let mut next = 0;
    for (end, origin) in &merged.origins {
        while at < *end {
            while marks.get(next).is_some_and(|(range, _)| range.end <= at) {
                next += 1;
            }
            let (until, owners) = match marks.get(next) {
                Some((range, owners)) if range.start <= at => (range.end.min(*end), owners.as_slice()),
                Some((range, _)) => (range.start.min(*end), &[][..]),
                None => (*end, &[][..]),
            };
            let mut owners: Vec<u32> = owners.iter().copied().chain([*origin]).map(number).collect();
            owners.sort_unstable();
            owners.dedup();
            push(&mut parts, &merged.text, at..until, owners);
            at = until;
        }
    }
    parts
}

fn push(parts: &mut Vec<Part>, text: &str, range: Range<usize>, owners: Vec<u32>) {
    let silent = !text[range.clone()].chars().any(char::is_alphanumeric);
    join(parts, range, owners, silent);
}

/// Takes words out of parts that stand in none of their owners' sides, as those of a text that had to be quoted.
fn checked(merged: &Owned, parts: Vec<Part>, sides: &[&str]) -> Vec<Part> {
    let known: Vec<BTreeSet<&str>> = sides.iter().map(|text| words(text).map(|(_, word)| word).collect()).collect();
    let mut left = Vec::new();
    for part in parts {
        let (mut start, end) = (part.start as usize, part.end as usize);
        let from = start;
        for (at, word) in words(&merged.text[start..end]) {
            if !part.owners.iter().any(|owner| known[*owner as usize].contains(word)) {
                if start < from + at {
                    left.push(Part { start: number(start), end: number(from + at), owners: part.owners.clone() });
                }
                start = from + at + word.len();
            }
        }
        if start < end {
            left.push(Part { start: number(start), end: number(end), owners: part.owners });
        }
    }
    left
}

/// The words of a text, and where they are.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Adds a range; it joins the one before if that has the same owners, or if there is no word in it.
pub fn join(parts: &mut Vec<Part>, range: Range<usize>, owners: Vec<u32>, silent: bool) {
    match parts.last_mut() {
        Some(last) if last.end == number(range.start) && (silent || last.owners == owners) => {
            last.end = number(range.end);
        }
        _ => parts.push(Part { start: number(range.start), end: number(range.end), owners }),
    }
}
