//! A key that the pack reads of a table, and that an item which the user gave lacks: whose mistake that is.
//!
//! Keys of tables are not declared. Always true here: it is the user's where other items, or those that the pack itself
//! shows, have the key; where nobody can know, the value and what reads it are both named.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::finding::{INVALID, UNDEFINED, is_one_of};
use super::values::{GivenAt, Values};
use crate::diagnostic::Diagnostic;
use crate::pack::{Variable, VariableName};
use crate::show::quoted;
use crate::text::nearest;
use crate::values::{ItemKind, VariableKind};

/// Keys of an item that are named.
const SHOWN: usize = 8;
/// Items of a list that are told to lack a key.
const TOLD: usize = 20;

/// Whose mistake a missing key is, with what is said of it.
#[derive(Debug)]
pub enum Blame {
    /// The user's.
    User(Diagnostic),
    /// The user's, and there are so many like it that no more are told.
    UserAgain,
    /// Nobody can tell.
    Nobody(Diagnostic),
}

/// The lists of tables that the user gave.
pub struct Tables<'a> {
    lists: Vec<List<'a>>,
    variables: &'a [Variable],
    /// How many items were told that lack a key, by list and key.
    told: RefCell<BTreeMap<(String, String), usize>>,
}

struct List<'a> {
    variable: &'a Variable,
    items: &'a [Value],
    given: &'a GivenAt,
}

/// An item that lacks a key.
struct Lack<'l, 'a> {
    list: &'l List<'a>,
    number: usize,
    /// Who has the key; none where nobody does.
    owner: Option<String>,
}

impl<'a> Tables<'a> {
    /// Those among the values of a pack.
    #[must_use]
    pub fn of(variables: &'a [Variable], values: &'a Values) -> Self {
        Self::among(variables, (&values.values, &values.given))
    }

    pub(super) fn among(
        variables: &'a [Variable],
        (values, given): (&'a Map<String, Value>, &'a BTreeMap<VariableName, GivenAt>),
    ) -> Self {
        let list = |variable: &'a Variable| {
            let is_of_tables = matches!(variable.kind, VariableKind::List { items: ItemKind::Table, .. });
            let given = given.get(variable.name.as_str()).filter(|_| is_of_tables)?;
            Some(List { variable, items: values.get(variable.name.as_str())?.as_array()?, given })
        };
        Self { lists: variables.iter().filter_map(list).collect(), variables, told: RefCell::default() }
    }

    /// Says whose mistake it is that something is undefined, where that is a key which an item of the user's lacks. `item`
    /// is the one of a `for_each` for which it is, with names of which one is that of its list.
    #[must_use]
    pub fn blame(&self, finding: &Diagnostic, item: Option<(&[String], &Value)>) -> Option<Blame> {
        if self.lists.is_empty() || finding.rule != UNDEFINED {
            return None;
        }
        let read = finding.message.strip_suffix("` is undefined")?.rsplit('`').next()?;
        let parts = parts(read)?;
        let (base, path) = self.split(&parts)?;
        let lacks: Vec<Lack<'_, '_>> = match (base, item) {
            // A macro, a partial or a `set` may have another name for the item.
            ([_] | [], Some((names, item))) if base == ["item"] || (!has(item, path) && !self.is_declared(base)) => {
                let list = self.list_of(names, item)?;
                let told = (list.variable.name.to_string(), path.join("."));
                if self.told.borrow().get(&told).is_some_and(|count| *count >= TOLD) {
                    return (!has(item, path)).then_some(Blame::UserAgain);
                }
                list.lack(path, list.items.iter().position(|one| one == item)).into_iter().collect()
            }
            _ => self.lists.iter().filter_map(|list| list.lack(path, index_in(base, list))).collect(),
        };
        let is_meant = |lack: &&Lack<'_, '_>| match base {
            [] | ["this"] => lack.owner.is_some(),
            ["item"] => item.is_some() || lacks.len() == 1,
            [name, ..] if name == &lack.list.variable.name.as_str() => true,
            // What a loop calls its items, anything may be.
            [name] => {
                let is_named = item.is_none() || lack.owner.is_some();
                is_named
                    && !self.is_declared(base)
                    && (lacks.len() == 1 || is_one_of(name, lack.list.variable.name.as_str()))
            }
            _ => false,
        };
        let lack = lacks.iter().find(is_meant)?;
        if lack.owner.is_some() {
            let told = (lack.list.variable.name.to_string(), path.join("."));
            *self.told.borrow_mut().entry(told).or_default() += 1;
        }
        Some(lack.told(path, read, finding))
    }

    /// Splits what is read into the name of an item and the keys that lead from there to what is missing.
    fn split<'p>(&self, parts: &'p [&'p str]) -> Option<(&'p [&'p str], &'p [&'p str])> {
        let is_list = |name: &str| self.lists.iter().any(|list| list.variable.name.as_str() == name);
        match parts {
            [] => None,
            [_] => Some((&[], parts)),
            [name, index, _, ..] if is_list(name) && index.parse::<usize>().is_ok() => Some(parts.split_at(2)),
            _ => Some(parts.split_at(1)),
        }
    }

    /// Whether a name is that of a variable.
    fn is_declared(&self, name: &[&str]) -> bool {
        name.first().is_some_and(|name| self.variables.iter().any(|variable| variable.name.as_str() == *name))
    }

    /// The list of an item: the only one that can be, or the one that holds it.
    fn list_of(&self, names: &[String], item: &Value) -> Option<&List<'a>> {
        let mut lists = self.lists.iter().filter(|list| names.iter().any(|name| name == list.variable.name.as_str()));
        match (lists.next(), lists.next()) {
            (first, None) => first,
            (first, second) => first.into_iter().chain(second).chain(lists).find(|list| list.items.contains(item)),
        }
    }
}

