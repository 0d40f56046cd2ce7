//! Where packs come from: a folder, or an OCI registry.
//!
//! A source keeps a *log*: a line of JSON for each release that was published, yanked or taken back, in the order in which
//! that happened. Who has read it to a place reads on from there. Each line holds the digest of the one before it, so who
//! remembers one line notices when anything before it was changed or taken away.
//!
//! Always true here: what a source gives out is checked before anything of it is used; an archive that arrives has the
//! digest and the size that were announced.

mod directory;
mod location;
mod log;
#[cfg(feature = "oci")]
mod oci;

pub use directory::DirectorySource;
pub use location::{Location, Reach};
pub use log::{Entry, Position};
#[cfg(feature = "oci")]
pub use oci::OciSource;

use super::release::Release;
use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{PackLimits, PackName};
use crate::progress::Progress;
use crate::text;

/// Somewhere that packs are published to and fetched from.
pub trait Source: Send + Sync {
    /// How the user knows it: a folder, or `oci://HOST/REPOSITORY`.
    fn location(&self) -> String;

    /// Reads what happened after a place in the log, oldest first, and where the log ends now.
    ///
    /// # Errors
    /// `Integrity` where the log is damaged, or is not the one that has been read so far; `NotFound` where there is no
    /// registry; `Io`.
    fn read(&self, after: &Position) -> Result<(Vec<Entry>, Position)>;

    /// Fetches the bytes of a release's archive, and tells how many have arrived.
    ///
    /// # Errors
    /// `Integrity` where they are not those that were announced; `NotFound`; `Io`.
    fn fetch(&self, release: &Release, progress: &dyn Progress) -> Result<Vec<u8>>;

    /// Publishes a release with its archive. `after` is a place in the log up to which there is no such release, so that only
    /// what comes behind it is read; who knows of none gives the beginning.
    ///
    /// # Errors
    /// `Conflict` where that version exists with another content; those of [`Source::read`].
    fn publish(&self, after: &Position, release: &Release, archive: &[u8]) -> Result<Published>;

    /// Withdraws a release, or takes that back.
    ///
    /// # Errors
    /// `NotFound` where there is no such release; `Io`.
    fn yank(&self, name: &PackName, version: &super::PackVersion, yanked: bool) -> Result<Published>;
}

/// Whether a registry was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It was.
    Changed,
    /// Everything was so already.
    Unchanged,
}

/// Checks the size that a release announces before any byte is fetched.
///
/// # Errors
/// `Manifest`, naming the limit.
pub fn check_size(release: &Release, limits: &PackLimits) -> Result<()> {
    if release.bytes <= limits.pack_bytes {
        return Ok(());
    }
    let (size, most) = (text::format_bytes(release.bytes), text::format_bytes(limits.pack_bytes));
    Err(Error::new(
        ErrorKind::Manifest,
        format!("the archive of {} {} takes {size}, but at most {most} is allowed", release.name, release.version),
    )
    .hint("tell its author; a pack from a registry must not be larger"))
}

/// Compares an archive that arrived with what was announced.
///
/// # Errors
/// `Integrity`.
pub fn check_archive(release: &Release, location: &str, archive: &[u8]) -> Result<()> {
    let digest = Digest::of(archive);
    if archive.len() as u64 == release.bytes && digest == release.archive {
        return Ok(());
    }
    let location = text::printable_line(location);
    Err(Error::new(
        ErrorKind::Integrity,
        format!(
            "the archive of {} {} from `{location}` has {} bytes and the digest {digest}, but {} bytes and the digest {} were announced",
            release.name,
            release.version,
            archive.len(),
            release.bytes,
            release.archive
        ),
    )
    .hint("it was changed or damaged on its way; none of it was used. Try again, or tell the registry's owner"))
}

/// The error for a release that a source does not have.
pub(super) fn no_release(name: &PackName, version: &super::PackVersion, location: &str) -> Error {
    let location = text::printable_line(location);
    Error::new(ErrorKind::NotFound, format!("`{location}` has no release {name} {version}"))
        .hint(said("`packbox registry sync` reads the registry again", "`Library::sync` reads the registry again"))
}

/// What entries last say about a release.
fn last<'a>(entries: &'a [Entry], name: &PackName, version: &super::PackVersion) -> Option<&'a Release> {
    entries.iter().rev().map(|entry| &entry.release).find(|known| known.name == *name && known.version == *version)
}

/// Whether a release is among entries; an error where it is there with another content.
fn is_there(entries: &[Entry], release: &Release, location: &str) -> Result<bool> {
    let Some(known) = last(entries, &release.name, &release.version) else { return Ok(false) };
    if known.digest == release.digest {
        return Ok(true);
    }
    let location = text::printable_line(location);
    Err(Error::new(
        ErrorKind::Conflict,
        format!("`{location}` has {} {} with different content", release.name, release.version),
    )
    .hint("a release never changes; give the pack a new version"))
}
