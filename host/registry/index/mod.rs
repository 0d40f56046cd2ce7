//! What all registries have, in one file that answers at once: SQLite with full-text search.
//!
//! Always true here: rows are a stranger's text, checked again when they are read; one transaction takes in what a log
//! says, or nothing of it.

mod failure;
mod filter;
mod query;
mod schema;
mod search;
mod sync;

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use filter::Filter;
pub use query::{IndexedRelease, Order, PackRow, Page};
pub use search::{Found, Match};
pub use sync::{RegistryState, Synced};

use failure::failed;

use crate::error::{Error, Result};

/// How long one process waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The index.
pub struct Index {
    connection: Connection,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Index").finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index in a file, and makes it where there is none.
    ///
    /// # Errors
    /// `Refused` where a newer packbox made it; `Integrity` where it is damaged; `Io`.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| Error::io(format!("cannot make `{}`", folder.display()), error))?;
        }
        let begin = Instant::now();
        let mut connection = loop {
            match connect(path) {
                // Whoever makes the file changes its journal's mode, and nobody is told to wait for that.
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && begin.elapsed() < PATIENCE =>
                {
                    std::thread::sleep(Duration::from_millis(10));
                }
                connection => break connection.map_err(failed("open the index"))?,
            }
        };
        schema::migrate(&mut connection)?;
        Ok(Self { connection })
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
    )?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
