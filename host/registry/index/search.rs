//! Finding packs by words, and by words that are nearly right.
//!
//! Always true here: what a user types is quoted before SQLite sees it, so that it is never an expression.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{params_from_iter, types::Value};
use serde::Serialize;
use strsim::osa_distance;

use super::Index;
use super::failure::failed;
use super::filter::{Filter, NO_CONDITION};
use super::query::{COLUMNS, Order, PackRow, Page};
use crate::error::Result;
use crate::registry::names::RegistryName;

/// The most words of a search that count.
const MOST_WORDS: usize = 12;
/// How many rows that are nearly right are looked at more closely.
const CANDIDATES: usize = 200;
/// How many packs that have all words in their names, or elsewhere, are compared: of a beginning that very many have, the
/// first in the index.
const RANKED: usize = 3_000;
/// How many words may stand in for one that is mistyped.
const ALTERNATIVES: usize = 5;
/// Whether there is anything at all.
const FIRST: Page = Page { offset: 0, limit: 1 };

/// How a pack was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// Every word stands in it, at least as the beginning of one.
    Words,
    /// What it is called is near to what was typed.
    Near,
}

/// A pack that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Found {
    /// The pack.
    #[serde(flatten)]
    pub pack: PackRow,
    /// How it was found.
    pub matched: Match,
}

/// What is looked for.
#[derive(Clone, Copy)]
struct Sought<'a> {
    /// What was typed.
    words: &'a [String],
    /// What may stand for each word.
    alternatives: &'a [Vec<String>],
    /// How it then was found.
    matched: Match,
}

