//! Compiled code on disk, authenticated before it is loaded.
//!
//! Loading compiled code runs it, so nothing is deserialized that this user's packbox did not write for this very
//! component, engine configuration and profile. Each entry is a `.cwasm` file with a `.mac` file beside it: a keyed MAC
//! over the entry's name and all of its bytes. The key lives in the state folder, never beside the cache, and is bound to
//! its file's device and inode: a cache and a key that were restored together from elsewhere do not verify.
//!
//! Checking a MAC reads the whole file, so a second MAC covers a *record*: device, inode, size and times of the file that
//! was once verified. While the open file still has all of these, it is mapped without being read. A record is distrusted
//! when the file changed so shortly before it was verified that the clock could not have shown another change.
//!
//! Always true here: links are not followed; files that others can write are not used; a bad entry is a miss, never an
//! error; entries appear by rename.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Mode, OFlags};
use serde::Serialize;
use wasmtime::component::Component;

use super::config::Profile;
use super::entry_lock::Attempt;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::files;

/// Where compiled code and the key are kept.
#[derive(Debug, Clone)]
pub struct CacheLocation {
    /// Folder for compiled code; may be deleted at any time.
    pub folder: PathBuf,
    /// Where the key comes from.
    pub key: CacheKeySource,
}

/// Where the MAC key comes from.
#[derive(Clone)]
pub enum CacheKeySource {
    /// A file in the state folder, made when it is missing; the key is bound to the file's device and inode.
    File(PathBuf),
    /// The user's secret, for a CI that keeps compiled code between runs.
    Secret([u8; 32]),
}

impl std::fmt::Debug for CacheKeySource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Secret(_) => formatter.write_str("Secret"),
        }
    }
}

/// Compiled code on disk.
#[derive(Debug)]
pub struct CompiledCache {
    folder: PathBuf,
    key: [u8; 32],
}

/// What an entry is for.
#[derive(Debug, Clone, Copy)]
pub struct EntryKey<'a> {
    /// The component's digest.
    pub component: Digest,
    /// The engine's compatibility digest.
    pub compatibility: &'a [u8; 32],
    /// The engine's profile.
    pub profile: Profile,
}

/// What keeps this key apart from others.
const PURPOSE: &str = "packbox compiled cache key 1";
/// The largest entry that is read.
const LARGEST: u64 = 1 << 30;
/// A file that changed less than this before it was verified may have changed again unseen.
const CLOCK_GRANULE_NANOSECONDS: i128 = 100_000_000;

impl EntryKey<'_> {
    fn name(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("packbox compiled cache entry 1");
        hasher.update(self.component.as_bytes()).update(self.compatibility).update(self.profile.name().as_bytes());
        hasher.finalize().to_hex()[..40].to_owned()
    }
}

impl CompiledCache {
    /// Opens the cache, making its folder and its key where they are missing.
    ///
    /// # Errors
    /// `Io` where they can't be made or read, or where the key file is a link or open to others.
    pub fn open(location: &CacheLocation) -> Result<Self> {
        std::fs::create_dir_all(&location.folder).map_err(|error| {
            Error::io(format!("cannot make the cache folder `{}`", location.folder.display()), error).hint(elsewhere())
        })?;
        let key = match &location.key {
            CacheKeySource::Secret(secret) => *secret,
            CacheKeySource::File(path) => bound_key(path, PURPOSE)?,
        };
        Ok(Self { folder: location.folder.clone(), key })
    }

    /// Loads an entry; none where there is none that verifies.
    pub fn load(&self, engine: &wasmtime::Engine, key: &EntryKey<'_>) -> Option<Component> {
        let name = key.name();
        let mut file = open_private(&self.folder.join(format!("{name}.cwasm")))?;
        let identity = Identity::of(&file)?;
        if self.is_recorded(&name, &identity)
            && let Some(component) = map(engine, &file)
        {
            return Some(component);
        }
        let bytes = read_bounded(&mut file, identity.size)?;
        let stored = read_small(&self.folder.join(format!("{name}.mac")))?;
        if !same(&stored, self.mac(&name, &bytes).as_bytes()) {
            tracing::warn!(entry = name, "a compiled cache entry does not verify; compiling again");
            return None;
        }
        self.record(&name, &identity, &file);
        // SAFETY: the MAC says that this user's packbox wrote these bytes from `precompile_component` for this component
        // and this configuration; the bytes are a private copy, so they are the ones that were checked.
        unsafe { Component::deserialize(engine, &bytes) }
            .inspect_err(|error| tracing::warn!(entry = name, "a compiled cache entry does not load: {error}"))
            .ok()
    }

