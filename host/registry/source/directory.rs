//! A registry in a folder.
//!
//! ```text
//! FOLDER/packbox-registry.toml       what it is
//! FOLDER/log.jsonl                   what happened, see `log.rs`
//! FOLDER/packs/NAME/VERSION.pack     archives
//! FOLDER/lock                        held by whoever publishes
//! ```
//!
//! Always true here: an archive is complete and on the disk before the log names it; an archive is never replaced; a line
//! that a killed process left in part is cut off by the next one that publishes, and read by nobody. No links are followed
//! below the folder.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::log::{self, Entry, Position};
use super::{Published, Source, check_archive, is_there, last, no_release};
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::files::sync_folder;
use crate::pack::PackName;
use crate::progress::{Event, Progress};
use crate::registry::names::PackVersion;
use crate::registry::release::Release;

/// The file that makes a folder a registry.
const MARKER: &str = "packbox-registry.toml";
/// What it holds.
const MARKER_TEXT: &str = "# A registry of packbox\nformat = 1\n";
/// The most bytes of a log that are read at once.
const LARGEST_LOG: u64 = 1 << 30;
/// The bytes after which it is looked whether there are lines in them; more than the longest line has.
const PIECE: u64 = 1 << 20;

/// A registry in a folder.
#[derive(Debug, Clone)]
pub struct DirectorySource {
    folder: PathBuf,
}

impl DirectorySource {
    /// Opens the registry in a folder.
    ///
    /// # Errors
    /// `NotFound` where there is none; `Refused` where its format is newer than this packbox knows.
    pub fn open(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        match read_marker(folder) {
            Ok(text) if text.lines().any(|line| line.trim() == "format = 1") => Ok(Self { folder: folder.to_owned() }),
            Ok(_) => Err(Error::new(ErrorKind::Refused, format!("the registry in `{shown}` has an unknown format"))
                .hint("upgrade packbox")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::new(ErrorKind::NotFound, format!("there is no registry in `{shown}`")).hint(said(
                    format!("`packbox registry add NAME {shown} --create` makes one"),
                    "check the path; a registry has to be made first, with the command line".to_owned(),
                )))
            }
            Err(error) => Err(Error::io(format!("cannot read the registry in `{shown}`"), error)),
        }
    }

    /// Makes a registry in a folder, which may exist; does nothing where there is one.
    ///
    /// # Errors
    /// `Io`; those of [`DirectorySource::open`].
    pub fn create(folder: &Path) -> Result<Self> {
        let made = Self::make(folder)?;
        Self::open(folder).inspect_err(|_| made.undo())
    }

    /// Makes a registry in a folder, as [`DirectorySource::create`] does, and says what was made.
    ///
    /// # Errors
    /// `Io`; then nothing is left of it.
    pub(super) fn make(folder: &Path) -> Result<Made> {
        let mut made = Made(Vec::new());
        let done = made.registry(folder);
        match done {
            Ok(()) => Ok(made),
            Err(error) => {
                made.undo();
                Err(Error::io(format!("cannot make a registry in `{}`", folder.display()), error))
            }
        }
    }

    fn io(&self, error: io::Error) -> Error {
        Error::io(format!("cannot use the registry in `{}`", self.folder.display()), error)
    }

    /// Waits until nobody else publishes.
    fn lock(&self) -> Result<File> {
        let file = files::open_to_change(&self.folder.join("lock")).map_err(|error| self.io(error))?;
        file.lock().map_err(|error| self.io(error))?;
        Ok(file)
    }

    /// Adds a line to the log; the caller holds the lock.
    fn append(&self, end: &Position, release: &Release) -> Result<()> {
        let mut line = log::line(end, release)?;
        line.push(b'\n');
        let path = self.folder.join("log.jsonl");
        let write = || {
            let mut file = files::open_to_change(&path)?;
            // What a killed process left of a line goes.
            file.set_len(end.bytes)?;
            file.seek(SeekFrom::Start(end.bytes))?;
            file.write_all(&line)?;
            file.sync_data()?;
            sync_folder(&self.folder)
        };
        write().map_err(|error| self.io(error))
    }

    fn archive_path(&self, name: &PackName, version: &PackVersion) -> PathBuf {
        self.folder.join("packs").join(name.as_str()).join(format!("{version}.pack"))
    }
}

impl Source for DirectorySource {
    fn location(&self) -> String {
        self.folder.display().to_string()
    }

