//! A registry in a folder that a `file://` address names.
//!
//! Always true here: it differs from a folder by its name only.

use std::path::Path;

use super::{DirectorySource, Entry, Position, Published, Source};
use crate::error::Result;
use crate::pack::PackName;
use crate::registry::names::PackVersion;
use crate::registry::release::Release;

/// A registry in a folder that a `file://` address names.
pub struct FileUrlSource {
    folder: DirectorySource,
}

impl FileUrlSource {
    /// Opens it.
    ///
    /// # Errors
    /// Those of [`DirectorySource::open`].
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self { folder: DirectorySource::open(folder)? })
    }
}

impl Source for FileUrlSource {
    fn location(&self) -> String {
        format!("file://{}", self.folder.location())
    }

    fn read(&self, after: &Position) -> Result<(Vec<Entry>, Position)> {
        self.folder.read(after)
    }

    fn fetch(&self, release: &Release, progress: &dyn Fn(u64)) -> Result<Vec<u8>> {
        self.folder.fetch(release, progress)
    }

    fn publish(&self, after: &Position, release: &Release, archive: &[u8]) -> Result<Published> {
        self.folder.publish(after, release, archive)
    }

    fn yank(&self, name: &PackName, version: &PackVersion, yanked: bool) -> Result<Published> {
        self.folder.yank(name, version, yanked)
    }
}
