//! [`Folder`] over directory handles (Linux, macOS and other Unix systems).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::{Identity, Kind, LockState, Status};

/// What systems say where a file cannot have a second link.
const TWO_LINKS_REFUSED: [Errno; 6] =
    [Errno::PERM, Errno::ACCESS, Errno::MLINK, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];

/// An open folder.
#[derive(Debug)]
pub(in super::super) struct Folder(OwnedFd);

impl Folder {
    /// Opens a folder that the user named; links in the user's own path are followed.
    pub(in super::super) fn open_path(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(retry_on_intr(|| rustix::fs::openat(CWD, path, flags, Mode::empty()))?))
    }

    /// Opens the folder at a name; fails where a link or anything else stands there.
    pub(in super::super) fn open(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        let name = single(name.as_ref())?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(retry_on_intr(|| rustix::fs::openat(&self.0, name, flags, Mode::empty()))?))
    }

    /// Creates a folder at a name where nothing stands; `private`: for this user only.
    pub(in super::super) fn create(&self, name: impl AsRef<OsStr>, private: bool) -> io::Result<()> {
        let mode = if private { 0o700 } else { 0o777 };
        Ok(rustix::fs::mkdirat(&self.0, single(name.as_ref())?, Mode::from_raw_mode(mode))?)
    }

    /// Says what stands at a name, without following a link.
    pub(in super::super) fn status(&self, name: impl AsRef<OsStr>) -> io::Result<Option<Status>> {
        match rustix::fs::statat(&self.0, single(name.as_ref())?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(status_of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what is known about this folder itself.
    pub(in super::super) fn own_status(&self) -> io::Result<Status> {
        Ok(status_of(&rustix::fs::fstat(&self.0)?))
    }

    /// Returns bytes that tell this folder from every other on this machine.
    pub(in super::super) fn binding(&self) -> io::Result<Vec<u8>> {
        let identity = self.own_status()?.identity;
        Ok([identity.device.to_le_bytes(), identity.inode.to_le_bytes()].concat())
    }

    /// Creates a file at a name where nothing stands, for writing.
    pub(in super::super) fn create_file(&self, name: impl AsRef<OsStr>, executable: bool) -> io::Result<File> {
        let name = single(name.as_ref())?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(if executable { 0o777 } else { 0o666 });
        Ok(File::from(retry_on_intr(|| rustix::fs::openat(&self.0, name, flags, mode))?))
    }

    /// Opens a regular file for reading; fails where something else than `expected` stands at the name by now.
    pub(in super::super) fn open_file(&self, name: impl AsRef<OsStr>, expected: Identity) -> io::Result<File> {
        let name = single(name.as_ref())?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(retry_on_intr(|| rustix::fs::openat(&self.0, name, flags, Mode::empty()))?);
        if identity(&file)? != expected {
            return Err(io::Error::other("it was replaced while it was read"));
        }
        Ok(file)
    }

    /// Opens the lock file at a name, creating it where there is none.
    pub(in super::super) fn open_lock(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let name = single(name.as_ref())?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(retry_on_intr(|| rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(0o666)))?))
    }

    /// Moves what stands at a name to a name where nothing stands.
    pub(in super::super) fn move_new(
        &self,
        name: impl AsRef<OsStr>,
        to: &Self,
        to_name: impl AsRef<OsStr>,
    ) -> io::Result<()> {
        let (name, to_name) = (single(name.as_ref())?, single(to_name.as_ref())?);
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(&self.0, name, &to.0, to_name, rustix::fs::RenameFlags::NOREPLACE) {
            // The kernel or the file system does not know the flag.
            Err(error) if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error) => {}
            result => return Ok(result?),
        }
        self.move_new_in_two_steps(name, to, to_name)
    }

    /// Moves without a flag of the kernel: a file through a second link to it, anything else after a look.
    pub(in super::super) fn move_new_in_two_steps(&self, name: &OsStr, to: &Self, to_name: &OsStr) -> io::Result<()> {
        match rustix::fs::linkat(&self.0, name, &to.0, to_name, AtFlags::empty()) {
            Ok(()) => return Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?),
            // A folder, a file that may not have a second link, or a file system without links.
            Err(error) if TWO_LINKS_REFUSED.contains(&error) => {}
            Err(error) => return Err(error.into()),
        }
        if to.status(to_name)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(rustix::fs::renameat(&self.0, name, &to.0, to_name)?)
    }

    /// Renames a folder; what stands at the new name is replaced where it is an empty folder, else this fails.
    pub(in super::super) fn rename_folder(
        &self,
        name: impl AsRef<OsStr>,
        to_name: impl AsRef<OsStr>,
    ) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, single(name.as_ref())?, &self.0, single(to_name.as_ref())?)?)
    }

    /// Removes what stands at a name, unless it is a folder.
    pub(in super::super) fn remove_file(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, single(name.as_ref())?, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(in super::super) fn remove_folder(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, single(name.as_ref())?, AtFlags::REMOVEDIR)?)
    }

    /// Lists at most `limit` names, in no particular order.
    pub(in super::super) fn list(&self, limit: usize) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                names.push(OsStr::from_bytes(name).to_owned());
            }
            if names.len() >= limit {
                break;
            }
        }
        Ok(names)
    }

    /// Gives this folder permission bits.
    pub(in super::super) fn set_mode(&self, mode: u32) -> io::Result<()> {
        let mode = rustix::fs::RawMode::try_from(mode).map_err(io::Error::other)?;
        Ok(rustix::fs::fchmod(&self.0, Mode::from_raw_mode(mode))?)
    }

    /// Takes a lock on this folder that lasts as long as the handle.
    pub(in super::super) fn try_lock(&self) -> LockState {
        match rustix::fs::flock(&self.0, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => LockState::Taken,
            Err(Errno::WOULDBLOCK) => LockState::Busy,
            Err(_) => LockState::Unsupported,
        }
    }
}