impl Index {
    /// Finds packs, the best first. Where no pack has all words, those are found whose names are near.
    ///
    /// # Errors
    /// `Integrity` where the index is damaged, `Io`.
    pub fn search(&self, text: &str, filter: &Filter, page: Page) -> Result<Vec<Found>> {
        let words = words(text);
        if words.is_empty() {
            let (rows, _) = self.list(filter, Order::Name, page)?;
            return Ok(rows.into_iter().map(|pack| Found { pack, matched: Match::Words }).collect());
        }
        let typed: Vec<Vec<String>> = words.iter().map(|word| vec![word.clone()]).collect();
        let found =
            self.by_words(&Sought { words: &words, alternatives: &typed, matched: Match::Words }, filter, page)?;
        // A page behind the last one is empty; nothing else is looked for then.
        if !found.is_empty()
            || (page.offset > 0
                && !self
                    .by_words(&Sought { words: &words, alternatives: &typed, matched: Match::Words }, filter, FIRST)?
                    .is_empty())
        {
            return Ok(found);
        }
        let meant = words.iter().map(|word| self.meant(word)).collect::<Result<Vec<_>>>()?;
        if !meant.iter().any(Vec::is_empty) {
            let found =
                self.by_words(&Sought { words: &words, alternatives: &meant, matched: Match::Near }, filter, page)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        self.by_nearness(&words, filter, page)
    }

    /// The words that could be meant by one: itself where a word begins with it, else those with the same first letter that
    /// are a slip or two away, the nearest first.
    fn meant(&self, word: &str) -> Result<Vec<String>> {
        let Some(first) = word.chars().next() else { return Ok(Vec::new()) };
        let mut terms = self
            .connection
            .prepare_cached("SELECT term FROM terms WHERE term >= ?1 AND term < ?2")
            .map_err(failed("search the index"))?;
        let end = |beginning: &str| format!("{beginning}\u{10ffff}");
        if terms.exists([word, &end(word)]).map_err(failed("search the index"))? {
            return Ok(vec![word.to_owned()]);
        }
        let letters = word.chars().count();
        let slips = ((letters + 1) / 4).clamp(1, 2);
        let first = first.to_string();
        let mut near: Vec<(usize, String)> = Vec::new();
        let mut rows = terms.query([&first, &end(&first)]).map_err(failed("search the index"))?;
        while let Some(row) = rows.next().map_err(failed("search the index"))? {
            let term = row.get_ref(0).and_then(|term| Ok(term.as_str()?)).map_err(failed("search the index"))?;
            if term.len().abs_diff(word.len()) <= slips * 4 && term.chars().count().abs_diff(letters) <= slips {
                let distance = osa_distance(word, term);
                if distance <= slips {
                    near.push((distance, term.to_owned()));
                }
            }
        }
        near.sort();
        Ok(near.into_iter().take(ALTERNATIVES).map(|(_, term)| term).collect())
    }

    /// Finds packs that have one of the alternatives of each word, at least as the beginning of a word: first the one that is
    /// called what was typed, then those that have all in their names, then the rest.
    fn by_words(&self, sought: &Sought<'_>, filter: &Filter, page: Page) -> Result<Vec<Found>> {
        let Sought { words, alternatives, matched } = *sought;
        let any = |words: &Vec<String>| {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
            format!("({})", words.join(" OR "))
        };
        let expression = alternatives.iter().map(any).collect::<Vec<_>>().join(" AND ");
        let (condition, mut values) = filter.condition();
        values.push(Value::Text(words.join("-")));
        let name = values.len();
        let called =
            (format!("SELECT packs.id, -1e9 AS score FROM packs WHERE packs.name = ?{name} AND {condition}"), None);
        // A row of `packs` is looked at only where a filter needs that: a common word stands in many.
        let filtered = if condition == NO_CONDITION {
            String::new()
        } else {
            format!("AND EXISTS (SELECT 1 FROM packs WHERE packs.id = words.rowid AND {condition})")
        };
        let matching = format!(
            "SELECT words.rowid AS id, bm25(words, 10.0, 5.0, 1.0, 4.0, 2.0, 1.0) AS score FROM words
             WHERE words MATCH ?{} AND words.rowid NOT IN (SELECT id FROM packs WHERE packs.name = ?{name}) {filtered}
             LIMIT {RANKED}",
            name + 1
        );
        let in_name = format!("{{name}} : ({expression})");
        let elsewhere = format!("({expression}) NOT ({in_name})");
        let tiers = [called, (matching.clone(), Some(in_name)), (matching, Some(elsewhere))];
        let mut found = Vec::new();
        let mut skip = page.offset;
        for (query, expression) in tiers {
            let mut values = values.clone();
            values.extend(expression.map(Value::Text));
            if skip > 0 {
                let all = self.count(&query, &values)?;
                if all <= skip {
                    skip -= all;
                    continue;
                }
            }
            let limit = page.limit - found.len() as u64;
            let query = format!(
                "SELECT {COLUMNS} FROM (SELECT * FROM ({query}) ORDER BY score, id LIMIT {limit} OFFSET {skip}) AS hits
                 JOIN packs ON packs.id = hits.id ORDER BY hits.score, packs.name, packs.registry"
            );
            found.extend(self.found(&query, values, matched)?);
            skip = 0;
            if found.len() as u64 >= page.limit {
                break;
            }
        }
        Ok(found)
    }

    fn count(&self, query: &str, values: &[Value]) -> Result<u64> {
        let count: i64 = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM ({query})"))
            .and_then(|mut statement| statement.query_row(params_from_iter(values), |row| row.get(0)))
            .map_err(failed("search the index"))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn by_nearness(&self, words: &[String], filter: &Filter, page: Page) -> Result<Vec<Found>> {
        let grams: HashSet<String> = words.iter().flat_map(|word| trigrams(word)).collect();
        if grams.is_empty() {
            return Ok(Vec::new());
        }
        let mut grams: Vec<String> = grams.into_iter().map(|gram| format!("\"{gram}\"")).collect();
        grams.sort();
        let (condition, mut values) = filter.condition();
        values.push(Value::Text(grams.join(" OR ")));
        let query = format!(
            "SELECT {COLUMNS} FROM grams JOIN packs ON packs.id = grams.rowid
             WHERE grams MATCH ?{} AND {condition} ORDER BY rank LIMIT {CANDIDATES}",
            values.len()
        );
        let wanted = words.join("-");
        let mut ranked: BTreeMap<(usize, String, RegistryName), Found> = BTreeMap::new();
        for found in self.found(&query, values, Match::Near)? {
            let candidates = [found.pack.name.as_str()]
                .into_iter()
                .chain(found.pack.name.as_str().split('-'))
                .chain(found.pack.keywords.iter().map(String::as_str));
            if let Some(distance) = candidates.filter_map(|candidate| distance(&wanted, candidate)).min() {
                ranked.insert((distance, found.pack.name.to_string(), found.pack.registry.clone()), found);
            }
        }
        let (offset, limit) = (page.offset, page.limit);
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(ranked.into_values().skip(count(offset)).take(count(limit)).collect())
    }

    fn found(&self, query: &str, values: Vec<Value>, matched: Match) -> Result<Vec<Found>> {
        let mut statement = self.connection.prepare_cached(query).map_err(failed("search the index"))?;
        let rows = statement.query_map(params_from_iter(values), PackRow::read).map_err(failed("search the index"))?;
        rows.map(|row| Ok(Found { pack: row.map_err(failed("search the index"))?, matched })).collect()
    }
}

/// The words of a text: letters and digits, lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(MOST_WORDS).map(|word| word.chars().take(64).collect::<String>().to_lowercase()).collect()
}

fn trigrams(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.windows(3).map(|window| window.iter().collect()).collect()
}

/// How far two names are apart; none where they are not near.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let near = crate::text::nearest(wanted, [candidate])?;
    Some(osa_distance(wanted, near))
}
