//! Reading files that others may have made: pipes, links, devices and folders where a file should be, and files without end.
//!
//! Always true here: opening waits for nobody; what is read is bounded, and more than that is an error; what is no regular
//! file is read only where the user named it, and then the interrupt is looked at while it is waited for. A link to nothing
//! is an error and not a missing file, so that nothing which it stands for silently does not hold.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::interrupt::Interrupt;

/// Opens a regular file; the last name may be no link.
///
/// # Errors
/// Those of the system, and where it is something else.
pub fn open_regular(path: &Path) -> io::Result<File> {
    regular(open(path, Links::Refused, OpenOptions::new().read(true))?)
}

/// Opens a regular file for reading and writing, and makes it where there is none; the last name may be no link.
///
/// # Errors
/// Those of the system, and where it is something else.
pub fn open_to_change(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    regular(open(path, Links::Refused, options.read(true).write(true).create(true).truncate(false))?)
}

/// Opens a regular file, through links, to write at its end, and makes it where there is none.
///
/// # Errors
/// Those of the system, and where it is something else.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    match fs::metadata(path) {
        // A pipe that nobody reads could not be opened, and the system's reason for it says little.
        Ok(there) if !there.is_file() && !there.is_dir() => Err(io::Error::other("it is not a regular file")),
        _ => regular(open(path, Links::Followed, OpenOptions::new().append(true).create(true))?),
    }
}

/// Reads a regular file of at most `most` bytes; the last name may be no link. It is for what packbox writes and for what
/// lies in folders that are others'.
///
/// # Errors
/// Those of the system; where it is something else; `FileTooLarge`.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all_of(&open_regular(path)?, most)
}

/// Reads a regular file of at most `most` bytes, through links: for the user's own settings, which many keep elsewhere.
///
/// # Errors
/// As [`read_regular`]; a link to nothing is no `NotFound`.
pub fn read_own(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all_of(&regular(open(path, Links::Followed, OpenOptions::new().read(true))?)?, most)
}

/// Reads what the user named, of at most `most` bytes: a file, through links, or a pipe, such as `/dev/stdin` or what a
/// shell's process substitution gives.
///
/// # Errors
/// Those of the system; `IsADirectory`; `FileTooLarge`; `Interrupted`; a link to nothing is no `NotFound`.
pub fn read_named(path: &Path, most: u64, interrupt: &Interrupt) -> io::Result<Vec<u8>> {
    let file = open(path, Links::Followed, OpenOptions::new().read(true))?;
    let kind = file.metadata()?.file_type();
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => all_of(&file, most),
        (_, true) => Err(folder()),
        _ => waiting(file, most, interrupt),
    }
}

/// Reads standard input, of at most `most` bytes.
///
/// # Errors
/// Those of the system; `FileTooLarge`; `Interrupted`.
pub fn read_input(most: u64, interrupt: &Interrupt) -> io::Result<Vec<u8>> {
    waiting(io::stdin().lock(), most, interrupt)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Opens whatever is there without waiting for who is at the other end of a pipe.
fn open(path: &Path, links: Links, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        let no_follow = if links == Links::Refused { OFlags::NOFOLLOW } else { OFlags::empty() };
        options.custom_flags(i32::try_from((no_follow | OFlags::NONBLOCK).bits()).unwrap_or(0));
    }
    options.open(path).map_err(|error| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink());
        match (is_link, links) {
            (true, Links::Refused) => io::Error::other("it is a link, and links are not followed here"),
            (true, Links::Followed) if error.kind() == io::ErrorKind::NotFound => {
                io::Error::other("it is a link to nothing")
            }
            _ => error,
        }
    })
}

fn regular(file: File) -> io::Result<File> {
    let kind = file.metadata()?.file_type();
    match (kind.is_file(), kind.is_dir()) {
        (true, _) => Ok(file),
        (_, true) => Err(folder()),
        _ => Err(io::Error::other("it is not a regular file")),
    }
}

fn folder() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is too large")
}

