//! The lock of an output folder, `.packbox/lock`: one run writes at a time.
//!
//! Always true here: whoever holds the lock holds the file that stands at its name now; a lock that was removed while
//! somebody waited for it does not count. The lock ends with the process, however that ends.

use std::fs::{File, TryLockError};
use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::time::{Duration, Instant};

use super::folder::{Folder, Kind, identity};
use super::holder;
use super::layout::{LOCK, METADATA};
use super::place::{Place, own_obstacle};
use super::steps::{StepName, StepObserver, Steps};
use crate::error::{Error, ErrorKind, Result};

/// How long a run waits for another one: longer than writing takes, and not so long that a CI hangs at a run that is stuck.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });
/// After how long it is told: who is done at once is not worth a word.
const TELL_AFTER: Duration = Duration::from_millis(300);
/// How long it sleeps in between.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock that is held, and the folder that it is in.
pub(super) struct FolderLock<'a> {
    root: &'a Folder,
    pub(super) metadata: Folder,
    _file: File,
}

/// What became of an attempt.
enum Attempt<'a> {
    Taken(FolderLock<'a>),
    /// Another run holds it, in this file.
    Busy(File),
    /// Another run is just giving it back.
    Gone,
}

/// A time of waiting for another run.
struct Wait<'s> {
    steps: &'s Steps<'s>,
    begun: Instant,
    patience: Duration,
    is_told: bool,
}

/// Waits until no other run writes to an output folder, as far as its lock says; tells whether one did. Nothing is written.
///
/// # Errors
/// [`ErrorKind::Conflict`] with who it is, where that takes too long; [`ErrorKind::Interrupted`].
pub fn await_writer(out: &Path, observer: &dyn StepObserver, interrupted: &dyn Fn() -> bool) -> Result<bool> {
    let steps = Steps::new(observer, interrupted);
    let mut wait = Wait::new(&steps, PATIENCE);
    let mut has_waited = false;
    // What else is wrong with the folder is told by who looks into it.
    while let Ok(Place::Present(root)) = Place::find(out)
        && let Some(file) = held(&root)
    {
        has_waited = true;
        wait.a_moment(|| holder::told(&file))?;
    }
    Ok(has_waited)
}

/// The lock file, where somebody holds it.
fn held(root: &Folder) -> Option<File> {
    let metadata = root.open(METADATA).ok()?;
    let status = metadata.status(LOCK).ok()?.filter(|status| status.kind == Kind::File)?;
    let file = metadata.open_file(LOCK, status.identity).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then_some(file)
}

impl<'s> Wait<'s> {
    fn new(steps: &'s Steps<'s>, patience: Duration) -> Self {
        Self { steps, begun: Instant::now(), patience, is_told: false }
    }

    /// Sleeps for a moment.
    fn a_moment(&mut self, who: impl FnOnce() -> String) -> Result<()> {
        let waited = self.begun.elapsed();
        if waited > self.patience {
            let who = who();
            let detail = format!("another run of packbox is writing to the output folder: {who}");
            return Err(Error::new(ErrorKind::Conflict, detail)
                .hint("wait until it is done, or end it, then run the command again; nothing was written"));
        }
        if !self.is_told && waited > TELL_AFTER {
            self.is_told = true;
            self.steps.waits(&who());
        }
        self.steps.go_on()?;
        std::thread::sleep(PAUSE);
        Ok(())
    }
}

impl<'a> FolderLock<'a> {
    /// Takes the lock, creating `.packbox` where there is none; waits for a while.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] where another run holds it; [`ErrorKind::OutsidePath`] where a link is in the way;
    /// [`ErrorKind::Interrupted`].
    pub(super) fn take(root: &'a Folder, steps: &Steps<'_>) -> Result<Self> {
        Self::take_within(root, steps, PATIENCE)
    }

