//! Putting a pack into the store.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Store, StoreLock};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::files::sync_folder;
use crate::pack::Pack;

impl Store {
    /// Takes the content of a pack and returns its digest. Nothing is written where it is here already.
    ///
    /// # Errors
    /// Those of [`Pack::read`]; `Io` where it can't be written. Then nothing of it is visible.
    pub fn put(&self, _lock: &StoreLock, pack: &Pack) -> Result<Digest> {
        let digest = pack.digest()?;
        let place = self.path_of(&digest);
        if place.is_dir() {
            return Ok(digest);
        }
        let failed = |error| Error::io(format!("cannot put a pack into the store at `{}`", place.display()), error);
        let packs = self.folder.join("packs");
        fs::create_dir_all(&packs).map_err(failed)?;
        let stage = Stage::make(&self.folder.join("stage")).map_err(failed)?;
        self.steps.next("stage");
        for (path, info) in &*pack.files {
            let contents = pack.read(path)?;
            write(&stage.folder, path.as_str(), &contents, info.executable).map_err(failed)?;
            self.steps.next("file");
        }
        sync_folders(&stage.folder).map_err(failed)?;
        self.steps.next("rename");
        match fs::rename(&stage.folder, &place) {
            Ok(()) => {
                self.steps.next("sync");
                sync_folder(&packs).map_err(failed)?;
            }
            // Another process was quicker; what stands there is the same.
            Err(_) if place.is_dir() => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(digest)
    }
}

/// A folder that is gone when nobody moved it.
struct Stage {
    folder: PathBuf,
}

impl Stage {
    fn make(above: &Path) -> io::Result<Self> {
        fs::create_dir_all(above)?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let folder = above.join(format!("{:032x}", u128::from_le_bytes(random)));
        fs::create_dir(&folder)?;
        Ok(Self { folder })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Writes a file below a folder that nobody else knows of. `path` is a pack's: relative, and without `..`.
fn write(folder: &Path, path: &str, contents: &[u8], executable: bool) -> io::Result<()> {
    let path = folder.join(path);
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if executable { 0o555 } else { 0o444 });
    }
    #[cfg(not(unix))]
    let _ = executable;
    let mut file = options.open(path)?;
    file.write_all(contents)?;
    file.sync_data()
}

/// Makes the names below a folder durable.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}
