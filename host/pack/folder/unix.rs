//! [`Folder`] on Unix: `openat2` where the kernel has it, and else one `openat` for each component.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::{Entry, EntryKind, FileInfo, ReadError};
use crate::files;

/// Opening a pipe must not wait for a writer.
const FILE_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const FOLDER_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The top of a folder.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

/// A folder, while its entries are listed.
pub(crate) struct Level(Dir);

/// Opens a file that the user named; links on the way to it are followed.
pub(crate) fn open_file(path: &Path) -> Result<File, ReadError> {
    let file =
        rustix::fs::open(path, FILE_FLAGS.difference(OFlags::NOFOLLOW), Mode::empty()).map_err(io::Error::from)?;
    let stat = fstat(&file).map_err(io::Error::from)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(File::from(file)),
        _ => Err(ReadError::NotAFile),
    }
}

impl Folder {
    /// Opens a folder that the user named; links on the way to it are followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER_FLAGS, Mode::empty())?))
    }

    /// Reads a file of at most `limit` bytes. `path` is `/` separated and has no `..`.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let file = match self.open_file(path) {
            Ok(file) => file,
            // A link, a socket, or a component that is no folder.
            Err(Errno::LOOP | Errno::MLINK | Errno::NOTDIR | Errno::NXIO | Errno::XDEV) => {
                return Err(ReadError::NotAFile);
            }
            Err(error) => return Err(io::Error::from(error).into()),
        };
        let stat = fstat(&file).map_err(io::Error::from)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ReadError::NotAFile);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > limit {
            return Err(ReadError::TooLarge(size));
        }
        let bytes = files::read_sized(&File::from(file), size, limit)?;
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge(bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// Begins to list the top.
    pub(crate) fn top(&self) -> io::Result<Level> {
        Ok(Level(Dir::read_from(&self.0)?))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn open_file(&self, path: &str) -> Result<OwnedFd, Errno> {
        use rustix::fs::{ResolveFlags, openat2};
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.0, path, FILE_FLAGS, Mode::empty(), resolve) {
            // An old kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => self.open_file_by_components(path),
            outcome => outcome,
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn open_file(&self, path: &str) -> Result<OwnedFd, Errno> {
        self.open_file_by_components(path)
    }

    fn open_file_by_components(&self, path: &str) -> Result<OwnedFd, Errno> {
        let Some((folders, name)) = path.rsplit_once('/') else {
            return openat(&self.0, path, FILE_FLAGS, Mode::empty());
        };
        let mut parent: Option<OwnedFd> = None;
        for folder in folders.split('/') {
            let above = parent.as_ref().unwrap_or(&self.0);
            let opened = openat(above, folder, FOLDER_FLAGS | OFlags::NOFOLLOW, Mode::empty())?;
            parent = Some(opened);
        }
        openat(parent.as_ref().unwrap_or(&self.0), name, FILE_FLAGS, Mode::empty())
    }
}

impl Level {
    /// Returns at most `most` entries, in no order.
    pub(crate) fn entries(&mut self, most: usize) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        while entries.len() < most {
            let Some(entry) = self.0.read() else { break };
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let mut file_type = entry.file_type();
            // Some file systems don't say.
            if file_type == FileType::Unknown {
                file_type = FileType::from_raw_mode(statat(self.0.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
            }
            let kind = match file_type {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Folder,
                FileType::Symlink => EntryKind::Link,
                FileType::Fifo => EntryKind::Other("a named pipe"),
                FileType::Socket => EntryKind::Other("a socket"),
                FileType::CharacterDevice | FileType::BlockDevice => EntryKind::Other("a device"),
                FileType::Unknown => EntryKind::Other("of an unknown kind"),
            };
            entries.push(Entry { name: OsString::from_vec(name.to_bytes().to_vec()), kind });
        }
        Ok(entries)
    }

    /// Opens a folder of this folder.
    pub(crate) fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let folder = openat(self.0.fd()?, name, FOLDER_FLAGS | OFlags::NOFOLLOW, Mode::empty())?;
        Ok(Self(Dir::new(folder)?))
    }

    /// Looks at a file of this folder.
    pub(crate) fn file_info(&self, name: &OsStr) -> io::Result<FileInfo> {
        let stat = statat(self.0.fd()?.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)?;
        let executable = Mode::from_raw_mode(stat.st_mode).contains(Mode::XUSR);
        Ok(FileInfo { bytes: u64::try_from(stat.st_size).unwrap_or(u64::MAX), executable })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Kernels without `openat2` must refuse the same files as those with it.
    #[test]
    fn both_ways_to_open_a_file_refuse_links_everywhere() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "secret").unwrap();
        let inside = tempfile::tempdir().unwrap();
        fs::create_dir_all(inside.path().join("a/b")).unwrap();
        fs::write(inside.path().join("a/b/file"), "text").unwrap();
        fs::write(inside.path().join("top"), "text").unwrap();
        symlink(outside.path(), inside.path().join("a/out")).unwrap();
        symlink("b", inside.path().join("a/in")).unwrap();
        symlink("b/file", inside.path().join("a/link")).unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        for (path, readable) in [
            ("top", true),
            ("a/b/file", true),
            ("a/out/file", false),
            ("a/in/file", false),
            ("a/link", false),
            ("a/b/absent", false),
            ("top/file", false),
        ] {
            assert_eq!(folder.open_file(path).is_ok(), readable, "{path}");
            assert_eq!(folder.open_file_by_components(path).is_ok(), readable, "{path}");
        }
        assert!(matches!(folder.read("a/b", 10), Err(ReadError::NotAFile)));
        assert!(matches!(folder.read("a/link", 10), Err(ReadError::NotAFile)));
        assert!(matches!(folder.read("top", 3), Err(ReadError::TooLarge(4))));
        assert_eq!(folder.read("top", 4).unwrap(), b"text");
    }

    #[test]
    fn pipes_do_not_block() {
        let inside = tempfile::tempdir().unwrap();
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            inside.path().join("pipe"),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        );
        made.unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        assert!(matches!(open_file(&inside.path().join("pipe")), Err(ReadError::NotAFile)));
        assert!(matches!(folder.read("pipe", 10), Err(ReadError::NotAFile)));
        let entries = folder.top().unwrap().entries(10).unwrap();
        assert_eq!(entries[0].kind, EntryKind::Other("a named pipe"));
    }
}
