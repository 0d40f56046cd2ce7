//! [`Archive`]: the files of an archive, in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};

use super::entries::{self, Stored};
use super::frame::{Frame, MAGIC, most_compressed};
use super::refusal::{no_archive, refused};
use crate::error::{Error, Result};
use crate::limits::{PackLimits, of_packs};
use crate::pack::folder::{FileInfo, ReadError};
use crate::pack::ignore::Ignore;
use crate::pack::listing;
use crate::pack::names::MANIFEST_NAME;
use crate::pack::names::PackPath;

/// The files of an archive, those included that `.packboxignore` leaves out.
#[derive(Debug)]
pub(crate) struct Archive {
    files: BTreeMap<PackPath, Stored>,
}

impl Archive {
    /// Reads the archive in an open file that the user knows as `label`.
    ///
    /// Errors: `Integrity` where it is no archive, or one that is damaged or holds what no pack holds; `Manifest` for
    /// exceeded limits; `Io`.
    pub(crate) fn open(file: &File, label: &str, limits: &PackLimits) -> Result<Self> {
        let unreadable = |error| Error::io(format!("cannot read `{label}`"), error);
        let mut bytes = Vec::new();
        file.take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(unreadable)?;
        // Before its size: the limit of packs means nothing for a film that was named by mistake.
        if bytes != MAGIC {
            file.take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(unreadable)?;
            return Err(no_archive(label, &bytes));
        }
        let most = most_compressed(limits);
        let size = file.metadata().map_err(unreadable)?.len();
        if size > most {
            limits.check(&of_packs::pack_bytes, size, || format!("`{label}`"))?;
        }
        file.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
        Self::read(&bytes, label, limits)
    }

    /// Reads an archive; errors are those of [`Archive::open`] without `Io`.
    pub(crate) fn read(bytes: &[u8], label: &str, limits: &PackLimits) -> Result<Self> {
        let mut frame = Frame::open(bytes, label, limits)?;
        // A file may have grown since it was asked for its size.
        let size = bytes.len() as u64;
        if size > most_compressed(limits) {
            limits.check(&of_packs::pack_bytes, size, || format!("`{label}`"))?;
        }
        let files = entries::read(&mut frame, label, limits);
        // What stopped the frame is the cause of whatever stopped the tar.
        if let Some(error) = frame.take_failure() {
            return Err(error);
        }
        let files = files?;
        frame.finish()?;
        if files.contains_key(MANIFEST_NAME) { Ok(Self { files }) } else { Err(no_manifest(label, &files)) }
    }

    /// Reads a file of at most `limit` bytes.
    pub(crate) fn get(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let Some(stored) = self.files.get(path) else {
            return Err(ReadError::Io(io::Error::from(io::ErrorKind::NotFound)));
        };
        let size = stored.contents.len() as u64;
        if size > limit { Err(ReadError::TooLarge(size)) } else { Ok(stored.contents.to_vec()) }
    }

    /// Lists the files that belong to the pack. Errors are of kind `Manifest`.
    pub(crate) fn list(&self, mut ignore: Ignore) -> Result<BTreeMap<PackPath, FileInfo>> {
        let mut files = BTreeMap::new();
        // What is below a folder stands together, so that each folder is asked about once.
        let (mut kept, mut left_out) = ("", "");
        'files: for (path, stored) in &self.files {
            if !left_out.is_empty() && path.below(left_out).is_some() {
                continue;
            }
            let text = path.as_str();
            for (end, _) in text.match_indices('/') {
                let folder = &text[..end];
                let is_known = kept.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                if !is_known {
                    if ignore.leaves_out(folder, true).map_err(listing::takes_too_long)? {
                        left_out = folder;
                        continue 'files;
                    }
                    kept = folder;
                }
            }
            if !ignore.leaves_out(text, false).map_err(listing::takes_too_long)? {
                let info = FileInfo { bytes: stored.contents.len() as u64, executable: stored.executable };
                files.insert(path.clone(), info);
            }
        }
        Ok(files)
    }
}

fn no_manifest(label: &str, files: &BTreeMap<PackPath, Stored>) -> Error {
    let error = refused(label, &format!("it has no `{MANIFEST_NAME}` at its top"));
    let nested = files.keys().find_map(|path| path.as_str().strip_suffix(MANIFEST_NAME)?.strip_suffix('/'));
    match nested {
        Some(folder) => {
            error.hint(format!("make the archive from the contents of `{folder}`: `tar --directory {folder} …`"))
        }
        None => error,
    }
}