/// Says which file is open.
pub(in super::super) fn identity(file: &File) -> io::Result<Identity> {
    Ok(status_of(&rustix::fs::fstat(file)?).identity)
}

/// Says how many names a file has.
pub(in super::super) fn links(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(file.metadata()?.nlink())
}

/// Says whether this process's user owns a file.
pub(in super::super) fn is_ours(status: &Status) -> bool {
    status.owner == Some(rustix::process::geteuid().as_raw())
}

/// Makes a file's contents durable.
pub(in super::super) fn sync_file(file: &File) -> io::Result<()> {
    // Not `File::sync_data`, which flushes the drive's own cache on macOS: the order of writes is what counts here.
    Ok(rustix::fs::fsync(file)?)
}

/// Gives a new file the read and write bits of the one that it replaces; who could read it may run it.
pub(in super::super) fn keep_permissions(file: &File, old: Status, executable: bool) -> io::Result<()> {
    let mode = old.mode & 0o666;
    let mode = if executable { mode | (mode & 0o444) >> 2 } else { mode };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

/// Checks that a name is a single component.
fn single(name: &OsStr) -> io::Result<&OsStr> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain file name"));
    }
    Ok(name)
}

#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    clippy::cast_lossless,
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    trivial_numeric_casts,
    reason = "the widths of these fields differ between systems"
)]
fn status_of(stat: &rustix::fs::Stat) -> Status {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Special,
    };
    let mode = stat.st_mode as u32 & 0o7777;
    Status {
        kind,
        identity: Identity {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            bytes: stat.st_size as u64,
            seconds: stat.st_mtime as i64,
            nanoseconds: stat.st_mtime_nsec as u32,
        },
        mode,
        executable: Some(mode & 0o100 != 0),
        owner: Some(stat.st_uid as u32),
    }
}
