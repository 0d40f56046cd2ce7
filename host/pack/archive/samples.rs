//! Archives for tests, sound ones and others.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::Header;

use super::read::Archive;
use crate::error::{Error, Result};
use crate::pack::PackLimits;

pub(super) const MANIFEST: &[u8] = b"[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n";

/// A tar in the making, which begins with a `pack.toml`.
#[derive(Clone)]
pub(super) struct Tar(pub Vec<u8>);

impl Tar {
    pub(super) fn new() -> Self {
        Self(Vec::new()).file("pack.toml", MANIFEST)
    }

    pub(super) fn file(self, path: &str, contents: &[u8]) -> Self {
        self.entry(b'0', path.as_bytes(), contents)
    }

    pub(super) fn folder(self, path: &str) -> Self {
        self.entry(b'5', path.as_bytes(), b"")
    }

    /// Adds an entry of a kind, whose name need not be valid.
    pub(super) fn entry(self, kind: u8, name: &[u8], contents: &[u8]) -> Self {
        self.changed(kind, name, contents, |_| {})
    }

    /// Adds an entry with a changed header, whose checksum is right.
    pub(super) fn changed(mut self, kind: u8, name: &[u8], contents: &[u8], change: impl FnOnce(&mut Header)) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkflag[0] = kind;
        header.set_mode(0o644);
        header.set_size(contents.len() as u64);
        change(&mut header);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(contents);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// Adds an extended header.
    pub(super) fn extended(self, kind: u8, records: &[(&str, &str)]) -> Self {
        let mut text = Vec::new();
        for (key, value) in records {
            let rest = format!(" {key}={value}\n");
            let mut length = rest.len() + 1;
            while length != rest.len() + length.to_string().len() {
                length += 1;
            }
            text.extend(format!("{length}{rest}").into_bytes());
        }
        self.entry(kind, b"extended", &text)
    }

    /// Adds the end.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// Makes an archive of it, and reads that.
    pub(super) fn read(self) -> Result<Archive> {
        read(&compress(&self.end()))
    }

    pub(super) fn refusal(self) -> Error {
        self.read().unwrap_err()
    }
}

pub(super) fn compress(tar: &[u8]) -> Vec<u8> {
    compress_to_vec(tar, CompressionLevel::Fastest)
}

pub(super) fn read(bytes: &[u8]) -> Result<Archive> {
    Archive::read(bytes, "demo.pack", &PackLimits::default())
}

/// An archive that GNU tar and the C encoder made; its README says how.
pub(super) fn of_other_tools() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/archives/static-site.pack")).unwrap()
}

/// A block of a frame: what its header says, and what follows.
pub(super) enum Block<'a> {
    Raw(&'a [u8]),
    /// That many zeros, in four bytes.
    Zeros(u32),
}

/// Writes a frame without a checksum; `window` is the descriptor of its window.
pub(super) fn frame<'a>(window: u8, blocks: impl IntoIterator<Item = Block<'a>>) -> Vec<u8> {
    let mut bytes = super::frame::MAGIC.to_vec();
    bytes.extend([0, window]);
    let mut header = 0;
    let mut last = 0;
    for block in blocks {
        last = bytes.len();
        let (kind, size, body) = match block {
            Block::Raw(body) => (0, u32::try_from(body.len()).unwrap(), body),
            Block::Zeros(size) => (1, size, &[0][..]),
        };
        header = size << 3 | kind << 1;
        bytes.extend(&header.to_le_bytes()[..3]);
        bytes.extend(body);
    }
    bytes[last..last + 3].copy_from_slice(&(header | 1).to_le_bytes()[..3]);
    bytes
}

/// The descriptor of a window of 128 KiB.
pub(super) const WINDOW: u8 = 7 << 3;

/// Puts a tar into a frame as it is.
pub(super) fn wrapped(tar: &[u8]) -> Vec<u8> {
    frame(WINDOW, tar.chunks(128 << 10).map(Block::Raw))
}
