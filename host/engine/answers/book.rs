//! The answers of a pack's calls, in one file: [`Book`].
//!
//! A file is read when an answer is first looked for, and believed as a whole or not at all: it ends with a keyed MAC over its
//! name and all of its bytes, under a key that is bound to this machine as that of compiled code is. It is written anew, by one
//! rename, when something was added. Processes that write at the same time replace each other's: what one of them kept is
//! lost, and called for again.
//!
//! Always true here: a file that is damaged, a link, or open to others is the same as none; what can't be written is traced, and
//! no error.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::codec::{Reader, Writer};
use super::key::{Key, Tag};
use super::question::{COMPONENT, ITEM, Known, NAMES, OPTIONS, PARTIALS, PARTS, Question, SETTINGS, TEMPLATE};
use super::why::Why;
use crate::engine::cache::{open_private, read_bounded, same};
use crate::files;

/// What a file begins with.
const MAGIC: &[u8] = b"packbox answers 3\n";
/// The largest file, in bytes.
const LARGEST: u64 = 8 << 20;
/// The largest answer that is kept, in bytes.
const LARGEST_ANSWER: usize = 1 << 20;
/// Bytes of new answers that one run keeps: more are called for again.
const MOST_NEW: usize = 4 << 20;
/// Bytes that an answer takes beside its own and its names.
const ENTRY: usize = size_of::<Entry>() + 256;
/// Answers for one thing: of several projects, or of values that are tried in turn.
const SAME: usize = 4;
/// How often a file is written before an answer goes that was not taken meanwhile.
const KEPT_FOR: u64 = 16;
/// How old a file may be that was read before that is noted: `clean` goes by it.
const NOTED_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Bytes of memory that a call takes at the most for a byte that it is given more, and does not look at.
const GROWTH: u64 = 64;

/// The answers of a pack's calls.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    name: String,
    key: Key,
    pages: Mutex<Pages>,
    is_full: AtomicBool,
}

#[derive(Debug, Default)]
struct Pages {
    /// Whether the file was read.
    is_open: bool,
    /// How often the file was written, this run's writing included.
    generation: u64,
    /// By what they are for; the one that was taken last is first.
    slots: HashMap<Tag, Vec<Entry>>,
    /// Partials by the digest of them all: paths and digests.
    partials: BTreeMap<Tag, Vec<(String, Tag)>>,
    is_changed: bool,
    /// Bytes of the answers that this run added.
    new: usize,
}

/// An answer, and what it depends on.
#[derive(Debug)]
struct Entry {
    parts: [Tag; PARTS],
    /// The names that were looked up, with digests of their values.
    reads: Vec<(String, Tag)>,
    /// Bytes that the call was given.
    input: u64,
    /// Bytes of memory that it took.
    peak: u64,
    /// When it was made or taken last.
    last: u64,
    body: Body,
}

/// The bytes of an answer.
#[derive(Debug, Clone)]
pub(super) struct Body {
    /// Bytes that it counts for where it is copied out of a guest.
    pub weight: u64,
    whole: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Body {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.whole[self.range.clone()]
    }
}

/// What a call is given, for an answer of it.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub question: &'a Question,
    pub known: Option<&'a Known<'a>>,
    /// Bytes that are handed in.
    pub input: u64,
    /// Bytes of memory that a call may have.
    pub memory: u64,
}

impl Book {
    /// Opens a file that may not be there; nothing is read yet.
    pub(in crate::engine) fn at(folder: &std::path::Path, of: &str, key: [u8; 32]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("packbox answers file 1");
        hasher.update(of.as_bytes());
        let name = hasher.finalize().to_hex()[..40].to_owned();
        let path = folder.join(format!("{name}.answers"));
        Self { path, name, key: Key::new(key), pages: Mutex::default(), is_full: AtomicBool::new(false) }
    }

    /// Digests parts under the book's key; `what` keeps those of different kinds apart.
    #[must_use]
    pub fn tag(&self, what: &str, parts: &[&[u8]]) -> Tag {
        self.key.tag(what, parts)
    }

