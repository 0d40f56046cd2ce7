//! The lock of a cache entry: whoever compiles a component holds it, so that no other process compiles it, too.
//!
//! Always true here: the kernel gives the lock back when its holder ends, however it ends; where there are no locks, nobody
//! waits. What is beside the lock is checked as if there were none: it saves work and guards nothing.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

/// What became of an attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It is held until it is dropped.
    Taken(EntryLock),
    /// Somebody else holds it.
    Busy,
    /// It can't be had here.
    Unsupported,
}

/// A lock that is held.
#[derive(Debug)]
pub(super) struct EntryLock {
    path: PathBuf,
    /// Closing it gives the lock back.
    _file: File,
}

impl Attempt {
    /// Tries to take the lock at a path, without waiting.
    pub(super) fn at(path: &Path) -> Self {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::open(path, flags, Mode::from_raw_mode(0o600)).map(File::from) else {
            return Self::Unsupported;
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Self::Busy,
            Err(_) => return Self::Unsupported,
        }
        // Its last holder may have taken the file away between the two calls.
        let inode = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        let own = file.metadata().map(inode).ok();
        if own.is_none() || path.symlink_metadata().map(inode).ok() != own {
            return Self::Busy;
        }
        Self::Taken(EntryLock { path: path.to_owned(), _file: file })
    }
}

impl Drop for EntryLock {
    fn drop(&mut self) {
        // While it is held, so that nobody else's is taken away.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_nothing_is_left() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lock");
        for _ in 0..2 {
            let held = Attempt::at(&path);
            assert!(matches!(held, Attempt::Taken(_)));
            assert!(matches!(Attempt::at(&path), Attempt::Busy));
        }
        assert!(!path.exists());
        std::os::unix::fs::symlink(place.path().join("elsewhere"), &path).unwrap();
        assert!(matches!(Attempt::at(&path), Attempt::Unsupported));
        assert!(matches!(Attempt::at(&place.path().join("none/lock")), Attempt::Unsupported));
    }
}
