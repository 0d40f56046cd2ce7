//! What the run before generated, as the receipt in an output folder says.
//!
//! Always true here: the receipt is hostile input, as a cloned repository may carry one. A large one is read as a
//! stream, of each file only what is needed is kept, and their number is bounded. What it says marks a file at most as one whose bytes
//! equal a digest; a receipt that can't be read marks none.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{Error as _, SeqAccess, Visitor};

use super::super::tree::{Receipt, RecordedFile};
use super::folder::{Folder, Kind, Status, read_sized};
use super::layout::{RECEIPT, RECEIPT_PATH};
use super::receipt::find;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::pack::{OutputPath, PackName};
use crate::text;

/// The most files that are taken from a receipt: more than fit into the largest one that packbox writes.
const MAX_FILES: usize = 250_000;

/// Packs of one file that a message names; the rest is counted.
const NAMED: usize = 5;

/// The largest receipt that is read as a whole, in bytes, which takes a fraction of the time.
const SMALL_BYTES: u64 = 1 << 20;

/// Bytes of files that are read in one run to compare them with a receipt.
const COMPARED_BYTES: u64 = 4 << 30;

/// What is known of the run before.
#[derive(Debug, Default)]
pub(super) enum Previous {
    /// There is no receipt.
    #[default]
    Nothing,
    /// There is something that is no receipt of this packbox.
    Unusable,
    /// A receipt.
    Known(Known),
}

/// What a receipt says: of each path once, sorted by path.
#[derive(Debug)]
pub(super) struct Known {
    /// The pack of the last run.
    last: PackName,
    /// Files of the packs that are generated now, and those that were left behind.
    ours: Vec<RecordedFile>,
    /// Files of other packs.
    others: Vec<RecordedFile>,
    /// The packs that are generated now.
    packs: Vec<String>,
}

impl Previous {
    /// Reads the receipt of an output folder.
    ///
    /// # Errors
    /// As [`read_receipt`](super::read_receipt), where something else than a file stands at its place.
    pub(super) fn read(root: &Folder, packs: &[&str]) -> Result<Self> {
        let Some((metadata, status)) = find(root)? else { return Ok(Self::Nothing) };
        let file = metadata
            .open_file(RECEIPT, status.identity)
            .map_err(|error| Error::io(format!("cannot read `{RECEIPT_PATH}` in the output folder"), error))?;
        let bytes = status.identity.bytes;
        let read: serde_json::Result<Said> = if bytes <= SMALL_BYTES {
            let contents = read_sized(&file, bytes, bytes).ok().flatten().unwrap_or_default();
            serde_json::from_slice(&contents)
        } else {
            serde_json::from_reader(BufReader::new(file.take(Receipt::MAX_BYTES)))
        };
        Ok(match read {
            Ok(said) if said.format == Receipt::FORMAT => said.of(packs).map_or(Self::Unusable, Self::Known),
            Ok(_) | Err(_) => Self::Unusable,
        })
    }

    /// Forgets what is no longer there of other packs.
    pub(super) fn keep_others(&mut self, is_there: impl FnMut(&RecordedFile) -> bool) {
        if let Self::Known(known) = self {
            known.others.retain(is_there);
        }
    }

    /// The pack of the last run, where that was another one, and nothing is known of this one.
    pub(super) fn stranger(&self) -> Option<&PackName> {
        let Self::Known(Known { last, ours, others, .. }) = self else { return None };
        Some(last).filter(|last| ours.is_empty() && others.iter().any(|file| file.pack.as_ref() == Some(last)))
    }

    /// The files that this pack may have left in the folder.
    pub(super) fn files(&self) -> &[RecordedFile] {
        if let Self::Known(known) = self { &known.ours } else { &[] }
    }

    /// The files that are known of other packs.
    pub(super) fn others(&self) -> &[RecordedFile] {
        if let Self::Known(known) = self { &known.others } else { &[] }
    }

    /// What is recorded of a file of this pack.
    pub(super) fn get(&self, path: &OutputPath) -> Option<&RecordedFile> {
        find_in(self.files(), path)
    }

    /// What is recorded of a file, whosever it is.
    pub(super) fn recorded(&self, path: &OutputPath) -> Option<&RecordedFile> {
        self.get(path).or_else(|| find_in(self.others(), path))
    }

    /// What is recorded of files below a folder.
    pub(super) fn below(&self, folder: &str) -> &[RecordedFile] {
        let files = self.files();
        // `/` sorts right before `0`.
        let (first, end) = (format!("{folder}/"), format!("{folder}0"));
        let place = |text: &str| files.partition_point(|file| file.path.as_str() < text);
        &files[place(&first)..place(&end)]
    }

    /// Why what stands at a path is somebody's own.
    pub(super) fn whose(&self, path: &str) -> String {
        let path = OutputPath::new(path).ok();
        path.as_ref().and_then(|path| self.why_of_others(path)).unwrap_or_else(|| {
            match path.as_ref().and_then(|path| self.get(path)) {
                Some(recorded) if recorded.shared => "what a pack wants was merged into a file of yours",
                Some(recorded) if recorded.found => "it was there before packbox generated it",
                Some(recorded) if recorded.sha256.is_some() => "it has been edited since it was generated",
                Some(_) => "as it may hold a secret, no digest of it was kept, so it is unknown whether it was edited",
                None => "packbox did not generate it",
            }
            .to_owned()
        })
    }