    fn read(&self, after: &Position) -> Result<(Vec<Entry>, Position)> {
        let location = self.location();
        let mut file = match files::open_regular(&self.folder.join("log.jsonl")) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && after.bytes == 0 => {
                return Ok((Vec::new(), Position::default()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(log::rewritten(&location)),
            Err(error) => return Err(self.io(error)),
        };
        let begin = after.bytes.saturating_sub(after.last_bytes);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(begin)).map_err(|error| self.io(error))?;
        let mut file = file.take(LARGEST_LOG);
        while (&mut file).take(PIECE).read_to_end(&mut bytes).map_err(|error| self.io(error))? > 0 {
            let piece = bytes.len().saturating_sub(2 * usize::try_from(PIECE).unwrap_or(usize::MAX));
            if log::is_hopeless(&bytes[piece..]) {
                break;
            }
        }
        log::continued(&location, after, &bytes)
    }

    fn fetch(&self, release: &Release, progress: &dyn Progress) -> Result<Vec<u8>> {
        let location = self.location();
        let path = self.archive_path(&release.name, &release.version);
        let file = match files::open_regular(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(no_release(&release.name, &release.version, &location));
            }
            Err(error) => return Err(Error::io(format!("cannot read `{}`", path.display()), error)),
        };
        let mut archive = Vec::new();
        file.take(release.bytes.saturating_add(1))
            .read_to_end(&mut archive)
            .map_err(|error| Error::io(format!("cannot read `{}`", path.display()), error))?;
        let what = release.name_and_version();
        progress.on(&Event::Fetching { what: &what, done: archive.len() as u64, of: release.bytes });
        check_archive(release, &location, &archive)?;
        Ok(archive)
    }

    fn publish(&self, after: &Position, release: &Release, archive: &[u8]) -> Result<Published> {
        let _lock = self.lock()?;
        let location = self.location();
        let (entries, end) = self.read(after)?;
        if is_there(&entries, release, &location)? {
            return Ok(Published::Unchanged);
        }
        check_archive(release, &location, archive)?;
        let path = self.archive_path(&release.name, &release.version);
        // Where there is such a release already, the caller's place in the log was not before it; or its publisher was killed.
        if path.exists() && is_there(&self.read(&Position::default())?.0, release, &location)? {
            return Ok(Published::Unchanged);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        let write = || {
            fs::create_dir_all(folder)?;
            files::replace_alone(&path, archive)?;
            sync_folder(folder)
        };
        write().map_err(|error| self.io(error))?;
        self.append(&end, release)?;
        Ok(Published::Changed)
    }

    fn yank(&self, name: &PackName, version: &PackVersion, yanked: bool) -> Result<Published> {
        let _lock = self.lock()?;
        let (entries, end) = self.read(&Position::default())?;
        let Some(known) = last(&entries, name, version) else {
            return Err(no_release(name, version, &self.location()));
        };
        if known.yanked == yanked {
            return Ok(Published::Unchanged);
        }
        self.append(&end, &Release { yanked, ..known.clone() })?;
        Ok(Published::Changed)
    }
}

/// Files and folders that were made, in that order.
#[derive(Debug)]
pub struct Made(Vec<PathBuf>);

impl Made {
    /// Takes away what was made; what somebody put there meanwhile stays.
    pub fn undo(self) {
        for path in self.0.into_iter().rev() {
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
    }

    fn registry(&mut self, folder: &Path) -> io::Result<()> {
        self.folders(&folder.join("packs"))?;
        let marker = folder.join(MARKER);
        let mut file = match File::create_new(&marker) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(error),
        };
        self.0.push(marker);
        file.write_all(MARKER_TEXT.as_bytes()).and_then(|()| file.sync_data())
    }

    /// Makes a folder, and those that it is in.
    fn folders(&mut self, folder: &Path) -> io::Result<()> {
        match fs::create_dir(folder) {
            Ok(()) => self.0.push(folder.to_owned()),
            Err(_) if folder.is_dir() => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.folders(folder.parent().ok_or(error)?)?;
                // Of `a/..` there is something by then.
                match fs::create_dir(folder) {
                    Ok(()) => self.0.push(folder.to_owned()),
                    Err(error) if !folder.is_dir() => return Err(error),
                    Err(_) => {}
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn read_marker(folder: &Path) -> io::Result<String> {
    let bytes = files::read_regular(&folder.join(MARKER), 4096)?;
    files::decode(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("`{MARKER}`: {error}")))
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