    /// Digests files that may be included, and notes what they were, so that it can be told which of them changed.
    pub fn partials<'f>(&self, files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Tag {
        let files: Vec<(String, Tag)> =
            files.map(|(path, contents)| (path.to_owned(), self.tag("file", &[contents]))).collect();
        let parts: Vec<&[u8]> = files.iter().flat_map(|(path, tag)| [path.as_bytes(), &tag[..]]).collect();
        let all = self.tag("partials", &parts);
        self.pages().partials.entry(all).or_insert(files);
        all
    }

    /// Whether there is any answer.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.pages().slots.is_empty()
    }

    /// Whether there is any answer of a component, called with what it may use now.
    #[must_use]
    pub fn knows(&self, (component, settings): &(Tag, Tag)) -> bool {
        let is_of = |entry: &Entry| entry.parts[COMPONENT] == *component && entry.parts[SETTINGS] == *settings;
        self.pages().slots.values().flatten().any(is_of)
    }

    /// Whether this run added as much as one may: nothing more is kept.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// For what there is any answer; none is asked for what depends on a secret.
    pub(super) fn have(&self, slots: &[Option<Tag>]) -> Vec<bool> {
        let pages = self.pages();
        let has_any = |slot: &Option<Tag>| slot.is_some_and(|slot| pages.slots.contains_key(&slot));
        slots.iter().map(has_any).collect()
    }

    /// Finds answers, or says why there are none; of what is not asked nothing is known.
    pub(super) fn find(&self, all: &[Option<Given<'_>>]) -> Vec<Result<Body, Vec<Why>>> {
        let mut pages = self.pages();
        let find = |given: &Option<Given<'_>>| {
            given.map_or_else(|| Err(vec![Why::First]), |given| self.look(&mut pages, given))
        };
        all.iter().map(find).collect()
    }

    fn look(&self, pages: &mut Pages, given: Given<'_>) -> Result<Body, Vec<Why>> {
        let Pages { generation, slots, partials, .. } = pages;
        let Some(entries) = slots.get_mut(&given.question.slot).filter(|entries| !entries.is_empty()) else {
            return Err(vec![Why::First]);
        };
        let parts = self.parts(given);
        let fits = |entry: &Entry| {
            entry.parts == parts
                && entry.reads.iter().all(|(name, tag)| self.value(given, name).as_ref() == Some(tag))
                && !is_larger(entry, given)
        };
        if let Some(found) = entries.iter().position(fits) {
            entries[..=found].rotate_right(1);
            entries[0].last = *generation;
            return Ok(entries[0].body.clone());
        }
        // The one that is nearest says most.
        let whys = entries.iter().map(|entry| self.differences(entry, &parts, given, partials));
        Err(whys.min_by_key(|whys| whys.iter().map(Why::weight).sum::<usize>()).unwrap_or_default())
    }

    /// Keeps an answer of a call that looked up these names, none of which is a secret.
    pub(super) fn keep(&self, given: Given<'_>, peak: u64, names: &[&str], answer: Writer) {
        if answer.bytes.len() > LARGEST_ANSWER {
            return;
        }
        let reads = names.iter().map(|name| Some(((*name).to_owned(), self.value(given, name)?)));
        let Some(reads) = reads.collect::<Option<Vec<_>>>() else { return };
        let parts = self.parts(given);
        let range = 0..answer.bytes.len();
        let body = Body { weight: answer.weight, whole: Arc::new(answer.bytes), range };
        let mut pages = self.pages();
        let names: usize = names.iter().map(|name| name.len() + size_of::<(String, Tag)>()).sum();
        pages.new += body.bytes().len() + names + ENTRY;
        if pages.new > MOST_NEW {
            self.is_full.store(true, Ordering::Relaxed);
            return;
        }
        let last = pages.generation;
        let entries = pages.slots.entry(given.question.slot).or_default();
        entries.retain(|entry| entry.parts != parts || entry.reads != reads);
        // Nearly all of them are alone.
        entries.reserve_exact(1);
        entries.insert(0, Entry { parts, reads, input: given.input, peak, last, body });
        entries.truncate(SAME);
        pages.is_changed = true;
    }

    fn parts(&self, given: Given<'_>) -> [Tag; PARTS] {
        let mut parts = given.question.parts;
        if let Some(known) = given.known {
            parts[NAMES] = known.names(&self.key);
        }
        parts
    }

    fn value(&self, given: Given<'_>, name: &str) -> Option<Tag> {
        given.known?.tag(&self.key, name)
    }

    /// What is different now.
    fn differences(
        &self,
        entry: &Entry,
        parts: &[Tag; PARTS],
        given: Given<'_>,
        partials: &BTreeMap<Tag, Vec<(String, Tag)>>,
    ) -> Vec<Why> {
        let differs = |part: &usize| entry.parts[*part] != parts[*part];
        let mut whys: Vec<Why> = (0..PARTS)
            .filter(differs)
            .map(|part| match part {
                COMPONENT => Why::Component,
                SETTINGS => Why::Settings,
                TEMPLATE => Why::Template,
                PARTIALS => Why::Partials(changed(partials, &entry.parts[PARTIALS], &parts[PARTIALS])),
                OPTIONS => Why::Options,
                ITEM => Why::Item,
                _ => Why::Names,
            })
            .collect();
        let others = entry.reads.iter().filter(|(name, tag)| self.value(given, name).as_ref() != Some(tag));
        let others: Vec<String> = others.map(|(name, _)| name.clone()).collect();
        if !others.is_empty() {
            whys.push(Why::Variables(others));
        }
        if whys.is_empty() {
            whys.push(Why::Larger);
        }
        whys
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.is_open {
            *pages = self.load().unwrap_or_default();
            pages.generation += 1;
            pages.is_open = true;
        }
        pages
    }

    fn load(&self) -> Option<Pages> {
        let mut file = open_private(&self.path)?;
        let metadata = file.metadata().ok()?;
        let size = metadata.len();
        if size > LARGEST {
            return None;
        }
        let mut bytes = read_bounded(&mut file, size)?;
        let end = bytes.len().checked_sub(32)?;
        if !same(&bytes[end..], self.key.mac(&self.name, &bytes[..end]).as_bytes()) {
            tracing::warn!(book = self.name, "kept answers do not verify; they are made again");
            return None;
        }
        bytes.truncate(end);
        let now = SystemTime::now();
        let age = metadata.modified().ok().and_then(|written| now.duration_since(written).ok());
        if age.is_some_and(|age| age > NOTED_EVERY) {
            // Who may not change a time may read all the same.
            let _ = file.set_modified(now);
        }
        read(&Arc::new(bytes))
    }

    /// Writes the file, where something was added, and gives the memory back; it is read again where more is asked.
    pub fn close(&self) {
        let mut pages = std::mem::take(&mut *self.pages.lock().unwrap_or_else(PoisonError::into_inner));
        self.is_full.store(false, Ordering::Relaxed);
        if std::mem::take(&mut pages.is_changed) {
            self.save(&pages);
        }
    }

    fn save(&self, pages: &Pages) {
        let mut bytes = write(pages);
        bytes.extend(self.key.mac(&self.name, &bytes).as_bytes());
        let folder = self.path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| files::replace_private(&self.path, &bytes)) {
            tracing::warn!("cannot keep answers in `{}`: {error}", self.path.display());
        }
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        self.close();
    }
}

