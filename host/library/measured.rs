//! What packs cost when they were measured on this machine, by the digest of their content.
//!
//! Always true here: these are figures to show and nothing else; one that can't be read is none.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::files;

/// The most bytes of a file with figures that are read.
const LARGEST: u64 = 16 << 10;

/// What rendering all templates of a pack once cost, each in a fresh instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Figures {
    /// Calls: one for each template, and for each item of a `for_each`.
    pub calls: u64,
    /// Units of fuel, all calls together; the same on every machine for one version of packbox.
    pub fuel: u64,
    /// Wall time of all calls together, in nanoseconds.
    pub nanoseconds: u64,
    /// Wall time of the slowest call, in nanoseconds.
    pub slowest_nanoseconds: u64,
    /// The most bytes of memories and tables that one call had at once.
    pub memory: u64,
    /// Bytes of output, all calls together.
    pub bytes_out: u64,
    /// When it was measured, in seconds since 1970.
    pub when: u64,
}

/// The figures that were measured on this machine.
#[derive(Debug, Clone)]
pub struct Measurements {
    folder: PathBuf,
}

impl Measurements {
    /// Names the folder; nothing is made or read.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Gives what is known of a pack's content under this version of packbox.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<Figures> {
        serde_json::from_slice(&files::read_regular(&self.path(digest), LARGEST).ok()?).ok()
    }

    /// Keeps what was measured.
    ///
    /// # Errors
    /// `Io`.
    pub fn put(&self, digest: &Digest, figures: &Figures) -> Result<()> {
        let path = self.path(digest);
        let failed = |error| Error::io(format!("cannot write `{}`", path.display()), error);
        let text = serde_json::to_vec(figures).map_err(|error| failed(io::Error::other(error)))?;
        fs::create_dir_all(&self.folder).and_then(|()| files::replace(&path, &text)).map_err(failed)
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{digest}-{}.json", crate::version()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_kept_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let measurements = Measurements::new(folder.path().join("measured"));
        let digest = Digest::of(b"a pack");
        assert_eq!(measurements.get(&digest), None);
        let figures =
            Figures { calls: 2, fuel: 3, nanoseconds: 4, slowest_nanoseconds: 3, memory: 5, bytes_out: 6, when: 7 };
        measurements.put(&digest, &figures).unwrap();
        assert_eq!(measurements.get(&digest), Some(figures));
        assert_eq!(measurements.get(&Digest::of(b"another")), None);
        fs::write(measurements.path(&digest), "{").unwrap();
        assert_eq!(measurements.get(&digest), None);
    }
}