    /// Tries to become the one who compiles an entry, among all processes.
    pub(super) fn try_lock(&self, key: &EntryKey<'_>) -> Attempt {
        Attempt::at(&self.folder.join(format!("{}.lock", key.name())))
    }

    /// Stores an entry. A failure costs the next run a compilation, so it is traced, not returned.
    pub fn store(&self, key: &EntryKey<'_>, compiled: &[u8]) {
        let name = key.name();
        let mac = self.mac(&name, compiled);
        let stored = files::replace_private(&self.folder.join(format!("{name}.cwasm")), compiled)
            .and_then(|()| files::replace_private(&self.folder.join(format!("{name}.mac")), mac.as_bytes()));
        if let Err(error) = stored {
            tracing::warn!("cannot keep compiled code in `{}`: {error}", self.folder.display());
        }
    }

    /// Opens the cache where its folder and its key exist, and makes nothing; none where one of them is missing.
    ///
    /// # Errors
    /// `Io` where the key can't be read, or is a link or open to others.
    pub(super) fn open_existing(location: &CacheLocation) -> Result<Option<Self>> {
        let key = match &location.key {
            CacheKeySource::Secret(secret) => *secret,
            CacheKeySource::File(path) if !is_there(path) => return Ok(None),
            CacheKeySource::File(path) => existing_key(path, PURPOSE)?,
        };
        let folder = location.folder.clone();
        Ok(folder.is_dir().then_some(Self { folder, key }))
    }

    /// Whether an entry is as it was written. Reads all of it, and keeps none of it.
    pub(super) fn verifies(&self, name: &str) -> bool {
        let Some(mut file) = open_private(&self.folder.join(format!("{name}.cwasm"))) else { return false };
        let Some(stored) = read_small(&self.folder.join(format!("{name}.mac"))) else { return false };
        if file.metadata().map_or(true, |metadata| metadata.len() > LARGEST) {
            return false;
        }
        let mut hasher = self.mac_of(name);
        hasher.update_reader(&mut file).is_ok() && same(&stored, hasher.finalize().as_bytes())
    }

    fn mac_of(&self, name: &str) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"code\0").update(name.as_bytes());
        hasher
    }

    fn mac(&self, name: &str, bytes: &[u8]) -> blake3::Hash {
        self.mac_of(name).update(bytes).finalize()
    }

    fn record_mac(&self, name: &str, identity: &Identity) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"record\0").update(name.as_bytes()).update(&identity.to_bytes());
        hasher.finalize()
    }

    /// Whether this very file, unchanged since, was verified before. The record is nothing but a MAC: it holds if it is
    /// the MAC of what the open file looks like now.
    fn is_recorded(&self, name: &str, identity: &Identity) -> bool {
        cfg!(target_os = "linux")
            && read_small(&self.folder.join(format!("{name}.seen")))
                .is_some_and(|stored| same(&stored, self.record_mac(name, identity).as_bytes()))
    }

    fn record(&self, name: &str, identity: &Identity, file: &File) {
        let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) else { return };
        let now = i128::try_from(now.as_nanos()).unwrap_or(i128::MAX);
        let unchanged = Identity::of(file).is_some_and(|after| after == *identity);
        if unchanged && now - identity.changed > CLOCK_GRANULE_NANOSECONDS {
            let mac = self.record_mac(name, identity);
            if let Err(error) = files::replace_private(&self.folder.join(format!("{name}.seen")), mac.as_bytes()) {
                tracing::debug!("cannot record a verified cache entry: {error}");
            }
        }
    }
}

/// What a file looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: i128,
    changed: i128,
}

