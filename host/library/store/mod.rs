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
use std::time::Duration;

pub use collect::Freed;
pub(super) use collect::list;
pub use verify::{Fault, StoreReport};

use super::steps::Steps;
use super::waiting::Waiting;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Kept, Pack, PackLimits};

/// Time between two looks at a lock that others hold.
const PAUSE: Duration = Duration::from_millis(20);

/// The packs that are here.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    steps: Steps,
    waiting: Waiting,
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
    pub const fn new(folder: PathBuf, steps: Steps, waiting: Waiting) -> Self {
        Self { folder, steps, waiting }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until nobody removes packs, and keeps it so: for whoever installs, from the first byte to the reference.
    ///
    /// # Errors
    /// `Io` where the store can't be made or locked; `Interrupted`.
    pub fn lock_shared(&self) -> Result<StoreLock> {
        self.lock(File::try_lock_shared)
    }

    /// Waits until nobody installs, nor uses an installed pack, and keeps it so.
    ///
    /// # Errors
    /// `Io` where the store can't be made or locked; `Interrupted`.
    pub fn lock_alone(&self) -> Result<StoreLock> {
        self.lock(File::try_lock)
    }

    /// [`Store::lock_shared`], for who reads only: none where there is no store yet, and where it has no lock and can't be
    /// written to.
    ///
    /// # Errors
    /// `Io` where the store can't be locked; `Interrupted`.
    pub fn lock_to_read(&self) -> Result<Option<StoreLock>> {
        match crate::files::open_regular(&self.folder.join("lock")) {
            Ok(file) => self.wait(file, File::try_lock_shared).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.folder.exists() => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.lock_shared() {
                Err(error) if error.body().source.as_deref().is_some_and(is_read_only) => Ok(None),
                locked => locked.map(Some),
            },
            Err(error) => Err(self.unlockable(error)),
        }
    }

    fn lock(&self, take: fn(&File) -> Result<(), TryLockError>) -> Result<StoreLock> {
        fs::create_dir_all(&self.folder).map_err(|error| self.unlockable(error))?;
        let file = crate::files::open_to_change(&self.folder.join("lock")).map_err(|error| self.unlockable(error))?;
        self.wait(file, take)
    }

    /// Takes a lock as soon as nobody is in its way.
    fn wait(&self, file: File, take: fn(&File) -> Result<(), TryLockError>) -> Result<StoreLock> {
        let mut told = false;
        loop {
            match take(&file) {
                Ok(()) => return Ok(StoreLock { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(self.unlockable(error)),
            }
            if !std::mem::replace(&mut told, true) {
                self.waiting.tell();
            }
            self.waiting.interrupt.go_on()?;
            std::thread::sleep(PAUSE);
        }
    }

    fn unlockable(&self, error: io::Error) -> Error {
        Error::io(format!("cannot lock the store in `{}`", self.folder.display()), error)
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

    /// Opens a pack, which messages call `label`, and compares its content with its digest.
    ///
    /// # Errors
    /// `NotFound` where it is not here; `Integrity` where it was changed; those of [`Pack::load`].
    pub fn open(&self, digest: &Digest, label: &str, limits: &PackLimits) -> Result<Pack> {
        let folder = self.path_of(digest);
        if !folder.is_dir() {
            return Err(Error::new(ErrorKind::NotFound, format!("the pack with the digest {digest} is not installed"))
                .hint(said("install it: `packbox install NAME`", "install it with `Library::install`")));
        }
        let pack = Pack::load_as(label, &folder, limits)?;
        if pack.digest()? == *digest {
            return Ok(pack);
        }
        Err(Error::new(ErrorKind::Integrity, format!("the store's `{}` was changed", folder.display())).hint(said(
            "remove that folder and install the pack again; `packbox doctor --store` checks all of them",
            "remove that folder and install the pack again",
        )))
    }
}