/// Whether a call is given so much more than the one was that it may end in another way, though it reads the same.
const fn is_larger(entry: &Entry, given: Given<'_>) -> bool {
    let more = given.input.saturating_sub(entry.input);
    more > 0 && entry.peak.saturating_add(more.saturating_mul(GROWTH)) > given.memory
}

/// The paths of partials that are new, others or gone.
fn changed(partials: &BTreeMap<Tag, Vec<(String, Tag)>>, before: &Tag, now: &Tag) -> Vec<String> {
    let of = |all: &Tag| -> BTreeMap<&str, &Tag> {
        let files = partials.get(all).map(Vec::as_slice).unwrap_or_default();
        files.iter().map(|(path, tag)| (path.as_str(), tag)).collect()
    };
    let (before, now) = (of(before), of(now));
    let mut paths: Vec<&str> = before.keys().chain(now.keys()).copied().collect();
    paths.sort_unstable();
    paths.dedup();
    paths.retain(|path| before.get(path) != now.get(path));
    paths.into_iter().map(str::to_owned).collect()
}

fn write(pages: &Pages) -> Vec<u8> {
    let mut entries: Vec<(&Tag, &Entry)> =
        pages.slots.iter().flat_map(|(slot, entries)| entries.iter().map(move |entry| (slot, entry))).collect();
    // What was taken last comes first; of these the order is that of the slots, so that a file is the same for the same answers.
    entries
        .sort_by(|(slot, entry), (other_slot, other)| other.last.cmp(&entry.last).then_with(|| slot.cmp(other_slot)));
    let mut room = usize::try_from(LARGEST).unwrap_or(usize::MAX) / 8 * 7;
    entries.retain(|(_, entry)| {
        let names: usize = entry.reads.iter().map(|(name, _)| name.len() + 24).sum();
        let bytes = entry.body.bytes().len() + names + 16 * (PARTS + 4);
        let is_kept = pages.generation - entry.last.min(pages.generation) < KEPT_FOR && bytes <= room;
        room -= if is_kept { bytes } else { 0 };
        is_kept
    });
    let mut used: Vec<&Tag> = entries.iter().map(|(_, entry)| &entry.parts[PARTIALS]).collect();
    used.sort_unstable();
    used.dedup();
    let partials: Vec<_> = used.into_iter().filter_map(|all| pages.partials.get_key_value(all)).collect();
    let mut writer = Writer { bytes: MAGIC.to_vec(), weight: 0 };
    writer.number(pages.generation);
    writer.number(partials.len() as u64);
    for (all, files) in partials {
        writer.bytes.extend(all);
        tagged(&mut writer, files);
    }
    writer.number(entries.len() as u64);
    for (slot, entry) in entries {
        writer.bytes.extend(slot);
        entry.parts.iter().for_each(|part| writer.bytes.extend(part));
        tagged(&mut writer, &entry.reads);
        writer.number(entry.input);
        writer.number(entry.peak);
        writer.number(entry.last);
        writer.number(entry.body.weight);
        writer.block(entry.body.bytes());
    }
    writer.bytes
}

