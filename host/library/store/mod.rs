//! The content of installed packs on disk: one folder for each digest, unpacked once, and never changed.
//!
//! ```text
//! store/lock               held shared while something is installed, alone by what removes
//! store/packs/DIGEST/      the files of a pack; there only when complete
//! store/stage/…            what is being written, or was when its process was killed
//! ```
//!
//! Always true here: a pack appears by one rename, complete and on the disk; what stands in `packs/` is not written to
//! again; nothing is removed while another process installs. What a killed process left lies in `stage/` until `clean`.

mod collect;
mod put;
mod verify;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use collect::Freed;
pub(super) use collect::list;
pub use verify::{Fault, StoreReport};

use super::steps::Steps;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Kept, Pack, PackLimits};

/// The packs that are here.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    steps: Steps,
}

/// Keeps what removes packs away, or, held alone, everyone.
#[derive(Debug)]
pub struct StoreLock {
    /// Unlocked when it is closed.
    _file: File,
}

impl Kept for StoreLock {}

/// Whether the system says that nothing can be written there.
fn is_read_only(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind.is_some_and(|kind| matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem))
}

impl Store {
    /// Names the folder of a store; nothing is made or read.
    #[must_use]
    pub const fn new(folder: PathBuf, steps: Steps) -> Self {
        Self { folder, steps }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until nobody removes packs, and keeps it so: for whoever installs, from the first byte to the reference.
    ///
    /// # Errors
    /// `Io` where the store can't be made or locked.
    pub fn lock_shared(&self) -> Result<StoreLock> {
        self.lock(File::try_lock_shared, File::lock_shared)
    }

    /// Waits until nobody installs, and keeps it so.
    ///
    /// # Errors
    /// `Io` where the store can't be made or locked.
    pub fn lock_alone(&self) -> Result<StoreLock> {
        self.lock(File::try_lock, File::lock)
    }

    /// [`Store::lock_shared`], for who reads only: none where the store can't be written to, and so has no lock, nor anybody
    /// to wait for.
    ///
    /// # Errors
    /// `Io` where the store can't be locked.
    pub fn lock_to_read(&self) -> Result<Option<StoreLock>> {
        let path = self.folder.join("lock");
        let failed = |error| Error::io(format!("cannot lock the store in `{}`", self.folder.display()), error);
        match crate::files::open_regular(&path) {
            Ok(file) => self.wait(file, File::try_lock_shared, File::lock_shared).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.lock_shared() {
                Err(error) if error.body().source.as_deref().is_some_and(is_read_only) => Ok(None),
                locked => locked.map(Some),
            },
            Err(error) => Err(failed(error)),
        }
    }

    fn lock(
        &self,
        at_once: impl FnOnce(&File) -> Result<(), TryLockError>,
        lock: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<StoreLock> {
        let failed = |error| Error::io(format!("cannot lock the store in `{}`", self.folder.display()), error);
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let path = self.folder.join("lock");
        let file = crate::files::open_to_change(&path).map_err(failed)?;
        self.wait(file, at_once, lock)
    }

    fn wait(
        &self,
        file: File,
        at_once: impl FnOnce(&File) -> Result<(), TryLockError>,
        lock: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<StoreLock> {
        let failed = |error| Error::io(format!("cannot lock the store in `{}`", self.folder.display()), error);
        match at_once(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                tracing::info!("waiting for another process that uses the store");
                lock(&file).map_err(failed)?;
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(StoreLock { _file: file })
    }

    /// Says whether a pack is here.
    #[must_use]
    pub fn has(&self, digest: &Digest) -> bool {
        self.path_of(digest).is_dir()
    }

    /// The folder in which a pack is, or would be.
    #[must_use]
    pub fn path_of(&self, digest: &Digest) -> PathBuf {
        self.folder.join("packs").join(digest.to_string())
    }

    /// Opens a pack and compares its content with its digest.
    ///
    /// # Errors
    /// `NotFound` where it is not here; `Integrity` where it was changed; those of [`Pack::load`].
    pub fn open(&self, digest: &Digest, limits: &PackLimits) -> Result<Pack> {
        let folder = self.path_of(digest);
        if !folder.is_dir() {
            return Err(Error::new(ErrorKind::NotFound, format!("the pack with the digest {digest} is not installed"))
                .hint("install it: `packbox install NAME`"));
        }
        let pack = Pack::load(&folder, limits)?;
        if pack.digest()? == *digest {
            return Ok(pack);
        }
        Err(Error::new(ErrorKind::Integrity, format!("the store's `{}` was changed", folder.display()))
            .hint("remove that folder and install the pack again; `packbox doctor --store` checks all of them"))
    }
}