impl Identity {
    fn of(file: &File) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = file.metadata().ok()?;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    fn to_bytes(self) -> Vec<u8> {
        [
            &self.device.to_le_bytes()[..],
            &self.inode.to_le_bytes(),
            &self.size.to_le_bytes(),
            &self.modified.to_le_bytes(),
            &self.changed.to_le_bytes(),
        ]
        .concat()
    }
}

/// Opens a regular file that nobody else can write, without following a link.
pub(super) fn open_private(path: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt as _;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let metadata = file.metadata().ok()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    (metadata.is_file() && ours && metadata.mode() & 0o022 == 0).then_some(file)
}

pub(super) fn read_bounded(file: &mut File, size: u64) -> Option<Vec<u8>> {
    if size > LARGEST {
        return None;
    }
    let bytes = files::read_sized(file, size, size).ok()?;
    (bytes.len() as u64 == size).then_some(bytes)
}

fn read_small(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(33);
    open_private(path)?.take(33).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Compares a stored MAC with a computed one, in constant time.
pub(super) fn same(stored: &[u8], computed: &[u8; 32]) -> bool {
    <[u8; 32]>::try_from(stored)
        .is_ok_and(|stored| blake3::Hash::from_bytes(stored) == blake3::Hash::from_bytes(*computed))
}

/// Maps a verified file through its open handle, so that it is the file that was looked at.
fn map(engine: &wasmtime::Engine, file: &File) -> Option<Component> {
    use std::os::fd::AsRawFd as _;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the record says that these bytes were verified, and that the file has not changed since.
    unsafe { Component::deserialize_file(engine, path) }
        .inspect_err(|error| tracing::debug!("cannot map a compiled cache entry: {error}"))
        .ok()
}

/// Reads the 32 random bytes of a key file, making it where it is missing, and binds them to the file's device and inode.
/// `purpose` keeps keys for different uses apart.
///
/// # Errors
/// `Io` where the file can't be made or read, or is a link, or others can read or write it.
pub fn bound_key(path: &Path, purpose: &str) -> Result<[u8; 32]> {
    if !path.exists() {
        make_key(path).map_err(|error| {
            Error::io(format!("cannot make the key file `{}`", path.display()), error).hint(elsewhere())
        })?;
    }
    existing_key(path, purpose)
}

/// What to do where packbox can't keep what is its own.
fn elsewhere() -> &'static str {
    said("set PACKBOX_HOME to a folder that you can write to", "name a folder that this process can write to")
}

fn unusable_key(path: &Path, error: std::io::Error) -> Error {
    Error::io(format!("cannot use the key file `{}`", path.display()), error)
        .hint("delete it and run the command again: a new one is made, and what the old one protected is made again")
}

/// Whether something has this name, a link that leads nowhere included.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// [`bound_key`] for a file that exists; makes nothing.
fn existing_key(path: &Path, purpose: &str) -> Result<[u8; 32]> {
    use std::os::unix::fs::MetadataExt as _;
    let failed = |error: std::io::Error| unusable_key(path, error);
    let file =
        open_private(path).ok_or_else(|| failed(std::io::Error::other("it is a link, or others can write it")))?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(failed(std::io::Error::other("others can read it")));
    }
    let mut bytes = Vec::with_capacity(33);
    (&file).take(33).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() != 32 {
        return Err(failed(std::io::Error::other("it is not 32 bytes long")));
    }
    let mut hasher = blake3::Hasher::new_derive_key(purpose);
    hasher.update(&bytes).update(&metadata.dev().to_le_bytes()).update(&metadata.ino().to_le_bytes());
    Ok(*hasher.finalize().as_bytes())
}

/// What is known of a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// There is none yet; it is made when it is needed.
    Missing,
    /// It is a file of 32 bytes that nobody else can read or write.
    Private,
    /// It is a link, others can read or write it, or it is not 32 bytes long.
    Unusable,
}

/// Looks at a key file, and makes none.
#[must_use]
pub fn key_state(path: &Path) -> KeyState {
    if !is_there(path) {
        return KeyState::Missing;
    }
    if existing_key(path, PURPOSE).is_ok() { KeyState::Private } else { KeyState::Unusable }
}

fn make_key(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(std::io::Error::other)?;
    files::create_private(path, &key)
}
