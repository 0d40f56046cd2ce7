//! Files of a plugin's own project, read within bounds.
//!
//! Always true here: links are not followed; what is not UTF-8 in a name is an error; order is that of names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::text::{format_bytes, printable_line};

/// Files below one folder at the most.
const MOST_FILES: usize = 10_000;
/// Folders within each other at the most.
const MOST_DEPTH: usize = 32;

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// `NotFound` where there is none, `Usage` where it is too large or no regular file, `Io` where it can't be read.
pub fn read_file(path: &Path, most: u64) -> Result<Vec<u8>> {
    let shown = printable_line(&path.display().to_string());
    files::read_own(path, most).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, format!("there is no `{shown}`")),
        std::io::ErrorKind::IsADirectory => Error::new(ErrorKind::Usage, format!("`{shown}` is not a file")),
        std::io::ErrorKind::FileTooLarge => {
            Error::new(ErrorKind::Usage, format!("`{shown}` is larger than {}", format_bytes(most)))
        }
        _ => Error::io(format!("cannot read `{shown}`"), error),
    })
}

/// Reads all files below a folder, `most` bytes together; their paths are relative to it, `/` separated. A folder that
/// is not there has no files.
///
/// # Errors
/// `Usage` for links, names that are not UTF-8, and too much of anything; `Io` where something can't be read.
pub fn files_below(folder: &Path, most: u64) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut left = most;
    if folder.exists() {
        walk(folder, "", 0, &mut left, &mut files)?;
    }
    Ok(files)
}

fn walk(
    folder: &Path,
    prefix: &str,
    depth: usize,
    left: &mut u64,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    let shown = printable_line(&folder.display().to_string());
    let failed = |error| Error::io(format!("cannot read the folder `{shown}`"), error);
    if depth > MOST_DEPTH {
        return Err(Error::new(ErrorKind::Usage, format!("`{shown}` is nested deeper than {MOST_DEPTH} folders")));
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().into_string().map_err(|name| {
            let name = printable_line(&name.to_string_lossy());
            Error::new(ErrorKind::Usage, format!("the name `{name}` in `{shown}` is not UTF-8"))
        })?;
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            walk(&entry.path(), &path, depth + 1, left, files)?;
        } else if kind.is_file() {
            if files.len() >= MOST_FILES {
                return Err(Error::new(ErrorKind::Usage, format!("`{shown}` has more than {MOST_FILES} files")));
            }
            let contents = read_file(&entry.path(), *left)?;
            *left -= contents.len() as u64;
            files.insert(path, contents);
        } else {
            let detail = format!("`{}` in `{shown}` is neither file nor folder", printable_line(&path));
            return Err(Error::new(ErrorKind::Usage, detail).hint("links are not followed; put the file itself there"));
        }
    }
    Ok(())
}
