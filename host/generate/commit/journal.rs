//! The journal, `.packbox/journal.json`: what an interrupted run has to undo.
//!
//! Always true here: a journal counts only when its keyed MAC, which also covers the output folder's device and inode,
//! verifies; so a journal that came with a cloned repository never does anything. What it names is checked besides:
//! each path is an [`OutputPath`], the stage has one of our names, and old and new versions are numbered, not named.

use std::io::Write;

use serde::{Deserialize, Serialize};

use super::folder::{Folder, Identity, Kind, read_at_most, sync_file};
use super::layout::{JOURNAL_DRAFT, METADATA, RECEIPT_PATH, StageName};
use super::options::JournalKey;
use super::place::own_obstacle;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::OutputPath;

/// The format that this version of packbox writes and reads.
const FORMAT: u32 = 1;

/// The largest journal, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Target {
    /// A file or folder of the tree.
    Path(OutputPath),
    /// `.packbox/receipt.json`.
    Receipt,
}

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Change {
    /// Makes a folder where there was nothing.
    Folder,
    /// Makes a file where there was nothing.
    Create,
    /// Puts a file in the place of another one.
    Replace,
    /// Takes away a file, or a folder that has nothing in it; there is no new version.
    Remove,
}

/// One thing to undo. Its number in the journal is its number in the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) target: Target,
    pub(super) change: Change,
    /// The new file or folder, by which it is recognized wherever it is; nothing where there is none.
    pub(super) new: Identity,
}

impl Target {
    /// The path below the output folder.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Path(path) => path.as_str(),
            Self::Receipt => RECEIPT_PATH,
        }
    }
}

impl Entry {
    /// The path below the output folder.
    pub(super) fn path(&self) -> &str {
        self.target.path()
    }
}

/// What a run has to undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    pub(super) format: u32,
    pub(super) stage: StageName,
    /// In the order in which they are done: folders before what goes into them.
    pub(super) entries: Vec<Entry>,
}

/// A journal as it lies on the disk: the MAC is over the text, so reading it does not depend on how it is parsed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    mac: String,
    journal: String,
}

/// Seals journals of one output folder, and opens them again.
pub(super) struct Seal {
    key: [u8; 32],
}

impl Seal {
    /// Binds a key to an output folder.
    pub(super) fn new(key: &JournalKey, root: &Folder) -> std::io::Result<Self> {
        Ok(Self { key: *blake3::keyed_hash(key.as_bytes(), &root.binding()?).as_bytes() })
    }

    fn mac(&self, text: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"packbox journal, format 1\n");
        hasher.update(text.as_bytes());
        hasher.finalize()
    }

    /// Writes a journal into the stage, under a name that does not count yet.
    pub(super) fn write_draft(&self, journal: &Journal, stage: &Folder, durable: bool) -> std::io::Result<()> {
        let text = serde_json::to_string(journal)?;
        let bytes = serde_json::to_vec(&Sealed { mac: self.mac(&text).to_hex().to_string(), journal: text })?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(std::io::Error::other("the journal would be too large: generate fewer files at once"));
        }
        let mut file = stage.create_file(JOURNAL_DRAFT, false)?;
        file.write_all(&bytes)?;
        if durable {
            sync_file(&file)?;
        }
        Ok(())
    }

    /// Reads a journal; none where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] where it is not one of ours for this folder; [`ErrorKind::OutsidePath`] where a link
    /// stands there; [`ErrorKind::Io`].
    pub(super) fn read(&self, folder: &Folder, name: &str) -> Result<Option<Journal>> {
        let path = format!("{METADATA}/{name}");
        let io = |error| Error::io(format!("cannot read `{path}` in the output folder"), error);
        let Some(status) = folder.status(name).map_err(io)? else { return Ok(None) };
        if status.kind != Kind::File {
            return Err(own_obstacle(folder, name, &path, "read", std::io::ErrorKind::IsADirectory.into()));
        }
        let file = folder.open_file(name, status.identity).map_err(io)?;
        let contents = read_at_most(&file, MAX_BYTES).map_err(io)?;
        contents.and_then(|contents| self.open(&contents)).map(Some).ok_or_else(|| {
            Error::new(
                ErrorKind::Refused,
                format!("`{path}` in the output folder was not written by packbox on this machine"),
            )
            .hint(format!(
                "check it; old versions of files, if there are any, are in `{METADATA}/stage-*`; delete `{path}` if \
                     it isn't yours, then run the command again"
            ))
        })
    }

    fn open(&self, contents: &[u8]) -> Option<Journal> {
        let sealed: Sealed = serde_json::from_slice(contents).ok()?;
        let mac = blake3::Hash::from_hex(&sealed.mac).ok()?;
        // The comparison of two hashes takes the same time wherever they differ.
        if mac != self.mac(&sealed.journal) {
            return None;
        }
        let journal: Journal = serde_json::from_str(&sealed.journal).ok()?;
        (journal.format == FORMAT).then_some(journal)
    }
}

