//! Merges documents as values: what all sides want together, or where they want different things.
//!
//! With a base, a side wants what it changed; without one, all that it says. Whether there is a conflict, and the
//! merged value but for the order of lists, do not depend on the order of sides.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::change::{Change, Parts, change_of, place};
use crate::model::{Doc, Entry, Id, Key, Kind, Value, Values};
use crate::options::By;

/// No more conflicts than these are told.
const MOST_CONFLICTS: usize = 50;
/// So many places are compared however small the documents are; four times as many as they have nodes, besides.
const FREE: usize = 100_000;

/// Something that sides want differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The keys down to it.
    pub path: Vec<Step>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Sides and places.
    pub places: Vec<(usize, Range<usize>)>,
}

/// A step down into a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// To a key, as a side writes it at a place.
    Key(Key, usize, Range<usize>),
    /// To the item of a list whose key has this value, as a side writes it at a place.
    Item(usize, Range<usize>),
}

/// A merge of some documents.
#[derive(Debug)]
pub struct Merger<'a> {
    /// What the owners want.
    pub sides: Vec<&'a Doc>,
    /// What it was made from.
    pub base: Option<&'a Doc>,
    /// All values.
    pub values: &'a mut Values,
    /// Which keys tell items of lists apart.
    pub by: &'a By,
    /// The names of the sides.
    pub owners: Vec<&'a str>,
    /// What they want differently.
    pub clashes: Vec<Clash>,
    /// The key of tables that says which other tables are part of them, in YAML.
    pub inherit: Option<Key>,
    /// Whether aliases made more of the documents than is looked at.
    pub exhausted: bool,
    pub(crate) path: Vec<Step>,
    left: usize,
}

/// What became of something: its value and how the first side gets there. `None`: it is not there.
type Merged = Option<(Id, Change)>;
/// A node of each side; of the base.
type Nodes = (Vec<Option<usize>>, Option<usize>);

impl<'a> Merger<'a> {
    /// Prepares a merge.
    #[must_use]
    pub fn new(
        sides: Vec<&'a Doc>,
        base: Option<&'a Doc>,
        values: &'a mut Values,
        by: &'a By,
        owners: Vec<&'a str>,
        inherit: Option<Key>,
    ) -> Self {
        let nodes: usize = sides.iter().map(|doc| doc.nodes.len()).sum();
        let left = nodes.saturating_mul(4).saturating_add(FREE);
        Self { sides, base, values, by, owners, clashes: Vec::new(), inherit, exhausted: false, path: Vec::new(), left }
    }

    /// Merges the documents. The value counts only if there is no clash.
    pub fn run(&mut self) -> (Id, Change) {
        let sides = self.sides.iter().map(|doc| Some(doc.root)).collect();
        let base = self.base.map(|doc| doc.root);
        self.node(&(sides, base)).unwrap_or((self.sides[0].id(self.sides[0].root), Change::Same))
    }

    fn node(&mut self, nodes: &Nodes) -> Merged {
        let (sides, base) = nodes;
        if self.left == 0 {
            self.exhausted = true;
            return None;
        }
        self.left -= 1;
        let base_id = base.and_then(|node| self.base.map(|doc| doc.id(node)));
        let id = |side: usize| sides[side].map(|node| self.sides[side].id(node));
        let changed: Vec<usize> = (0..sides.len())
            .filter(|side| id(*side) != base_id && (self.base.is_some() || id(*side).is_some()))
            .collect();
        let Some(first) = changed.first().copied() else {
            return id(0).map(|id| (id, Change::Same));
        };
        let wanted = id(first);
        if changed.iter().all(|side| id(*side) == wanted) {
            let wanted = wanted?;
            let is_table =
                |side: usize| sides[side].is_some_and(|node| matches!(self.sides[side].kind(node), Kind::Table(_)));
            // Tables change by their entries, so that layout and comments stay.
            if id(0) != Some(wanted) && is_table(0) && is_table(first) && !self.is_whole(wanted) {
                return Some(self.table(nodes, 0));
            }
            let change =
                if id(0) == Some(wanted) { Change::Same } else { Change::Take(first, sides[first].unwrap_or(0)) };
            return Some((wanted, change));
        }
        if changed.iter().any(|side| sides[*side].is_none()) {
            self.removed(sides, &changed);
            return None;
        }
        let kinds: Vec<&Kind> =
            changed.iter().filter_map(|side| sides[*side].map(|node| self.sides[*side].kind(node))).collect();
        if changed.iter().any(|side| id(*side).is_some_and(|id| self.is_whole(id))) {
            self.differ(sides, &changed, None);
            None
        } else if kinds.iter().all(|kind| matches!(kind, Kind::Table(_))) {
            Some(self.table(nodes, first))
        } else if kinds.iter().all(|kind| matches!(kind, Kind::List(_))) {
            self.list(nodes, &changed)
        } else {
            let parts = kinds.iter().any(|kind| matches!(kind, Kind::Table(_) | Kind::List(_)));
            let help = if parts {
                Some(self.form_help(sides, &changed))
            } else {
                self.version_help(&self.ids(sides, &changed))
            };
            self.differ(sides, &changed, help);
            None
        }
    }

