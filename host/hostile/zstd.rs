//! Writes zstd frames without compressing: raw blocks, and blocks that repeat one byte, which is what bombs are made of.

/// Bytes of a block at the most.
const BLOCK: usize = 128 << 10;

/// Writes a frame with raw blocks.
pub(super) fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = header();
    let mut blocks = bytes.chunks(BLOCK).peekable();
    if bytes.is_empty() {
        block(&mut frame, true, 0, 0);
    }
    while let Some(chunk) = blocks.next() {
        block(&mut frame, blocks.peek().is_none(), 0, chunk.len());
        frame.extend_from_slice(chunk);
    }
    frame
}

/// Writes a frame that gives `start`, and then `count` blocks of 128 KiB of zeros, each in four bytes.
pub(super) fn bomb(start: &[u8], count: usize) -> Vec<u8> {
    let mut frame = header();
    for chunk in start.chunks(BLOCK) {
        block(&mut frame, false, 0, chunk.len());
        frame.extend_from_slice(chunk);
    }
    for number in 0..count {
        block(&mut frame, number + 1 == count, 1, BLOCK);
        frame.push(0);
    }
    frame
}

/// Writes the header of a frame whose window is `1 << exponent` bytes.
pub(super) fn header_with_window(exponent: u8) -> Vec<u8> {
    vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (exponent - 10) << 3]
}

/// A header with a window of 128 KiB, without a checksum and without a size.
fn header() -> Vec<u8> {
    header_with_window(17)
}

/// Writes a block's header: 3 bytes, the last flag, the kind (0 raw, 1 repeated) and the size.
fn block(frame: &mut Vec<u8>, last: bool, kind: u32, size: usize) {
    let size = u32::try_from(size).unwrap_or(0);
    let header = u32::from(last) | kind << 1 | size << 3;
    frame.extend_from_slice(&header.to_le_bytes()[..3]);
}