/// Reads all of a regular file; where it says that it is too large, nothing of it.
fn all_of(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    if size > most {
        return Err(too_large());
    }
    let bytes = read_sized(file, size, most)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a regular file that has so many bytes as far as is known: by one call, where that is so. At most one byte more than `most`
/// is read.
///
/// # Errors
/// Those of the system.
pub fn read_sized(file: &File, size: u64, most: u64) -> io::Result<Vec<u8>> {
    // With room for a byte more, a file that fills less has ended.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0).saturating_add(1));
    #[cfg(unix)]
    {
        rustix::io::retry_on_intr(|| rustix::io::read(file, rustix::buffer::spare_capacity(&mut bytes)))?;
        if bytes.len() as u64 == size {
            return Ok(bytes);
        }
    }
    let read = bytes.len() as u64;
    file.take(most.saturating_add(1).saturating_sub(read)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads what comes when it comes, until it ends.
fn waiting(mut source: impl Read + Waits, most: u64, interrupt: &Interrupt) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        if interrupt.is_set() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if !is_ready(&source)? {
            continue;
        }
        let read = match source.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => continue,
            Err(error) => return Err(error),
        };
        if read == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&chunk[..read]);
        if bytes.len() as u64 > most {
            return Err(too_large());
        }
    }
}

#[cfg(unix)]
use std::os::fd::AsFd as Waits;

/// Waits a while for something to read, or an end.
#[cfg(unix)]
fn is_ready(source: &impl Waits) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let mut waited = [PollFd::new(source, PollFlags::IN)];
    match poll(&mut waited, Some(&LOOK)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
trait Waits {}
#[cfg(not(unix))]
impl<T: Read> Waits for T {}

/// Reading waits by itself here, and an interrupt is seen afterwards.
#[cfg(not(unix))]
fn is_ready(_: &impl Waits) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::{Duration, Instant};

    use super::*;

    /// A file of each kind that is none.
    fn planted(folder: &Path) {
        fs::write(folder.join("file"), "text").unwrap();
        fs::write(folder.join("large"), "too much").unwrap();
        fs::create_dir(folder.join("folder")).unwrap();
        let status = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap();
        assert!(status.success());
        symlink("file", folder.join("link")).unwrap();
        symlink("nothing", folder.join("dangling")).unwrap();
        symlink("/dev/zero", folder.join("zero")).unwrap();
    }

    #[test]
    fn what_is_no_file_is_told_at_once() {
        let scratch = tempfile::tempdir().unwrap();
        planted(scratch.path());
        let read = |name: &str| read_regular(&scratch.path().join(name), 5);
        let own = |name: &str| read_own(&scratch.path().join(name), 5);
        assert_eq!(read("file").unwrap(), b"text");
        assert_eq!(own("link").unwrap(), b"text");
        for name in ["large", "folder", "pipe", "link", "dangling", "zero"] {
            assert_ne!(read(name).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
        }
        for name in ["large", "folder", "pipe", "dangling", "zero"] {
            assert_ne!(own(name).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
        }
        for name in ["folder", "pipe", "link", "dangling", "zero"] {
            open_to_change(&scratch.path().join(name)).unwrap_err();
        }
        assert!(!scratch.path().join("nothing").exists());
        assert_eq!(read("absent").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(own("absent").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_pipe_that_the_user_names_is_read_or_interrupted() {
        let scratch = tempfile::tempdir().unwrap();
        planted(scratch.path());
        let interrupt = Interrupt::new();
        let read = |name: &str| read_named(&scratch.path().join(name), 5, &interrupt);
        assert_eq!(read("link").unwrap(), b"text");
        assert_eq!(read("zero").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read("large").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read("folder").unwrap_err().kind(), io::ErrorKind::IsADirectory);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(100));
                fs::write(scratch.path().join("pipe"), "late").unwrap();
            });
            assert_eq!(read("pipe").unwrap(), b"late");
        });
        let begin = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(100));
                interrupt.set();
            });
            assert_eq!(read("pipe").unwrap_err().kind(), io::ErrorKind::Interrupted);
        });
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    }

    #[test]
    fn a_file_that_is_not_as_large_as_it_was_is_read_to_its_end_or_to_the_bound() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        let read =
            |size, most| String::from_utf8(read_sized(&File::open(&path).unwrap(), size, most).unwrap()).unwrap();
        for size in [0, 3, 9, 10, 11, 30] {
            assert_eq!(read(size, 20), "0123456789", "{size}");
            assert_eq!(read(size, 10), "0123456789", "{size}");
        }
        for size in [0, 3, 6, 10, u64::MAX] {
            assert_eq!(read(size, 5), "012345", "{size}");
        }
        fs::write(&path, "").unwrap();
        assert_eq!(read(0, 5), "");
        assert_eq!(read(5, 5), "");
    }
}