    /// Whether a value is taken as a whole or not: it is inherited from, or a tag says more about it than its syntax.
    fn is_whole(&self, id: Id) -> bool {
        let inherits = matches!(self.path.last(), Some(Step::Key(key, ..)) if Some(*key) == self.inherit);
        inherits || matches!(self.values.value(id), Value::Tagged(..))
    }

    fn table(&mut self, (sides, base): &Nodes, first: usize) -> (Id, Change) {
        let mut order: Vec<Key> = Vec::new();
        let mut children: BTreeMap<Key, Nodes> = BTreeMap::new();
        let mut steps: BTreeMap<Key, Step> = BTreeMap::new();
        let count = sides.len();
        for (side, node) in sides.iter().enumerate() {
            let Some(node) = node else { continue };
            for entry in self.sides[side].entries(*node) {
                let child = children.entry(entry.key).or_insert_with(|| {
                    order.push(entry.key);
                    steps.insert(entry.key, Step::Key(entry.key, side, entry.key_span.clone()));
                    (vec![None; count], None)
                });
                child.0[side] = Some(entry.node);
            }
        }
        if let (Some(doc), Some(node)) = (self.base, base) {
            for entry in doc.entries(*node) {
                if let Some(child) = children.get_mut(&entry.key) {
                    child.1 = Some(entry.node);
                }
            }
        }
        let places: Vec<BTreeMap<Key, usize>> = sides
            .iter()
            .enumerate()
            .map(|(side, node)| node.map_or_else(BTreeMap::new, |node| indexes(self.sides[side].entries(node))))
            .collect();
        let hidden: Vec<(usize, usize, BTreeMap<Key, usize>)> = match self.inherit.and_then(|key| children.get(&key)) {
            Some((nodes, _)) => nodes
                .iter()
                .enumerate()
                .filter_map(|(side, from)| Some((side, (*from)?, inherited(self.sides[side], (*from)?))))
                .collect(),
            None => Vec::new(),
        };
        let mut parts = Parts::default();
        let mut merged = Vec::new();
        for key in order {
            let nodes = &children[&key];
            self.path.push(steps[&key].clone());
            let outcome = self.node(nodes);
            if let Some((id, _)) = &outcome {
                self.hides(key, nodes, &hidden, *id);
            }
            self.path.pop();
            match outcome {
                None => parts.remove.extend(places[0].get(&key)),
                Some((id, change)) => {
                    merged.push((key, id));
                    place(&mut parts, places[0].get(&key).copied(), change, |side| places[side].get(&key).copied());
                }
            }
        }
        parts.remove.sort_unstable();
        parts.change.sort_by_key(|(index, _)| *index);
        let id = self.values.table(merged);
        (id, change_of(parts, sides, first))
    }

    /// Says where a key that is written hides one that another side has from a table that it inherits.
    fn hides(&mut self, key: Key, nodes: &Nodes, hidden: &[(usize, usize, BTreeMap<Key, usize>)], wanted: Id) {
        let differing = hidden.iter().find(|(side, _, values)| {
            let other = values.get(&key).filter(|_| nodes.0[*side].is_none());
            other.is_some_and(|value| self.sides[*side].id(*value) != wanted)
        });
        if let Some((side, from, _)) = differing {
            let mut places = vec![(*side, self.span(*side, *from))];
            places
                .extend(nodes.0.iter().enumerate().filter_map(|(side, node)| Some((side, self.span(side, (*node)?)))));
            let message = "one owner writes it, another has a different value for it by `<<`".to_owned();
            self.clash(message, Some("write the key in both, with the same value".to_owned()), places);
        }
    }

