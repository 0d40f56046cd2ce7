//! Taking in what happened in a registry.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::Index;
use super::failure::{anew, failed};
use crate::advice::said;
use crate::clock::seconds_now;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::registry::names::{PackVersion, RegistryName};
use crate::registry::release::Release;
use crate::registry::source::{Entry, Position, Source};
use crate::text;

/// What a sync found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Synced {
    /// Entries of the log that were new.
    pub entries: u64,
    /// Packs that they were about.
    pub packs: u64,
}

/// How far a registry was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryState {
    /// The registry.
    pub name: RegistryName,
    /// Where it is.
    pub location: String,
    /// When it was last read, in seconds since 1970.
    pub synced: u64,
    /// The packs that it has.
    pub packs: u64,
}

impl Index {
    /// Reads what is new in a registry.
    ///
    /// # Errors
    /// Those of [`Source::read`]; `Integrity` where a release became another, or where the registry is another than it
    /// was under this name; then nothing is taken in.
    pub fn sync(&mut self, name: &RegistryName, source: &dyn Source) -> Result<Synced> {
        let location = source.location();
        // Nothing is locked while a registry is read, which may take long; who was quicker is read on from.
        let (transaction, entries, end) = loop {
            let from = position(&self.connection, name, &location)?;
            let (entries, end) = source.read(&from)?;
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
                .map_err(failed("change the index"))?;
            if position(&transaction, name, &location)? == from {
                break (transaction, entries, end);
            }
        };
        let mut names = BTreeSet::new();
        for Entry { release, .. } in &entries {
            put(&transaction, name, &location, release)?;
            names.insert(release.name.clone());
        }
        for pack in &names {
            refresh(&transaction, name, pack)?;
        }
        let position = serde_json::to_string(&end).unwrap_or_default();
        transaction
            .execute(
                "INSERT INTO registries(name, location, position, synced) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT(name) DO UPDATE SET position = excluded.position, synced = excluded.synced",
                params![name.as_str(), location, position, i64::try_from(seconds_now()).unwrap_or(i64::MAX)],
            )
            .map_err(failed("change the index"))?;
        transaction.commit().map_err(failed("change the index"))?;
        Ok(Synced { entries: entries.len() as u64, packs: names.len() as u64 })
    }

    /// A place in a registry's log up to which there is nothing about a release: how far it was read where the release was
    /// not there, else the beginning.
    ///
    /// # Errors
    /// `Integrity` where the index is damaged, `Io`.
    pub fn place_before(&self, registry: &RegistryName, name: &PackName, version: &PackVersion) -> Result<Position> {
        // One statement, as others may be reading on.
        let position: Option<String> = self
            .connection
            .query_row(
                "SELECT position FROM registries WHERE name = ?1
                 AND NOT EXISTS (SELECT 1 FROM releases WHERE name = ?2 AND registry = ?1 AND version = ?3)",
                params![registry.as_str(), name.as_str(), version.to_string()],
                |row| row.get(0),
            )
            .optional()
            .map_err(failed("read the index"))?;
        position.map_or(Ok(Position::default()), |position| parse_position(&position))
    }

    /// Forgets a registry and everything that it has.
    ///
    /// # Errors
    /// `Io`, `Integrity`.
    pub fn forget(&mut self, name: &RegistryName) -> Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed("change the index"))?;
        for table in ["packs", "releases"] {
            let delete = format!("DELETE FROM {table} WHERE registry = ?1");
            transaction.execute(&delete, [name.as_str()]).map_err(failed("change the index"))?;
        }
        transaction
            .execute("DELETE FROM registries WHERE name = ?1", [name.as_str()])
            .map_err(failed("change the index"))?;
        transaction.commit().map_err(failed("change the index"))
    }

    /// Says how far each registry was read.
    ///
    /// # Errors
    /// `Io`, `Integrity`.
    pub fn registries(&self) -> Result<Vec<RegistryState>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT name, location, synced, (SELECT count(*) FROM packs WHERE registry = registries.name)
                 FROM registries ORDER BY name",
            )
            .map_err(failed("read the index"))?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
            })
            .map_err(failed("read the index"))?;
        let mut states = Vec::new();
        for row in rows {
            let (name, location, synced, packs) = row.map_err(failed("read the index"))?;
            let Ok(name) = name.parse() else { continue };
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            states.push(RegistryState { name, location, synced: count(synced), packs: count(packs) });
        }
        Ok(states)
    }
}

/// How far a registry was read.
fn position(connection: &Connection, name: &RegistryName, location: &str) -> Result<Position> {
    let known: Option<(String, String)> = connection
        .query_row("SELECT location, position FROM registries WHERE name = ?1", [name.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(failed("read the index"))?;
    match known {
        None => Ok(Position::default()),
        Some((before, _)) if before != location => Err(moved(name, &before, location)),
        Some((_, position)) => parse_position(&position),
    }
}

fn parse_position(text: &str) -> Result<Position> {
    serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorKind::Integrity, "the index is damaged").caused_by(error).hint(anew()))
}

