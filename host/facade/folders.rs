//! Where packbox keeps things: what can be made anew, and what belongs to this machine and user.
//!
//! Always true here: nothing is made or read before a key is asked for.

use std::path::{Path, PathBuf};

use crate::engine::{CacheKeySource, CacheLocation, bound_key};
use crate::error::Result;
use crate::generate::commit::JournalKey;

/// Where packbox keeps things.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Compiled code; may be deleted at any time.
    pub cache: PathBuf,
    /// Keys.
    pub state: PathBuf,
    /// What the user says about registries.
    pub config: PathBuf,
    /// Installed packs, and what is known of registries.
    pub data: PathBuf,
}

impl Folders {
    /// All of them in one home.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        let [cache, state, config, data] = ["cache", "state", "config", "data"].map(|name| home.join(name));
        Self { cache, state, config, data }
    }

    /// Where compiled code is kept, with a key of this machine.
    #[must_use]
    pub fn compiled(&self) -> CacheLocation {
        let key = CacheKeySource::File(self.state.join("cache.key"));
        CacheLocation { folder: self.cache.join("compiled"), key }
    }

    /// The key that journals are signed with.
    ///
    /// # Errors
    /// `Io` where it can't be read or made.
    pub fn journal_key(&self) -> Result<JournalKey> {
        bound_key(&self.state.join("journal.key"), "packbox journal key 1").map(JournalKey::from_bytes)
    }
}