    fn list(&mut self, nodes: &Nodes, changed: &[usize]) -> Merged {
        let (sides, base) = nodes;
        let base_items = match (self.base, base) {
            (Some(doc), Some(node)) => doc.items(*node),
            _ => &[],
        };
        let items: Vec<&[usize]> = sides
            .iter()
            .enumerate()
            .map(|(side, node)| node.map_or(&[][..], |node| self.sides[side].items(node)))
            .collect();
        let every = |test: fn(&Kind) -> bool| {
            let in_sides = items
                .iter()
                .enumerate()
                .all(|(side, items)| items.iter().all(|item| test(self.sides[side].kind(*item))));
            in_sides && base_items.iter().all(|item| self.base.is_some_and(|doc| test(doc.kind(*item))))
        };
        if every(|kind| matches!(kind, Kind::Scalar)) {
            if self.tells_apart(&items) {
                return None;
            }
            return Some(self.scalars(sides, changed, &items, base_items));
        }
        let tables = every(|kind| matches!(kind, Kind::Table(_)));
        let by = self.by.at(&self.plain_path()).map(str::to_owned);
        if let Some(by) = by.filter(|_| tables) {
            return self.keyed(nodes, changed, &items, base_items, &by);
        }
        let help = self.list_help(tables, &items);
        let message = format!("{} want different lists", self.names(changed));
        self.clash(message, Some(help), self.places(sides, changed));
        None
    }

    /// Says which items of two sides are the same for some readers only, if there are such.
    fn tells_apart(&mut self, items: &[&[usize]]) -> bool {
        let Some(apart) = self.apart(items) else { return false };
        let message = format!("{} write the same item differently", self.names(&apart.map(|(side, _)| side)));
        let ids = apart.map(|(side, item)| (side, self.sides[side].id(item)));
        let places = apart.iter().map(|(side, item)| (*side, self.span(*side, *item))).collect();
        let help = self.version_help(&ids);
        self.clash(message, help, places);
        true
    }