    fn take_within(root: &'a Folder, steps: &Steps<'_>, patience: Duration) -> Result<Self> {
        let mut wait = Wait::new(steps, patience);
        loop {
            match Self::attempt(root, steps)? {
                Attempt::Taken(lock) => return Ok(lock),
                Attempt::Busy(file) => wait.a_moment(|| holder::told(&file))?,
                Attempt::Gone => wait.a_moment(|| "it is about to end".to_owned())?,
            }
        }
    }

    /// Takes the lock; none where another run holds it or is just giving it back.
    pub(super) fn try_take(root: &'a Folder, steps: &Steps<'_>) -> Result<Option<Self>> {
        Ok(match Self::attempt(root, steps)? {
            Attempt::Taken(lock) => Some(lock),
            Attempt::Busy(_) | Attempt::Gone => None,
        })
    }

    fn attempt(root: &'a Folder, steps: &Steps<'_>) -> Result<Attempt<'a>> {
        let path = format!("{METADATA}/{LOCK}");
        let Some(metadata) = open_metadata(root, steps)? else { return Ok(Attempt::Gone) };
        let kind = metadata.status(LOCK).ok().flatten().map(|status| status.kind);
        if !matches!(kind, None | Some(Kind::File)) {
            return Err(own_obstacle(&metadata, LOCK, &path, "open", IoKind::IsADirectory.into()));
        }
        steps.run(StepName::TakeLock, &path, || {
            let file = match metadata.open_lock(LOCK) {
                Ok(file) => file,
                // `.packbox` was removed meanwhile.
                Err(error) if error.kind() == IoKind::NotFound => return Ok(Attempt::Gone),
                Err(error) => return Err(own_obstacle(&metadata, LOCK, &path, "open", error)),
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Attempt::Busy(file)),
                Err(TryLockError::Error(error)) => return Err(Error::io(format!("cannot lock `{path}`"), error)),
            }
            let io = |error| Error::io(format!("cannot look at `{path}`"), error);
            let held = identity(&file).map_err(io)?;
            let at_its_name = metadata.status(LOCK).map_err(io)?;
            let still_there = root.status(METADATA).map_err(io)?;
            let own = metadata.own_status().map_err(io)?;
            let is_current = at_its_name.is_some_and(|status| status.kind == Kind::File && status.identity == held)
                && still_there.is_some_and(|status| status.identity.is_same_folder(own.identity));
            if !is_current {
                return Ok(Attempt::Gone);
            }
            // For who waits; where it can't be written, the lock is held all the same.
            let _ = holder::write(&file);
            Ok(Attempt::Taken(Self { root, metadata, _file: file }))
        })
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
        let busy = FolderLock::take_within(&root, &steps, Duration::from_millis(50)).err().unwrap();
        assert_eq!(busy.kind(), ErrorKind::Conflict);
        if cfg!(target_os = "linux") {
            let process = std::process::id();
            assert!(busy.to_string().contains(&format!("process {process} (`")), "{busy}");
            assert!(busy.to_string().contains(", since 2"), "{busy}");
        }
        lock.give_back(&steps);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        FolderLock::take(&root, &steps).unwrap().give_back(&steps);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_has_another_name_is_not_written_to() {
        let place = tempfile::tempdir().unwrap();
        let root = Folder::open_path(place.path()).unwrap();
        let never = || false;
        let steps = Steps::new(&NoObserver, &never);
        std::fs::create_dir(place.path().join(METADATA)).unwrap();
        std::fs::write(place.path().join("mine"), "mine\n").unwrap();
        std::fs::hard_link(place.path().join("mine"), place.path().join(METADATA).join(LOCK)).unwrap();
        let lock = FolderLock::take(&root, &steps).unwrap();
        assert_eq!(std::fs::read(place.path().join("mine")).unwrap(), b"mine\n");
        lock.give_back(&steps);
        assert_eq!(std::fs::read(place.path().join("mine")).unwrap(), b"mine\n");
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