impl<'a> List<'a> {
    /// The item that lacks what keys lead to: that of the number, or else the first one.
    fn lack(&self, path: &[&str], number: Option<usize>) -> Option<Lack<'_, 'a>> {
        let has = |item: &Value| has(item, path);
        let number = number.or_else(|| self.items.iter().position(|item| !has(item)))?;
        if self.items.get(number).is_none_or(has) {
            return None;
        }
        let has_one =
            |list: &Option<Value>| list.as_ref().and_then(Value::as_array).is_some_and(|items| items.iter().any(has));
        let owner = match self.items.iter().position(has) {
            Some(other) => Some(format!("item {} has one", other + 1)),
            None if has_one(&self.variable.default) => Some("the pack's default has one".to_owned()),
            None if has_one(&self.variable.example) => Some("the pack's example has one".to_owned()),
            None => None,
        };
        Some(Lack { list: self, number, owner })
    }
}

impl Lack<'_, '_> {
    fn told(&self, path: &[&str], read: &str, finding: &Diagnostic) -> Blame {
        let List { variable, items, given } = self.list;
        let (key, parents) = path.split_last().map_or(("", path), |(key, parents)| (*key, parents));
        let (key_shown, list) = (quoted(&path.join(".")), quoted(variable.name.as_str()));
        let lacks = format!("item {} of {list} has no {key_shown} ({})", self.number + 1, given.source);
        let table = at(&items[self.number], parents).and_then(Value::as_object);
        let keys = table.into_iter().flat_map(Map::keys).map(String::as_str);
        let Some(owner) = &self.owner else {
            let shown: Vec<String> = keys.take(SHOWN).map(quoted).collect();
            let has = if shown.is_empty() { "no keys".to_owned() } else { shown.join(", ") };
            let help = format!(
                "the item has {has}: give it a {key_shown}, or correct the pack where it reads {}; which keys a table has \
                 is not declared, so packbox can't tell which of the two is wrong",
                quoted(read)
            );
            let mut told = finding.clone();
            told.message = format!("{}: {lacks}", finding.message);
            told.help = Some(help);
            told.related.extend(given.place.clone());
            return Blame::Nobody(told);
        };
        // What has another name in all that is right is what was misspelt.
        let is_known = |name: &str| {
            let shown = [&variable.default, &variable.example];
            let shown = shown.into_iter().flatten().filter_map(Value::as_array).flatten();
            let tables = items.iter().chain(shown).filter_map(|item| at(item, parents));
            tables.into_iter().any(|table| table.get(key).is_some() && table.get(name).is_some())
        };
        let wrong = nearest(key, keys.filter(|name| !is_known(name)));
        let what = match wrong {
            Some(wrong) => format!("write {} where it says {}: {owner}", quoted(key), quoted(wrong)),
            None => format!("give it a {key_shown}: {owner}"),
        };
        let mut told = Diagnostic::error(INVALID, lacks).help(format!("{what}; the pack reads {}", quoted(read)));
        told.span = given.place.clone().or_else(|| finding.span.clone());
        told.related.extend(given.place.as_ref().and(finding.span.clone()));
        told.related.extend(finding.related.iter().cloned());
        Blame::User(told)
    }
}

/// What keys lead to.
fn at<'v>(item: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(item, |value, key| value.get(*key))
}

fn has(item: &Value, path: &[&str]) -> bool {
    at(item, path).is_some()
}

/// The parts of a path: `a.b`, `a[0].b`, `a["b"]`; none of what is computed.
fn parts(read: &str) -> Option<Vec<&str>> {
    let parts = read.split(['.', '[', ']']).map(|part| part.trim_end_matches('?').trim_matches(['"', '\'']));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let is_name = |part: &&str| part.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '-'));
    parts.iter().all(is_name).then_some(parts)
}

/// The item of a list that a path begins with: `jobs[1]`, `jobs.1`.
fn index_in(base: &[&str], list: &List<'_>) -> Option<usize> {
    match base {
        [name, index] if *name == list.variable.name.as_str() => index.parse().ok(),
        _ => None,
    }
}

/// Puts together what was said of one item for several readers.
#[must_use]
pub fn merge(mistakes: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<Diagnostic> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for mistake in mistakes {
        let at = *known.entry(mistake.message.clone()).or_insert(merged.len());
        match merged.get_mut(at) {
            Some(first) => {
                let seen = |place| first.span.as_ref() == Some(place) || first.related.contains(place);
                let more: Vec<_> =
                    mistake.span.iter().chain(&mistake.related).filter(|place| !seen(place)).cloned().collect();
                first.related.extend(more);
            }
            None => merged.push(mistake),
        }
    }
    merged
}
