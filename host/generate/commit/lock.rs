//! The lock of an output folder, `.packbox/lock`: one run writes at a time.
//!
//! Always true here: whoever holds the lock holds the file that stands at its name now; a lock that was removed while
//! somebody waited for it does not count. The lock ends with the process, however that ends.

use std::fs::{File, TryLockError};
use std::io::ErrorKind as IoKind;
use std::time::{Duration, Instant};

use super::folder::{Folder, Kind, identity};
use super::layout::{LOCK, METADATA};
use super::place::own_obstacle;
use super::steps::{StepName, Steps};
use crate::error::{Error, ErrorKind, Result};

/// How long a run waits for another one.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it sleeps in between.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock that is held, and the folder that it is in.
pub(super) struct FolderLock<'a> {
    root: &'a Folder,
    pub(super) metadata: Folder,
    _file: File,
}

impl<'a> FolderLock<'a> {
    /// Takes the lock, creating `.packbox` where there is none; waits for a short time.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where another run holds it; [`ErrorKind::OutsidePath`] where a link is in the way.
    pub(super) fn take(root: &'a Folder, steps: &Steps<'_>) -> Result<Self> {
        let start = Instant::now();
        loop {
            if let Some(lock) = Self::try_take(root, steps)? {
                return Ok(lock);
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::new(ErrorKind::Conflict, "another run of packbox is writing to the output folder")
                    .hint("wait until it is done, then run the command again"));
            }
            steps.go_on()?;
            std::thread::sleep(PAUSE);
        }
    }

    /// Takes the lock; none where another run holds it or is just giving it back.
    pub(super) fn try_take(root: &'a Folder, steps: &Steps<'_>) -> Result<Option<Self>> {
        let path = format!("{METADATA}/{LOCK}");
        let Some(metadata) = open_metadata(root, steps)? else { return Ok(None) };
        let kind = metadata.status(LOCK).ok().flatten().map(|status| status.kind);
        if !matches!(kind, None | Some(Kind::File)) {
            return Err(own_obstacle(&metadata, LOCK, &path, "open", IoKind::IsADirectory.into()));
        }
        steps
            .run(StepName::TakeLock, &path, || {
                let file = match metadata.open_lock(LOCK) {
                    Ok(file) => file,
                    // `.packbox` was removed meanwhile.
                    Err(error) if error.kind() == IoKind::NotFound => return Ok(None),
                    Err(error) => return Err(own_obstacle(&metadata, LOCK, &path, "open", error)),
                };
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(error)) => return Err(Error::io(format!("cannot lock `{path}`"), error)),
                }
                let io = |error| Error::io(format!("cannot look at `{path}`"), error);
                let held = identity(&file).map_err(io)?;
                let at_its_name = metadata.status(LOCK).map_err(io)?;
                let still_there = root.status(METADATA).map_err(io)?;
                let own = metadata.own_status().map_err(io)?;
                let is_current = at_its_name.is_some_and(|status| status.kind == Kind::File && status.identity == held)
                    && still_there.is_some_and(|status| status.identity.is_same_folder(own.identity));
                Ok(is_current.then_some((metadata, file)))
            })
            .map(|taken| taken.map(|(metadata, file)| Self { root, metadata, _file: file }))
    }

    /// Gives the lock back and removes `.packbox` where nothing is left in it.
    pub(super) fn give_back(self, steps: &Steps<'_>) {
        // What cannot be removed is harmless: the lock ends with the handle, an empty folder is nobody's.
        let _ = steps.run(StepName::RemoveLock, LOCK, || self.metadata.remove_file(LOCK));
        if self.metadata.list(1).is_ok_and(|names| names.is_empty()) {
            let _ = steps.run(StepName::RemoveMetadataFolder, METADATA, || self.root.remove_folder(METADATA));
        }
    }
}

fn open_metadata(root: &Folder, steps: &Steps<'_>) -> Result<Option<Folder>> {
    match root.open(METADATA) {
        Ok(metadata) => return Ok(Some(metadata)),
        Err(error) if error.kind() == IoKind::NotFound => {}
        Err(error) => return Err(own_obstacle(root, METADATA, METADATA, "open", error)),
    }
    match steps.run(StepName::CreateMetadataFolder, METADATA, || root.create(METADATA, false)) {
        Ok(()) => {}
        Err(error) if error.kind() == IoKind::AlreadyExists => {}
        Err(error) => return Err(Error::io(format!("cannot create `{METADATA}` in the output folder"), error)),
    }
    match root.open(METADATA) {
        Ok(metadata) => Ok(Some(metadata)),
        // Another run removed it again.
        Err(error) if error.kind() == IoKind::NotFound => Ok(None),
        Err(error) => Err(own_obstacle(root, METADATA, METADATA, "open", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::steps::NoObserver;
    use super::*;

    #[test]
    fn one_run_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let root = Folder::open_path(place.path()).unwrap();
        let never = || false;
        let steps = Steps::new(&NoObserver, &never);
        let lock = FolderLock::take(&root, &steps).unwrap();
        assert!(FolderLock::try_take(&root, &steps).unwrap().is_none());
        assert_eq!(FolderLock::take(&root, &steps).err().map(|error| error.kind()), Some(ErrorKind::Conflict));
        lock.give_back(&steps);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        FolderLock::take(&root, &steps).unwrap().give_back(&steps);
    }

    #[test]
    fn waiting_ends_with_an_interrupt() {
        let place = tempfile::tempdir().unwrap();
        let root = Folder::open_path(place.path()).unwrap();
        let always = || true;
        let steps = Steps::new(&NoObserver, &always);
        let _lock = FolderLock::take(&root, &steps).unwrap();
        assert_eq!(FolderLock::take(&root, &steps).err().map(|error| error.kind()), Some(ErrorKind::Interrupted));
    }

    #[test]
    #[cfg(unix)]
    fn links_and_folders_at_the_lock_are_refused() {
        let (place, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = Folder::open_path(place.path()).unwrap();
        let never = || false;
        let steps = Steps::new(&NoObserver, &never);
        let kind = || FolderLock::take(&root, &steps).err().map(|error| error.kind());
        std::os::unix::fs::symlink(outside.path(), place.path().join(METADATA)).unwrap();
        assert_eq!(kind(), Some(ErrorKind::OutsidePath));
        std::fs::remove_file(place.path().join(METADATA)).unwrap();
        std::fs::create_dir(place.path().join(METADATA)).unwrap();
        std::os::unix::fs::symlink(outside.path().join("made"), place.path().join(METADATA).join(LOCK)).unwrap();
        assert_eq!(kind(), Some(ErrorKind::OutsidePath));
        std::fs::remove_file(place.path().join(METADATA).join(LOCK)).unwrap();
        std::fs::create_dir(place.path().join(METADATA).join(LOCK)).unwrap();
        assert_eq!(kind(), Some(ErrorKind::Refused));
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
