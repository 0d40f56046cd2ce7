//! The file of a record: a tar of one JSON document and the bytes that it names by their digests.
//!
//! Always true here: nothing is compressed, so that no file unpacks to more than it is; entries are named by what is in
//! them; order, times, owners and modes are always the same, so that the same parts make the same bytes.

use std::collections::BTreeMap;
use std::io::Read as _;

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable_line;

/// The entry that names the others.
const DOCUMENT: &str = "record.json";
/// The largest document, in bytes.
const MAX_DOCUMENT_BYTES: u64 = 32 << 20;
/// Entries at the most.
const MAX_ENTRIES: usize = 100_000;

/// Says whether bytes are a record of any version, by how they begin.
#[must_use]
pub fn is_record(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4 << 10)];
    let says_so = |text: &str| head.windows(text.len()).any(|part| part == text.as_bytes());
    head.starts_with(DOCUMENT.as_bytes()) && says_so("ustar") && says_so("\"packbox-record\"")
}

/// The parts of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// The document.
    pub document: Vec<u8>,
    /// Bytes by their digest.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
}

impl Container {
    /// Keeps bytes and returns their digest.
    pub fn add(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.blobs.entry(digest).or_insert_with(|| bytes.to_owned());
        digest
    }

    /// Writes the file.
    ///
    /// # Errors
    /// `Io` where an entry is larger than a tar can hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let failed = |error| Error::io("cannot write a record", error);
        let mut builder = tar::Builder::new(Vec::new());
        let entries = std::iter::once((DOCUMENT.to_owned(), self.document.as_slice()));
        let blobs = self.blobs.iter().map(|(digest, bytes)| (format!("blobs/{digest}"), bytes.as_slice()));
        for (name, bytes) in entries.chain(blobs) {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(tar::EntryType::Regular);
            header.set_path(&name).map_err(failed)?;
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            header.set_cksum();
            builder.append(&header, bytes).map_err(failed)?;
        }
        builder.into_inner().map_err(failed)
    }

    /// Reads the file that the user knows as `label`.
    ///
    /// # Errors
    /// `Integrity` where it is not exactly what [`Container::to_bytes`] writes.
    pub fn read(label: &str, bytes: &[u8]) -> Result<Self> {
        let damaged = |why: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Integrity, format!("`{label}` is not a record, or is damaged"))
                .caused_by(printable_line(&why.to_string()))
                .hint("`--record FILE` of `generate`, `validate` and `plugin run` writes records")
        };
        let mut container = Self::default();
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().map_err(|error| damaged(&error))?;
        for (number, entry) in entries.raw(true).enumerate() {
            let mut entry = entry.map_err(|error| damaged(&error))?;
            if number >= MAX_ENTRIES {
                return Err(damaged(&format!("it has more than {MAX_ENTRIES} entries")));
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let size = entry.size();
            // What an entry says about its size is worth nothing beyond the file's own.
            if size > bytes.len() as u64 || (number == 0 && size > MAX_DOCUMENT_BYTES) {
                return Err(damaged(&format!("the entry `{name}` is larger than allowed")));
            }
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).map_err(|error| damaged(&error))?;
            if contents.len() as u64 != size {
                return Err(damaged(&format!("the entry `{name}` is cut off")));
            }
            if number == 0 {
                if name != DOCUMENT {
                    return Err(damaged(&format!("it begins with `{name}` and not with `{DOCUMENT}`")));
                }
                container.document = contents;
                continue;
            }
            let digest: Digest = match name.strip_prefix("blobs/").map(str::parse) {
                Some(Ok(digest)) => digest,
                _ => return Err(damaged(&format!("the entry `{name}` is not part of a record"))),
            };
            if Digest::of(&contents) != digest {
                return Err(damaged(&format!("the digest of the entry `{name}` does not match its name")));
            }
            container.blobs.insert(digest, contents);
        }
        if container.to_bytes()? != bytes {
            return Err(damaged(&"it does not have the format of a record"));
        }
        Ok(container)
    }
}
