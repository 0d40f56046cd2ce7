//! Comments that come with what an owner adds, and those for which there is no place in the first owner's layout.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::change::Change;
use crate::model::{Doc, Kind, Shape};
use crate::text;

/// How often which comment is in a text; blanks make no difference.
pub type Counts = BTreeMap<String, usize>;

/// Counts the comments of a text.
#[must_use]
pub fn count(text: &str, doc: &Doc) -> Counts {
    let mut counts = Counts::new();
    for comment in &doc.comments {
        *counts.entry(bare(text, comment)).or_default() += 1;
    }
    counts
}

/// The comments of what a change takes from a side: above it, within it, and behind it.
#[must_use]
pub fn taken(text: &str, side: &Doc, change: &Change) -> Vec<Range<usize>> {
    let mut regions = Vec::new();
    walk(text, side, change, &mut regions);
    regions.sort_by_key(|region| (region.start, region.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for region in regions {
        match joined.last_mut() {
            Some(last) if region.start < last.end => last.end = last.end.max(region.end),
            _ => joined.push(region),
        }
    }
    let within = |comment: &&Range<usize>| {
        let next = joined.partition_point(|region| region.end < comment.end);
        joined.get(next).is_some_and(|region| region.start <= comment.start)
    };
    side.comments.iter().filter(within).cloned().collect()
}

/// Those of some comments that did not come into a text.
#[must_use]
pub fn lost(from: &str, taken: Vec<Range<usize>>, before: &Counts, after: &Counts) -> Vec<Range<usize>> {
    let mut came = Counts::new();
    let mut is_lost = |comment: &Range<usize>| {
        let name = bare(from, comment);
        let new = after.get(&name).copied().unwrap_or(0).saturating_sub(before.get(&name).copied().unwrap_or(0));
        let came = came.entry(name).or_default();
        *came += 1;
        *came > new
    };
    taken.into_iter().filter(|comment| is_lost(comment)).collect()
}

fn bare(text: &str, comment: &Range<usize>) -> String {
    text[comment.clone()].split_whitespace().collect()
}

fn walk(text: &str, side: &Doc, change: &Change, regions: &mut Vec<Range<usize>>) {
    match change {
        Change::Same => {}
        Change::Take(_, node) => below(text, side, *node, regions),
        Change::Parts(parts) => {
            for (_, index) in &parts.add {
                child(text, side, parts.from, *index, regions);
            }
            for (_, change) in &parts.change {
                walk(text, side, change, regions);
            }
        }
    }
}

/// All that is in a node: its span, or that of each of its lines.
fn below(text: &str, side: &Doc, node: usize, regions: &mut Vec<Range<usize>>) {
    let found = &side.nodes[node];
    if matches!(found.shape, Shape::Scalar | Shape::Flow | Shape::Block) {
        regions.push(found.span.clone());
        return;
    }
    let count = side.entries(node).len().max(side.items(node).len());
    (0..count).for_each(|index| child(text, side, node, index, regions));
}

fn child(text: &str, side: &Doc, parent: usize, index: usize, regions: &mut Vec<Range<usize>>) {
    let (start, node) = if let Kind::Table(entries) = side.kind(parent) {
        (entries[index].key_span.start, entries[index].node)
    } else {
        let node = side.items(parent)[index];
        (side.dashes.get(&node).copied().unwrap_or(side.nodes[node].span.start), node)
    };
    // Keys with dots begin with those of the tables that they are in.
    let start = if side.nodes[parent].shape == Shape::Dotted {
        let line = text::line_start(text, start);
        let blanks = crate::flow::blanks(text, start).len();
        if text[line..start].contains(['{', '[']) { start } else { line + blanks }
    } else {
        start
    };
    let end = side.nodes[node].span.end.max(start);
    regions.push(text::lead(text, &side.comments, start)..text::trail(text, &side.comments, end));
    below(text, side, node, regions);
}