    /// What is recorded of a file of other packs: of one that was merged, where not all of its packs are generated now, too.
    pub(super) fn of_others(&self, path: &OutputPath) -> Option<&RecordedFile> {
        find_in(self.others(), path)
    }

    /// Whose a file is that is one of other packs.
    pub(super) fn why_of_others(&self, path: &OutputPath) -> Option<String> {
        let Self::Known(Known { packs, .. }) = self else { return None };
        let RecordedFile { owners, pack, .. } = self.of_others(path)?;
        let names: BTreeSet<&PackName> = owners.iter().map(|owner| &owner.pack).collect();
        if names.len() < 2 {
            return pack.as_ref().map(|pack| format!("it belongs to the pack `{pack}`"));
        }
        let missing: Vec<&PackName> =
            names.iter().copied().filter(|name| !packs.iter().any(|pack| pack == name.as_str())).collect();
        let are = if missing.len() == 1 { "is" } else { "are" };
        let (names, missing) = (listed(names), listed(missing));
        Some(format!("it was merged from the packs {names}, of which {missing} {are} not generated now"))
    }
}

/// Names of packs in a message.
fn listed<'n>(names: impl IntoIterator<Item = &'n PackName>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    text::listed(&names)
}

fn find_in<'f>(files: &'f [RecordedFile], path: &OutputPath) -> Option<&'f RecordedFile> {
    files.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &files[at])
}

/// Compares files with what is recorded of them; how much is read for that is bounded.
pub(super) struct Comparison {
    bytes_left: u64,
}

impl Comparison {
    pub(super) fn new() -> Self {
        Self { bytes_left: COMPARED_BYTES }
    }

    /// Says whether a file is what is recorded of it, to the byte; no where that can't be found out.
    pub(super) fn is_untouched(
        &mut self,
        folder: &Folder,
        name: &str,
        status: Status,
        recorded: &RecordedFile,
    ) -> bool {
        let Some(expected) = recorded.sha256.filter(|_| !recorded.shared) else { return false };
        let bytes = status.identity.bytes;
        if status.kind != Kind::File
            || bytes != recorded.bytes
            || status.executable.is_some_and(|executable| executable != recorded.executable)
            || bytes > self.bytes_left
        {
            return false;
        }
        self.bytes_left -= bytes;
        let digest = folder.open_file(name, status.identity).and_then(|file| Digest::of_reader(file.take(bytes)));
        digest.is_ok_and(|digest| digest == expected)
    }
}

/// What is taken from a receipt; the rest is passed over.
#[derive(Deserialize)]
struct Said {
    format: u32,
    pack: SaidOfPack,
    files: Bounded,
    #[serde(default)]
    left: Bounded,
    #[serde(default)]
    others: Bounded,
}

#[derive(Deserialize)]
struct SaidOfPack {
    name: PackName,
}

impl Said {
    /// Sorts the files into those of some packs and those of others; none where one is named twice. What others want, too, is
    /// theirs.
    fn of(self, packs: &[&str]) -> Option<Known> {
        let Self { pack: SaidOfPack { name: last }, files: Bounded(mut files), left: Bounded(left), others, .. } = self;
        files.extend(left);
        for file in &mut files {
            file.pack.get_or_insert_with(|| last.clone());
        }
        files.extend(others.0);
        let is_named = |pack: &PackName| packs.contains(&pack.as_str());
        for file in &mut files {
            let other = file.owners.iter().find(|owner| !is_named(&owner.pack)).or(file.owners.first());
            file.pack = other.map(|owner| owner.pack.clone()).or(file.pack.take());
        }
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        if files.windows(2).any(|pair| pair[0].path == pair[1].path) || files.iter().any(|file| file.pack.is_none()) {
            return None;
        }
        let is_ours = |file: &mut RecordedFile| match packs {
            // It is the receipt's.
            [_] => file.pack.take_if(|of| is_named(of)).is_some(),
            _ => file.pack.as_ref().is_some_and(is_named),
        };
        let ours = files.extract_if(.., is_ours).collect();
        Some(Known { last, ours, others: files, packs: packs.iter().map(|pack| (*pack).to_owned()).collect() })
    }
}

/// A list of at most [`MAX_FILES`].
#[derive(Default)]
struct Bounded(Vec<RecordedFile>);

impl<'de> Deserialize<'de> for Bounded {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Bounded;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "a list of at most {MAX_FILES} files")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> std::result::Result<Bounded, A::Error> {
                let mut files = Vec::new();
                while let Some(file) = sequence.next_element()? {
                    if files.len() == MAX_FILES {
                        return Err(A::Error::custom("too many files"));
                    }
                    files.push(file);
                }
                Ok(Bounded(files))
            }
        }
        deserializer.deserialize_seq(Counting)
    }
}

#[cfg(test)]
#[path = "previous_tests.rs"]
mod tests;