fn tagged(writer: &mut Writer, named: &[(String, Tag)]) {
    writer.number(named.len() as u64);
    for (name, tag) in named {
        writer.block(name.as_bytes());
        writer.bytes.extend(tag);
    }
}

fn read(whole: &Arc<Vec<u8>>) -> Option<Pages> {
    let mut reader = Reader::new(whole);
    if reader.bytes(MAGIC.len())? != MAGIC {
        return None;
    }
    let mut pages = Pages { generation: reader.number()?, ..Pages::default() };
    for _ in 0..reader.number()? {
        let all = tag(&mut reader)?;
        pages.partials.insert(all, read_tagged(&mut reader)?);
    }
    for _ in 0..reader.number()? {
        let slot = tag(&mut reader)?;
        let mut parts = [Tag::default(); PARTS];
        for part in &mut parts {
            *part = tag(&mut reader)?;
        }
        let reads = read_tagged(&mut reader)?;
        let (input, peak) = (reader.number()?, reader.number()?);
        let (last, weight) = (reader.number()?, reader.number()?);
        let length = reader.block()?.len();
        let end = whole.len() - reader.left();
        let body = Body { weight, whole: Arc::clone(whole), range: end - length..end };
        pages.slots.entry(slot).or_default().push(Entry { parts, reads, input, peak, last, body });
    }
    reader.is_at_end().then_some(pages)
}

fn tag(reader: &mut Reader<'_>) -> Option<Tag> {
    reader.bytes(size_of::<Tag>())?.try_into().ok()
}

fn read_tagged(reader: &mut Reader<'_>) -> Option<Vec<(String, Tag)>> {
    let count = reader.number()?;
    let mut named = Vec::new();
    for _ in 0..count {
        let name = std::str::from_utf8(reader.block()?).ok()?.to_owned();
        named.push((name, tag(reader)?));
    }
    Some(named)
}
