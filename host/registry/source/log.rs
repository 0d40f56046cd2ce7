//! The log of a source: lines of JSON, each bound to the one before it.
//!
//! ```text
//! {"previous":"DIGEST OF THE LINE BEFORE","release":{…}}
//! ```
//!
//! Always true here: the digest of a release's content never changes from one entry to the next; a line that is not
//! complete is no line yet.

use serde::{Deserialize, Serialize};

use crate::advice::said;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::registry::release::{LARGEST, Release};
use crate::text;

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// How many bytes are before it; it is at a line's beginning.
    pub bytes: u64,
    /// How many bytes the last line before it takes, its line feed included; 0 at the beginning.
    pub last_bytes: u64,
    /// The digest of that line without its line feed; of nothing at the beginning.
    pub last: Digest,
}

impl Default for Position {
    fn default() -> Self {
        Self { bytes: 0, last_bytes: 0, last: Digest::of(b"") }
    }
}

/// Something that happened: a release is as it says from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The digest of the line before.
    pub previous: Digest,
    /// The release.
    pub release: Release,
}

/// The line of an entry that follows a place, without its line feed.
pub(super) fn line(at: &Position, release: &Release) -> Result<Vec<u8>> {
    let entry = Entry { previous: at.last, release: release.clone() };
    let line = serde_json::to_vec(&entry)
        .map_err(|error| Error::new(ErrorKind::Io, "cannot write a release as JSON").caused_by(error))?;
    if line.len() > LARGEST {
        let most = text::format_bytes(LARGEST as u64);
        return Err(Error::new(ErrorKind::Manifest, format!("the metadata of the release takes more than {most}")));
    }
    Ok(line)
}

/// The place behind a line that stands at a place.
pub(super) fn behind(at: &Position, line: &[u8]) -> Position {
    let last_bytes = line.len() as u64 + 1;
    Position { bytes: at.bytes + last_bytes, last_bytes, last: Digest::of(line) }
}

/// Reads the lines that follow a place. What stands behind the last line feed is left for the next time.
pub(super) fn parse(location: &str, after: &Position, bytes: &[u8]) -> Result<(Vec<Entry>, Position)> {
    let mut at = *after;
    let mut entries = Vec::new();
    let mut rest = bytes;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let line = &rest[..end];
        let entry = parse_line(line).map_err(|why| damaged(location, at.bytes, &why))?;
        if entry.previous != at.last {
            return Err(rewritten(location));
        }
        at = behind(&at, line);
        entries.push(entry);
        rest = &rest[end + 1..];
    }
    if rest.len() > LARGEST {
        return Err(damaged(location, at.bytes, &too_long()));
    }
    Ok((entries, at))
}

/// Whether what follows the last line feed can't become a line any more, so that nothing behind it needs to be read.
pub(super) fn is_hopeless(bytes: &[u8]) -> bool {
    memchr::memrchr(b'\n', bytes).map_or(bytes.len(), |end| bytes.len() - end - 1) > LARGEST
}

/// Reads on from a place; `bytes` begin with the last line before it, which has to be the one that was read then.
pub(super) fn continued(location: &str, after: &Position, bytes: &[u8]) -> Result<(Vec<Entry>, Position)> {
    let seen = usize::try_from(after.last_bytes).unwrap_or(usize::MAX);
    let last = bytes.get(..seen).and_then(|line| line.strip_suffix(b"\n"));
    if after.bytes > 0 && last.is_none_or(|line| Digest::of(line) != after.last) {
        return Err(rewritten(location));
    }
    parse(location, after, &bytes[seen.min(bytes.len())..])
}

fn parse_line(line: &[u8]) -> Result<Entry, String> {
    if line.len() > LARGEST {
        return Err(too_long());
    }
    let json = files::text(line).map_err(|error| error.to_string())?;
    if json.len() != line.len() {
        return Err("a line begins with a byte order mark, which is not allowed, as digests cover all bytes of a line"
            .to_owned());
    }
    let entry: Entry = serde_json::from_str(json).map_err(|error| text::printable_line(&error.to_string()))?;
    entry.release.check()?;
    Ok(entry)
}

fn too_long() -> String {
    format!("a line takes more than {}", text::format_bytes(LARGEST as u64))
}

/// The error for a log that can't be read.
fn damaged(location: &str, at: u64, why: &str) -> Error {
    let location = text::printable_line(location);
    Error::new(ErrorKind::Integrity, format!("the log of the registry `{location}` is damaged at byte {at}: {why}"))
        .hint("tell its owner; what is installed stays usable")
}

/// The error for a log that is not the one that was read before.
pub(super) fn rewritten(location: &str) -> Error {
    let location = text::printable_line(location);
    Error::new(
        ErrorKind::Integrity,
        format!("the log of the registry `{location}` is not the one that was read before: it was changed"),
    )
    .hint(said(
        "ask its owner what happened; if that was on purpose, `packbox registry remove` and `add` it again",
        "ask its owner what happened; if that was on purpose, `Library::remove_registry` and `Library::add_registry`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::registry::release::Metadata;

    fn release(version: &str) -> Release {
        Release {
            name: "web".parse().unwrap(),
            version: version.parse().unwrap(),
            digest: Digest::of(version.as_bytes()),
            archive: Digest::of(b"archive"),
            bytes: 7,
            about: Metadata { title: Some("Web".to_owned()), ..Metadata::default() },
            yanked: false,
            published: 1,
            score: None,
            signatures: Vec::new(),
        }
    }

    #[test]
    fn every_bit_before_the_last_line_counts() {
        let mut at = Position::default();
        let mut log = Vec::new();
        for version in ["1.0.0", "1.1.0", "2.0.0-rc.1"] {
            let one = line(&at, &release(version)).unwrap();
            at = behind(&at, &one);
            log.extend_from_slice(&one);
            log.push(b'\n');
        }
        let (entries, end) = parse("x", &Position::default(), &log).unwrap();
        assert_eq!((entries.len(), end), (3, at));
        let before_last = usize::try_from(at.bytes - at.last_bytes).unwrap();
        for place in 0..before_last {
            for bit in 0..8 {
                let mut other = log.clone();
                other[place] ^= 1 << bit;
                let error = parse("x", &Position::default(), &other).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Integrity, "bit {bit} of byte {place}");
            }
        }
        // Who remembers the last line notices when that one is changed, too.
        for place in before_last..log.len() {
            let mut other = log.clone();
            other[place] ^= 1;
            let error = continued("x", &at, &other[before_last..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Integrity, "byte {place}");
        }
        // A line that is not complete is none yet.
        let (entries, _) = parse("x", &Position::default(), &log[..log.len() - 1]).unwrap();
        assert_eq!(entries.len(), 2);
    }
}
