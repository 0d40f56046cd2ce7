//! [`Folder`] over paths, for systems without directory handles (Windows): best effort. It is compiled nowhere today, and
//! waits for Windows, which comes as a whole, with tests that run.
//!
//! Always true here: before each step a look makes sure that no link stands at the folder or at the name. What is
//! weaker than on systems with handles: a link that is planted between the look and the step is followed, and the stage
//! that a killed run leaves beside a new output folder stays, because it cannot be told from that of a run that lives.
//! The output folder itself is old or new here, too.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::{Identity, Kind, LockState, Status};

/// A folder that was there, and was no link, when it was opened.
#[derive(Debug)]
pub(in super::super) struct Folder(PathBuf);

impl Folder {
    /// Opens a folder that the user named; links in the user's own path are followed.
    pub(in super::super) fn open_path(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        if !fs::metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self(path))
    }

    /// Opens the folder at a name; fails where a link or anything else stands there.
    pub(in super::super) fn open(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        let path = self.at(name.as_ref())?;
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self(path))
    }

    /// Creates a folder at a name where nothing stands.
    pub(in super::super) fn create(&self, name: impl AsRef<OsStr>, _private: bool) -> io::Result<()> {
        fs::create_dir(self.at(name.as_ref())?)
    }

    /// Says what stands at a name, without following a link.
    pub(in super::super) fn status(&self, name: impl AsRef<OsStr>) -> io::Result<Option<Status>> {
        match fs::symlink_metadata(self.at(name.as_ref())?) {
            Ok(metadata) => Ok(Some(status_of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Says what is known about this folder itself.
    pub(in super::super) fn own_status(&self) -> io::Result<Status> {
        Ok(status_of(&fs::symlink_metadata(&self.0)?))
    }

    /// Returns bytes that tell this folder from every other on this machine.
    pub(in super::super) fn binding(&self) -> io::Result<Vec<u8>> {
        Ok(fs::canonicalize(&self.0)?.into_os_string().into_encoded_bytes())
    }

    /// Creates a file at a name where nothing stands, for writing.
    pub(in super::super) fn create_file(&self, name: impl AsRef<OsStr>, _executable: bool) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.at(name.as_ref())?)
    }

    /// Opens a regular file for reading; fails where something else than `expected` stands at the name by now.
    pub(in super::super) fn open_file(&self, name: impl AsRef<OsStr>, expected: Identity) -> io::Result<File> {
        let path = self.at(name.as_ref())?;
        if status_of(&fs::symlink_metadata(&path)?).identity != expected {
            return Err(io::Error::other("it was replaced while it was read"));
        }
        File::open(path)
    }

    /// Opens the lock file at a name, creating it where there is none.
    pub(in super::super) fn open_lock(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let path = self.at(name.as_ref())?;
        if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is not a regular file"));
        }
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
    }

    /// Moves what stands at a name to a name where nothing stands.
    pub(in super::super) fn move_new(
        &self,
        name: impl AsRef<OsStr>,
        to: &Self,
        to_name: impl AsRef<OsStr>,
    ) -> io::Result<()> {
        let target = to.at(to_name.as_ref())?;
        if fs::symlink_metadata(&target).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(self.at(name.as_ref())?, target)
    }

    /// Renames a folder; what stands at the new name is replaced where it is an empty folder, else this fails.
    pub(in super::super) fn rename_folder(
        &self,
        name: impl AsRef<OsStr>,
        to_name: impl AsRef<OsStr>,
    ) -> io::Result<()> {
        let target = self.at(to_name.as_ref())?;
        if fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.is_dir()) {
            fs::remove_dir(&target)?;
        }
        self.move_new(name, self, to_name)
    }

    /// Removes what stands at a name, unless it is a folder.
    pub(in super::super) fn remove_file(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        fs::remove_file(self.at(name.as_ref())?)
    }

    /// Removes an empty folder.
    pub(in super::super) fn remove_folder(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        let path = self.at(name.as_ref())?;
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        fs::remove_dir(path)
    }

    /// Lists at most `limit` names, in no particular order.
    pub(in super::super) fn list(&self, limit: usize) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.take(limit).map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Gives this folder permission bits; such systems have none.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same signature as on systems with handles")]
    pub(in super::super) fn set_mode(&self, _mode: u32) -> io::Result<()> {
        Ok(())
    }

    /// Takes a lock on this folder; not possible without a handle.
    #[expect(clippy::unused_self, reason = "the same signature as on systems with handles")]
    pub(in super::super) fn try_lock(&self) -> LockState {
        LockState::Unsupported
    }

    /// The path of a name in this folder, which must still be a folder and no link.
    fn at(&self, name: &OsStr) -> io::Result<PathBuf> {
        let mut components = Path::new(name).components();
        if !matches!((components.next(), components.next()), (Some(Component::Normal(single)), None) if single == name)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain file name"));
        }
        if !fs::symlink_metadata(&self.0)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(self.0.join(name))
    }
}

/// Says which file is open.
pub(in super::super) fn identity(file: &File) -> io::Result<Identity> {
    Ok(status_of(&file.metadata()?).identity)
}

/// Says how many names a file has; as it is not known here, more than one.
#[expect(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
pub(in super::super) fn links(_file: &File) -> io::Result<u64> {
    Ok(2)
}

/// Says whether this process's user owns a file; taken for granted, as the standard library cannot tell.
pub(in super::super) fn is_ours(_status: &Status) -> bool {
    true
}

/// Makes a file's contents durable.
pub(in super::super) fn sync_file(file: &File) -> io::Result<()> {
    file.sync_data()
}

/// Gives a new file the permission bits of the one that it replaces; such systems have none.
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on systems with permission bits")]
pub(in super::super) fn keep_permissions(_file: &File, _old: Status, _executable: bool) -> io::Result<()> {
    Ok(())
}

fn status_of(metadata: &Metadata) -> Status {
    let kind = if metadata.is_symlink() {
        Kind::Link
    } else if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_file() {
        Kind::File
    } else {
        Kind::Special
    };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    // The time of creation stands in for the inode: it stays through a rename, and two files seldom share it.
    let created = metadata.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Status {
        kind,
        identity: Identity {
            device: 0,
            inode: u64::try_from(created.as_nanos()).unwrap_or(0),
            bytes: metadata.len(),
            seconds: i64::try_from(modified.as_secs()).unwrap_or(0),
            nanoseconds: modified.subsec_nanos(),
        },
        mode: 0,
        executable: None,
        owner: None,
    }
}