/// Writes a release; one that is there keeps its content.
fn put(transaction: &Transaction<'_>, registry: &RegistryName, location: &str, release: &Release) -> Result<()> {
    let (name, version) = (release.name.as_str(), release.version.to_string());
    let digest = release.digest.to_string();
    let there: Option<String> = transaction
        .prepare_cached("SELECT digest FROM releases WHERE name = ?1 AND registry = ?2 AND version = ?3")
        .and_then(|mut statement| {
            statement.query_row(params![name, registry.as_str(), version], |row| row.get(0)).optional()
        })
        .map_err(failed("read the index"))?;
    if there.is_some_and(|there| there != digest) {
        let location = text::printable_line(location);
        return Err(Error::new(
            ErrorKind::Integrity,
            format!("the registry `{location}` now has other content for {name} {version} than before"),
        )
        .hint("a release never changes; tell the registry's owner"));
    }
    let json = serde_json::to_string(release)
        .map_err(|error| Error::new(ErrorKind::Io, "cannot write a release as JSON").caused_by(error))?;
    transaction
        .prepare_cached(
            "INSERT INTO releases(registry, name, version, yanked, digest, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT(name, registry, version) DO UPDATE SET yanked = excluded.yanked, json = excluded.json",
        )
        .and_then(|mut statement| {
            statement.execute(params![registry.as_str(), name, version, release.yanked, digest, json])
        })
        .map_err(failed("change the index"))?;
    Ok(())
}

/// Makes a pack's row anew: that of its newest release that is neither withdrawn nor a pre-release, if there is one.
fn refresh(transaction: &Transaction<'_>, registry: &RegistryName, name: &PackName) -> Result<()> {
    let mut statement = transaction
        .prepare_cached("SELECT version, yanked FROM releases WHERE name = ?1 AND registry = ?2")
        .map_err(failed("read the index"))?;
    let rows = statement
        .query_map(params![name.as_str(), registry.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .map_err(failed("read the index"))?;
    let mut best: Option<(bool, bool, PackVersion)> = None;
    for row in rows {
        let (version, yanked): (String, bool) = row.map_err(failed("read the index"))?;
        let Ok(version) = version.parse::<PackVersion>() else { continue };
        best = best.max(Some((!yanked, version.get().pre.is_empty(), version)));
    }
    transaction
        .prepare_cached("DELETE FROM packs WHERE name = ?1 AND registry = ?2")
        .and_then(|mut statement| statement.execute(params![name.as_str(), registry.as_str()]))
        .map_err(failed("change the index"))?;
    // A pack of which everything was withdrawn is not listed; a lock still finds its releases.
    let Some((true, _, version)) = best else { return Ok(()) };
    let json: String = transaction
        .prepare_cached("SELECT json FROM releases WHERE name = ?1 AND registry = ?2 AND version = ?3")
        .and_then(|mut statement| {
            statement.query_row(params![name.as_str(), registry.as_str(), version.to_string()], |row| row.get(0))
        })
        .map_err(failed("read the index"))?;
    let release: Release = serde_json::from_str(&json)
        .map_err(|error| Error::new(ErrorKind::Integrity, "the index is damaged").caused_by(error).hint(anew()))?;
    let about = &release.about;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let abi = about.abi().map(ToString::to_string).unwrap_or_default();
    transaction
        .prepare_cached(
            "INSERT INTO packs(registry, name, version, title, description, category, license, authors, keywords,
                               has_plugin, abi, published, score)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                registry.as_str(),
                name.as_str(),
                release.version.to_string(),
                text(&about.title),
                text(&about.description),
                text(&about.category),
                text(&about.license),
                about.authors.join("\n"),
                about.keywords.join("\n"),
                !about.plugins.is_empty(),
                abi,
                // Nothing was published in the future, whatever a registry says to come first.
                i64::try_from(release.published.min(seconds_now())).unwrap_or(i64::MAX),
                release.score,
            ])
        })
        .map_err(failed("change the index"))?;
    Ok(())
}

fn moved(name: &RegistryName, before: &str, now: &str) -> Error {
    let (before, now) = (text::printable_line(before), text::printable_line(now));
    Error::new(ErrorKind::Integrity, format!("the registry `{name}` was at `{before}`, and is at `{now}` now")).hint(
        said(
            format!("if that is on purpose: `packbox registry remove {name}`, then add it again"),
            "if that is on purpose: `Library::remove_registry`, then add it again".to_owned(),
        ),
    )
}
