//! The tables of the index, and how older ones become these.
//!
//! Always true here: everything in them comes from the logs of registries, and can be read from them again; but the places
//! up to which logs were read cannot, which is why the file is data and no cache.

use rusqlite::Connection;

use super::failure::{anew, failed};
use crate::error::{Error, ErrorKind, Result};

/// What makes a file of one version one of the next; the first makes an empty one.
const MIGRATIONS: &[&str] = &[
    r"
CREATE TABLE registries(
    name TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    position TEXT NOT NULL,
    synced INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE releases(
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    yanked INTEGER NOT NULL,
    digest TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY(name, registry, version)
) STRICT, WITHOUT ROWID;

-- One row for each pack of a registry: what its newest release says.
CREATE TABLE packs(
    id INTEGER PRIMARY KEY,
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    license TEXT NOT NULL,
    authors TEXT NOT NULL,
    keywords TEXT NOT NULL,
    has_plugin INTEGER NOT NULL,
    abi TEXT NOT NULL,
    published INTEGER NOT NULL,
    UNIQUE(name, registry)
) STRICT;
CREATE INDEX packs_by_category ON packs(category, name);
CREATE INDEX packs_by_registry ON packs(registry, name);

CREATE VIRTUAL TABLE words USING fts5(
    name, title, description, keywords, category, authors,
    content='packs', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3'
);
-- Every word that is in `words`, for those that are nearly typed right.
CREATE VIRTUAL TABLE terms USING fts5vocab(words, 'row');
CREATE VIRTUAL TABLE grams USING fts5(
    name, title, keywords,
    content='packs', content_rowid='id', tokenize='trigram', detail='none', columnsize=0
);
CREATE TRIGGER packs_added AFTER INSERT ON packs BEGIN
    INSERT INTO words(rowid, name, title, description, keywords, category, authors)
    VALUES (new.id, new.name, new.title, new.description, new.keywords, new.category, new.authors);
    INSERT INTO grams(rowid, name, title, keywords) VALUES (new.id, new.name, new.title, new.keywords);
END;
CREATE TRIGGER packs_removed AFTER DELETE ON packs BEGIN
    INSERT INTO words(words, rowid, name, title, description, keywords, category, authors)
    VALUES ('delete', old.id, old.name, old.title, old.description, old.keywords, old.category, old.authors);
    INSERT INTO grams(grams, rowid, name, title, keywords)
    VALUES ('delete', old.id, old.name, old.title, old.keywords);
END;
",
    r"
-- What a list may be ordered by. A release that an older packbox took in has no score.
ALTER TABLE packs ADD COLUMN score INTEGER;
CREATE INDEX packs_by_time ON packs(published DESC, name, registry);
CREATE INDEX packs_by_score ON packs(score DESC, name, registry);
",
];

/// Brings an index to the newest version.
///
/// # Errors
/// `Refused` where it was made by a newer packbox; `Integrity` where it is damaged; `Io`.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version = |connection: &Connection| -> Result<i64> {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed("read the index"))
    };
    let found = version(connection)?;
    if found == newest {
        return Ok(());
    }
    if found > newest {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("the index has the format {found}, but this packbox knows at most {newest}"),
        )
        .hint(format!("upgrade packbox; or {}", anew())));
    }
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed("change the index"))?;
    // Another process may have been quicker.
    let found = version(&transaction)?;
    for migration in &MIGRATIONS[usize::try_from(found).unwrap_or(0).min(MIGRATIONS.len())..] {
        transaction.execute_batch(migration).map_err(failed("make the index"))?;
    }
    transaction.pragma_update(None, "user_version", newest).map_err(failed("make the index"))?;
    transaction.commit().map_err(failed("make the index"))
}