    /// Unites lists of plain values as sets, in the order of the first side that changed them.
    fn scalars(
        &mut self,
        sides: &[Option<usize>],
        changed: &[usize],
        items: &[&[usize]],
        base: &[usize],
    ) -> (Id, Change) {
        let ids = |side: usize| items[side].iter().map(move |item| (side, *item));
        let base: BTreeSet<Id> = base.iter().filter_map(|item| self.base.map(|doc| doc.id(*item))).collect();
        let all: Vec<BTreeSet<Id>> =
            (0..items.len()).map(|side| items[side].iter().map(|item| self.sides[side].id(*item)).collect()).collect();
        let stays = |id: Id| !base.contains(&id) || all.iter().all(|ids| ids.contains(&id));
        let first = changed[0];
        let mut parts = Parts::default();
        let mut merged = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, (side, item)) in ids(first).enumerate() {
            let id = self.sides[side].id(item);
            if stays(id) {
                merged.push(id);
                seen.insert(id);
            } else {
                parts.remove.push(index);
            }
        }
        for side in changed.iter().copied().skip(1) {
            for (index, item) in items[side].iter().enumerate() {
                let id = self.sides[side].id(*item);
                if stays(id) && seen.insert(id) {
                    merged.push(id);
                    parts.add.push((side, index));
                }
            }
        }
        (self.values.id(Value::List(merged)), change_of(parts, sides, first))
    }

    /// Unites lists of tables that a key tells apart.
    fn keyed(&mut self, nodes: &Nodes, changed: &[usize], items: &[&[usize]], base: &[usize], by: &str) -> Merged {
        let key = self.values.known_key(&self.by.encode(by));
        let key_of = |doc: &Doc, item: usize| {
            let value = doc.get(item, key?)?;
            matches!(doc.kind(value), Kind::Scalar).then(|| (doc.id(value), value))
        };
        let first = changed[0];
        let sides: Vec<usize> =
            changed.iter().copied().chain((0..items.len()).filter(|side| !changed.contains(side))).collect();
        let keys: Vec<Vec<usize>> = items
            .iter()
            .enumerate()
            .map(|(side, items)| items.iter().filter_map(|item| Some(key_of(self.sides[side], *item)?.1)).collect())
            .collect();
        if self.tells_apart(&keys.iter().map(Vec::as_slice).collect::<Vec<_>>()) {
            return None;
        }
        let mut order = Vec::new();
        let mut found: BTreeMap<Id, (Nodes, Step, Vec<Option<usize>>)> = BTreeMap::new();
        for side in sides {
            let doc = self.sides[side];
            for (index, item) in items[side].iter().enumerate() {
                let Some((id, value)) = key_of(doc, *item) else {
                    let message = format!("an item of `{}` has no plain value `{by}`", self.owners[side]);
                    let help = format!("the option `by` tells items apart by `{by}`, so that each needs one");
                    self.clash(message, Some(help), vec![(side, self.span(side, *item))]);
                    return None;
                };
                let step = Step::Item(side, doc.nodes[value].span.clone());
                let (nodes, _, indexes) = found.entry(id).or_insert_with(|| {
                    order.push(id);
                    ((vec![None; items.len()], None), step, vec![None; items.len()])
                });
                if nodes.0[side].is_some() {
                    let message = format!("`{}` has two items with the same `{by}`", self.owners[side]);
                    self.clash(
                        message,
                        Some("keep one of them".to_owned()),
                        vec![(side, doc.nodes[value].span.clone())],
                    );
                    return None;
                }
                nodes.0[side] = Some(*item);
                indexes[side] = Some(index);
            }
        }
        if let Some(doc) = self.base {
            for item in base {
                if let Some(found) = key_of(doc, *item).and_then(|(id, _)| found.get_mut(&id)) {
                    found.0.1 = Some(*item);
                }
            }
        }
        let mut parts = Parts::default();
        let mut merged = Vec::new();
        for id in order {
            let (nodes, step, indexes) = &found[&id];
            self.path.push(step.clone());
            let outcome = self.node(nodes);
            self.path.pop();
            match outcome {
                None => parts.remove.extend(indexes[first]),
                Some((id, change)) => {
                    merged.push(id);
                    place(&mut parts, indexes[first], change, |side| indexes[side]);
                }
            }
        }
        let id = self.values.id(Value::List(merged));
        Some((id, change_of(parts, &nodes.0, first)))
    }

    fn removed(&mut self, sides: &[Option<usize>], changed: &[usize]) {
        let (gone, there): (Vec<usize>, Vec<usize>) = changed.iter().partition(|side| sides[**side].is_none());
        let message = format!("{} removed it, {} changed it", self.names(&gone), self.names(&there));
        self.clash(message, None, self.places(sides, &there));
    }

    fn differ(&mut self, sides: &[Option<usize>], changed: &[usize], help: Option<String>) {
        let message = format!("{} want different values", self.names(changed));
        self.clash(message, help, self.places(sides, changed));
    }

    fn clash(&mut self, message: String, help: Option<String>, places: Vec<(usize, Range<usize>)>) {
        if self.clashes.len() < MOST_CONFLICTS {
            self.clashes.push(Clash { path: self.path.clone(), message, help, places });
        }
    }

    fn ids(&self, sides: &[Option<usize>], of: &[usize]) -> Vec<(usize, Id)> {
        of.iter().filter_map(|side| Some((*side, self.sides[*side].id(sides[*side]?)))).collect()
    }

    fn places(&self, sides: &[Option<usize>], of: &[usize]) -> Vec<(usize, Range<usize>)> {
        of.iter().filter_map(|side| Some((*side, self.span(*side, sides[*side]?)))).collect()
    }

    fn span(&self, side: usize, node: usize) -> Range<usize> {
        self.sides[side].nodes[node].span.clone()
    }

    pub(crate) fn names(&self, sides: &[usize]) -> String {
        let names: Vec<String> = sides.iter().map(|side| format!("`{}`", self.owners[*side])).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.join(""),
        }
    }
}

/// Which entry has which key.
fn indexes(entries: &[Entry]) -> BTreeMap<Key, usize> {
    entries.iter().enumerate().map(|(index, entry)| (entry.key, index)).collect()
}

/// What a table has by inheritance, from the value of `<<`: the first table that has a key counts.
fn inherited(doc: &Doc, from: usize) -> BTreeMap<Key, usize> {
    let mut values = BTreeMap::new();
    let tables = match doc.kind(from) {
        Kind::List(items) => items.as_slice(),
        _ => &[from],
    };
    for table in tables {
        for entry in doc.entries(*table) {
            values.entry(entry.key).or_insert(entry.node);
        }
    }
    values
}
