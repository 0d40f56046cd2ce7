//! What the index knows: packs a page at a time, and the releases of one.

use rusqlite::{Row, params};
use serde::Serialize;

use super::Index;
use super::failure::{anew, failed};
use super::filter::Filter;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::registry::names::{PackVersion, RegistryName};
use crate::registry::release::Release;

/// A pack as a list shows it. Its texts are a stranger's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackRow {
    /// The registry that has it.
    pub registry: RegistryName,
    /// The pack.
    pub name: PackName,
    /// Its newest release.
    pub version: PackVersion,
    /// A name for people; empty where it has none.
    pub title: String,
    /// What one gets.
    pub description: String,
    /// Where a catalogue lists it.
    pub category: String,
    /// An SPDX expression.
    pub license: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Whether it ships components.
    pub has_plugin: bool,
    /// The newest ABI that one of them needs; empty where it ships none.
    pub abi: String,
    /// When the release was published, in seconds since 1970.
    pub published: u64,
    /// Its points of 100, as whoever published it measured them.
    pub score: Option<u32>,
}

/// What a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The first name.
    #[default]
    Name,
    /// The newest release.
    Updated,
    /// The most points; what has none comes last.
    Score,
}

impl Order {
    /// The columns, which tell every two packs apart: a page goes on where the one before it ended.
    const fn columns(self) -> &'static str {
        match self {
            Self::Name => "packs.name, packs.registry",
            Self::Updated => "packs.published DESC, packs.name, packs.registry",
            Self::Score => "packs.score DESC, packs.name, packs.registry",
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to leave out.
    pub offset: u64,
    /// How many to give.
    pub limit: u64,
}

/// A release, and the registry that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedRelease {
    /// The registry.
    pub registry: RegistryName,
    /// The release.
    pub release: Release,
}

impl std::fmt::Display for IndexedRelease {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.release.name, self.release.version)
    }
}

/// The columns that [`PackRow::read`] reads.
pub(super) const COLUMNS: &str = "packs.registry, packs.name, packs.version, packs.title, packs.description, \
     packs.category, packs.license, packs.authors, packs.keywords, packs.has_plugin, packs.abi, packs.published, packs.score";

impl PackRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
            let text: String = row.get(column)?;
            text.parse().map_err(|_| {
                let why = format!("column {column} holds an invalid value").into();
                rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, why)
            })
        }
        let lines = |column| -> rusqlite::Result<Vec<String>> {
            let text: String = row.get(column)?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        Ok(Self {
            registry: parsed(row, 0)?,
            name: parsed(row, 1)?,
            version: parsed(row, 2)?,
            title: row.get(3)?,
            description: row.get(4)?,
            category: row.get(5)?,
            license: row.get(6)?,
            authors: lines(7)?,
            keywords: lines(8)?,
            has_plugin: row.get(9)?,
            abi: row.get(10)?,
            published: u64::try_from(row.get::<_, i64>(11)?).unwrap_or(0),
            score: row.get(12)?,
        })
    }
}

impl Index {
    /// Lists packs, and says how many there are in all.
    ///
    /// # Errors
    /// `Integrity` where the index is damaged, `Io`.
    pub fn list(&self, filter: &Filter, order: Order, page: Page) -> Result<(Vec<PackRow>, u64)> {
        let (condition, values) = filter.condition();
        let total = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM packs WHERE {condition}"))
            .and_then(|mut statement| {
                statement.query_row(rusqlite::params_from_iter(&values), |row| row.get::<_, i64>(0))
            })
            .map_err(failed("read the index"))?;
        let (order, offset, limit) = (order.columns(), page.offset, page.limit);
        let query =
            format!("SELECT {COLUMNS} FROM packs WHERE {condition} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        let mut statement = self.connection.prepare_cached(&query).map_err(failed("read the index"))?;
        let rows = statement
            .query_map(rusqlite::params_from_iter(&values), PackRow::read)
            .map_err(failed("read the index"))?;
        let rows = rows.collect::<rusqlite::Result<_>>().map_err(failed("read the index"))?;
        Ok((rows, u64::try_from(total).unwrap_or(0)))
    }

    /// Gives all releases of a pack, in every registry or in one, the newest first; withdrawn ones, too.
    ///
    /// # Errors
    /// As [`Index::list`].
    pub fn releases(&self, name: &PackName, registry: Option<&RegistryName>) -> Result<Vec<IndexedRelease>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT registry, json FROM releases WHERE name = ?1 AND (?2 = '' OR registry = ?2)")
            .map_err(failed("read the index"))?;
        let rows = statement
            .query_map(params![name.as_str(), registry.map_or("", RegistryName::as_str)], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .map_err(failed("read the index"))?;
        let mut releases = Vec::new();
        for row in rows {
            let (registry, json) = row.map_err(failed("read the index"))?;
            let damaged =
                |why: String| Error::new(ErrorKind::Integrity, format!("the index is damaged: {why}")).hint(anew());
            let registry = registry.parse().map_err(|_| damaged("a registry's name is not valid".to_owned()))?;
            let release: Release = serde_json::from_str(&json)
                .map_err(|error| damaged(crate::text::printable_line(&error.to_string())))?;
            release.check().map_err(damaged)?;
            if release.name != *name {
                return Err(damaged("a release is filed under another name".to_owned()));
            }
            releases.push(IndexedRelease { registry, release });
        }
        releases.sort_by(|left, right| {
            right.release.version.cmp(&left.release.version).then_with(|| left.registry.cmp(&right.registry))
        });
        Ok(releases)
    }

    /// Names packs that begin with a text, for completion; at most `most`.
    ///
    /// # Errors
    /// As [`Index::list`].
    pub fn names(&self, prefix: &str, most: u32) -> Result<Vec<String>> {
        // Names hold a-z, 0-9 and - only, all of them below `{`.
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT name FROM packs WHERE name >= ?1 AND name < ?1 || '{' ORDER BY name LIMIT ?2",
            )
            .map_err(failed("read the index"))?;
        let rows = statement.query_map(params![prefix, most], |row| row.get(0)).map_err(failed("read the index"))?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed("read the index"))
    }
}