impl Journal {
    pub(super) fn new(stage: StageName, entries: Vec<Entry>) -> Self {
        Self { format: FORMAT, stage, entries }
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::JOURNAL;
    use super::*;

    fn journal() -> Journal {
        let new = Identity { device: 1, inode: 2, bytes: 3, seconds: 4, nanoseconds: 5 };
        let entry = |target, change| Entry { target, change, new };
        let path = |path: &str| Target::Path(OutputPath::new(path).unwrap());
        Journal::new(
            StageName::random().unwrap(),
            vec![
                entry(path("a"), Change::Folder),
                entry(path("a/b"), Change::Create),
                entry(Target::Receipt, Change::Replace),
            ],
        )
    }

    #[test]
    fn journals_count_only_with_their_key_and_in_their_folder() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (root, other) = (Folder::open_path(here.path()).unwrap(), Folder::open_path(there.path()).unwrap());
        let seal = Seal::new(&JournalKey::from_bytes([7; 32]), &root).unwrap();
        let journal = journal();
        seal.write_draft(&journal, &root, true).unwrap();
        assert_eq!(seal.read(&root, JOURNAL_DRAFT).unwrap(), Some(journal));
        assert_eq!(seal.read(&root, JOURNAL).unwrap(), None);

        let refusal = |seal: &Seal| seal.read(&root, JOURNAL_DRAFT).unwrap_err().kind();
        assert_eq!(refusal(&Seal::new(&JournalKey::from_bytes([8; 32]), &root).unwrap()), ErrorKind::Refused);
        assert_eq!(refusal(&Seal::new(&JournalKey::from_bytes([7; 32]), &other).unwrap()), ErrorKind::Refused);

        let path = here.path().join(JOURNAL_DRAFT);
        let text = std::fs::read_to_string(&path).unwrap();
        for (from, to) in [("a/b", "a/c"), ("create", "folder"), ("\"mac\":\"", "\"mac\":\"0"), ("{", "")] {
            assert!(text.contains(from), "{text}");
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            assert_eq!(refusal(&seal), ErrorKind::Refused, "{from}");
        }
        std::fs::write(&path, b"").unwrap();
        assert_eq!(refusal(&seal), ErrorKind::Refused);
    }

    #[test]
    fn paths_are_checked_even_under_a_valid_mac() {
        let place = tempfile::tempdir().unwrap();
        let root = Folder::open_path(place.path()).unwrap();
        let seal = Seal::new(&JournalKey::from_bytes([7; 32]), &root).unwrap();
        let text = serde_json::to_string(&journal()).unwrap();
        for (from, to) in [("\"a/b\"", "\"a/../../b\""), ("stage-", "../stage-"), ("\"format\":1", "\"format\":2")] {
            assert!(text.contains(from), "{text}");
            let text = text.replacen(from, to, 1);
            let sealed = Sealed { mac: seal.mac(&text).to_hex().to_string(), journal: text };
            std::fs::write(place.path().join(JOURNAL), serde_json::to_vec(&sealed).unwrap()).unwrap();
            assert_eq!(seal.read(&root, JOURNAL).unwrap_err().kind(), ErrorKind::Refused);
        }
    }
}
