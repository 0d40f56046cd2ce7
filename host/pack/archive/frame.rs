//! The outer layer of an archive: one Zstandard frame.
//!
//! Always true here: a frame is decoded one block at a time, and there are bounds on its window, on its blocks and on
//! what comes out of it. Skippable frames, further frames, dictionaries and trailing bytes are refused.
//!
//! The decoder is `ruzstd` and not the C library: these are the first bytes of a stranger that the host itself works
//! on, outside of any sandbox, so memory safety counts for more than speed.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::refusal::{damaged, no_archive, refused};
use crate::error::{Error, Result};
use crate::limits::{PackLimits, of_packs};
use crate::text::format_bytes;

/// What a Zstandard frame begins with.
pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The largest window, in bytes: what RFC 8878 recommends every decoder to support, and enough for `zstd -19`.
pub(super) const MAX_WINDOW: u64 = 8 << 20;

/// What headers, extended headers and padding may take up for one entry, in bytes.
const OVERHEAD_OF_AN_ENTRY: u64 = 8 << 10;

/// What an archive may be larger than its entries, in bytes: its end, and blocks that do not compress.
const OVERHEAD: u64 = 1 << 20;

/// An encoder makes blocks of this many bytes at least; smaller ones cost more time than their bytes account for.
const SMALLEST_MEAN_BLOCK: u64 = 1 << 10;

/// Returns how large the file of an archive may be, in bytes.
pub(super) fn most_compressed(limits: &PackLimits) -> u64 {
    limits.pack_bytes.saturating_add(OVERHEAD)
}

/// Returns how large the tar of an archive may be, in bytes.
fn most_decompressed(limits: &PackLimits) -> u64 {
    most_compressed(limits).saturating_add(limits.files.saturating_mul(OVERHEAD_OF_AN_ENTRY))
}

/// A frame, while it is decoded.
pub(super) struct Frame<'a> {
    decoder: FrameDecoder,
    source: &'a [u8],
    label: &'a str,
    produced: u64,
    most_bytes: u64,
    most_blocks: u64,
    /// Why reading failed, which an [`io::Error`] does not say in a typed way.
    failure: Option<Error>,
}

impl<'a> Frame<'a> {
    /// Reads the header of a frame.
    pub(super) fn open(mut source: &'a [u8], label: &'a str, limits: &PackLimits) -> Result<Self> {
        if !source.starts_with(&MAGIC) {
            return Err(no_archive(label, source));
        }
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        decoder.init(&mut source).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { requested: window, .. }
            | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { got: window }) => {
                let (window, most) = (format_bytes(window), format_bytes(MAX_WINDOW));
                refused(label, &format!("reading it needs a window of {window}, but at most {most} is allowed"))
                    .hint("compress it with `zstd -19` or less, without `--ultra` and `--long`")
            }
            error => damaged(label).caused_by(innermost(&error)),
        })?;
        let most_bytes = most_decompressed(limits);
        if decoder.content_size() > most_bytes {
            limits.check(&of_packs::pack_bytes, decoder.content_size(), || format!("`{label}`"))?;
        }
        let most_blocks = OVERHEAD.saturating_add(most_bytes) / SMALLEST_MEAN_BLOCK;
        Ok(Self { decoder, source, label, produced: 0, most_bytes, most_blocks, failure: None })
    }

    /// Returns why reading failed, where it did.
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Checks a frame that was read to its end.
    pub(super) fn finish(&self) -> Result<()> {
        let stored = self.decoder.get_checksum_from_data();
        if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
            return Err(
                damaged(self.label).caused_by("the checksum of the Zstandard frame does not match its contents")
            );
        }
        // 0 stands for a frame that does not say.
        let declared = self.decoder.content_size();
        if declared != 0 && declared != self.produced {
            return Err(damaged(self.label).caused_by("the Zstandard frame does not have the size that it states"));
        }
        if self.source.is_empty() {
            return Ok(());
        }
        Err(refused(self.label, "there is data after its Zstandard frame"))
    }

    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            self.decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|error| damaged(self.label).caused_by(innermost(&error)))?;
            if self.decoder.blocks_decoded() as u64 > self.most_blocks {
                return Err(refused(self.label, "it is compressed in far more blocks than its size needs"));
            }
        }
        let read = self.decoder.read(buffer).map_err(|error| damaged(self.label).caused_by(error))?;
        self.produced += read as u64;
        if self.produced > self.most_bytes {
            let most = format_bytes(self.most_bytes);
            let why = format!("it unpacks to more than {most}, the most that a pack within the limits can need");
            return Err(refused(self.label, &why));
        }
        Ok(read)
    }
}

impl Read for Frame<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_none() {
            match self.decode(buffer) {
                Ok(read) => return Ok(read),
                Err(error) => self.failure = Some(error),
            }
        }
        Err(io::Error::other("the frame cannot be read"))
    }
}

/// Says what the decoder complains about; the errors around the innermost one repeat it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
