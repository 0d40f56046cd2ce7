//! What is said about what owners want differently: why it is so, and what to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::yaml_older::{both, newer};
use crate::merge::{Merger, Step};
use crate::model::{Id, Key, Kind, Value};
use crate::options;

impl Merger<'_> {
    /// How lists of tables could be merged, or why no others are.
    pub(crate) fn list_help(&self, tables: bool, items: &[&[usize]]) -> String {
        if !tables {
            return "only lists of plain values are united, and lists of tables by a key: make them equal".to_owned();
        }
        let Some(key) = self.candidate(items) else {
            return "no key has a different value in each of its tables, so that they have to be equal".to_owned();
        };
        let key = quoted(&key);
        let every = options::example(&self.by.policy, &format!("by = {key}"));
        let path = quoted(&self.plain_path());
        format!(
            "tell its tables apart by a key, in all packs: {every}, or `by = {{ {path} = {key} }}` for this list only"
        )
    }

    /// Who writes what in which form, where a table or a list stands against something else.
    pub(crate) fn form_help(&self, sides: &[Option<usize>], changed: &[usize]) -> String {
        let written = self.path.last().map_or_else(|| "the whole file".to_owned(), |step| self.written(step));
        let short = self.values.known_key(&self.by.encode("version")).is_some_and(|version| {
            let has = |side: &usize| sides[*side].is_some_and(|node| self.sides[*side].get(node, version).is_some());
            changed.iter().any(has)
        });
        let short = if short { "; a version alone is the same as a table with the key `version`" } else { "" };
        format!("all owners have to write {written} in the same form: {}{short}", self.forms(sides, changed))
    }

    /// Why values differ that are the same for some readers of YAML; none if they are different for all.
    pub(crate) fn version_help(&self, ids: &[(usize, Id)]) -> Option<String> {
        let names: Vec<(usize, &str)> = ids.iter().filter_map(|(side, id)| Some((*side, self.scalar(*id)?))).collect();
        let (_, first) = names.first()?;
        if names.iter().any(|(_, name)| newer(name) != newer(first)) {
            return None;
        }
        let (side, (old, new)) = names.iter().find_map(|(side, name)| Some((*side, both(name)?)))?;
        let quotes = if new.starts_with("the text") { ", in quotes if it is a text" } else { "" };
        Some(format!(
            "as `{}` writes it, it is {old} for programs that read YAML 1.1, and {new} for others: let all write it in the \
             same way{quotes}",
            self.owners[side]
        ))
    }

    /// Items of two sides that are the same for some readers of YAML only; no side has both.
    pub(crate) fn apart(&self, items: &[&[usize]]) -> Option<[(usize, usize); 2]> {
        let all: Vec<BTreeSet<Id>> = items
            .iter()
            .enumerate()
            .map(|(side, items)| items.iter().map(|item| self.sides[side].id(*item)).collect())
            .collect();
        let mut found: BTreeMap<&str, BTreeMap<(usize, Id), usize>> = BTreeMap::new();
        for (side, items) in items.iter().enumerate() {
            for item in *items {
                let id = self.sides[side].id(*item);
                let Some(name) = self.scalar(id) else { continue };
                let same = found.entry(newer(name)).or_default();
                let lacks =
                    |(of, other): &(usize, Id)| *other != id && !all[*of].contains(&id) && !all[side].contains(other);
                if let Some(((of, _), node)) = same.iter().find(|(other, _)| lacks(other)) {
                    return Some([(*of, *node), (side, *item)]);
                }
                same.entry((side, id)).or_insert(*item);
            }
        }
        None
    }

    fn scalar(&self, id: Id) -> Option<&str> {
        match self.values.value(id) {
            Value::Scalar(name) => Some(name),
            _ => None,
        }
    }

    /// A key that could tell the items apart: each has a plain value for it, and no two of a side the same.
    fn candidate(&self, items: &[&[usize]]) -> Option<String> {
        let (side, item) = items.iter().enumerate().find_map(|(side, items)| Some((side, *items.first()?)))?;
        let tells = |key: Key| {
            items.iter().enumerate().all(|(side, items)| {
                let doc = self.sides[side];
                let values: Vec<usize> = items.iter().filter_map(|item| doc.get(*item, key)).collect();
                let ids: BTreeSet<Id> = values.iter().map(|value| doc.id(*value)).collect();
                ids.len() == items.len() && values.iter().all(|value| matches!(doc.kind(*value), Kind::Scalar))
            })
        };
        let keys = self.sides[side].entries(item).iter().map(|entry| entry.key).filter(|key| tells(*key));
        let named = |key: &Key| matches!(self.by.decode(self.values.name(*key)), "name" | "id" | "key" | "path");
        let keys: Vec<Key> = keys.collect();
        let key = keys.iter().find(|key| named(key)).or(keys.first())?;
        Some(self.by.decode(self.values.name(*key)).to_owned())
    }

    /// Who writes what in which form.
    fn forms(&self, sides: &[Option<usize>], changed: &[usize]) -> String {
        let mut forms = Vec::new();
        for side in changed {
            let Some(node) = sides[*side] else { continue };
            let form = match self.sides[*side].kind(node) {
                Kind::Table(_) => "a table",
                Kind::List(_) => "a list",
                Kind::Scalar | Kind::Alias(_) => "a plain value",
            };
            forms.push(format!("it is {form} in `{}`", self.owners[*side]));
        }
        forms.join(", ")
    }

    fn written(&self, step: &Step) -> String {
        match step {
            Step::Key(key, ..) => format!("`{}`", self.by.decode(self.values.name(*key))),
            Step::Item(..) => "this item".to_owned(),
        }
    }

    /// The keys down to here, as the option `by` writes them.
    pub(crate) fn plain_path(&self) -> String {
        let keys = self.path.iter().filter_map(|step| match step {
            Step::Key(key, ..) => Some(self.by.decode(self.values.name(*key))),
            Step::Item(..) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }
}

/// Writes a text between quotes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
