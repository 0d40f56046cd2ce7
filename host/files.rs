//! Writing a file whole, or not at all; in `files/read.rs`, reading one that may be a stranger's; in `files/text.rs`, what
//! of its bytes is text.
//!
//! Always true here: what a file is written to lies beside its place until it is complete, and its name begins with a dot. A
//! process that is killed leaves no more than that.

mod read;
mod text;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub use read::{
    open_regular, open_to_append, open_to_change, read_input, read_named, read_own, read_regular, read_sized,
};
pub use text::{decode, text};

/// Writes a file, old or new: beside its place first, on the disk, and then by one rename. A link in its place is replaced,
/// not followed.
///
/// # Errors
/// Those of the system; then its place is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Part::write(beside(path)?, bytes, Care::DURABLE)?.move_to(path)
}

/// [`replace`] for who is alone there, under a lock: what a killed process left of the same file is taken away.
///
/// # Errors
/// Those of the system; then its place is as it was.
pub fn replace_alone(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    let _ = fs::remove_file(&part);
    Part::write(part, bytes, Care::DURABLE)?.move_to(path)
}

/// [`replace`] for what can be made again: nobody else can read it, and it may be gone or damaged after a loss of power.
///
/// # Errors
/// Those of the system; then its place is as it was.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Part::write(beside(path)?, bytes, Care { private: true, durable: false })?.move_to(path)
}

/// Makes a file that nobody else can read; does nothing where one stands, whatever it is.
///
/// # Errors
/// Those of the system.
pub fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = Part::write(beside(path)?, bytes, Care { private: true, durable: true })?;
    // A link, unlike a rename, does not replace what another process has made meanwhile.
    match fs::hard_link(&part.0, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// How a file is written.
#[derive(Clone, Copy)]
struct Care {
    /// Nobody else can read it.
    private: bool,
    /// It is on the disk before it has its name.
    durable: bool,
}

impl Care {
    const DURABLE: Self = Self { private: false, durable: true };
}

/// A file beside its place, complete; gone when it was not moved there.
struct Part(PathBuf);

impl Part {
    fn write(path: PathBuf, bytes: &[u8], care: Care) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if care.private {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        let part = Self(path);
        file.write_all(bytes)?;
        if care.durable {
            file.sync_data()?;
        }
        Ok(part)
    }

    fn move_to(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A name beside a file that nothing else has.
///
/// # Errors
/// Those of the system.
pub fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(path.with_file_name(format!(".{:016x}.part", u64::from_le_bytes(random))))
}

/// Says whether a file is what a process left that was killed while it wrote one.
#[must_use]
pub fn is_leftover(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    is_hidden && path.extension().is_some_and(|extension| extension == "part")
}

/// Makes the names in a folder durable, where the system lets a folder be opened.
///
/// # Errors
/// Those of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::create_dir(folder.path().join("taken")).unwrap();
        replace(&folder.path().join("taken"), b"three").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_a_killed_process_left_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let left = folder.path().join(".file.part");
        fs::write(&left, b"half").unwrap();
        assert!(is_leftover(&left));
        replace_alone(&path, b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(!left.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_made_once_and_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private(&path, b"one").unwrap();
        create_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        replace_private(&path, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
