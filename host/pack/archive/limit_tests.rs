//! Bombs: archives that are small, and would be large.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::time::{Duration, Instant};

use super::Archive;
use super::samples::{Block, MANIFEST, Tar, WINDOW, compress, frame, read, wrapped};
use crate::error::{Error, ErrorKind};
use crate::pack::PackLimits;

/// Reads an archive within limits that are set by name, and expects an error that comes quickly.
fn refused(bytes: &[u8], limits: &[&str]) -> Error {
    let mut own = PackLimits::default();
    for limit in limits {
        own.set(limit).unwrap();
    }
    let started = Instant::now();
    let error = Archive::read(bytes, "demo.pack", &own).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10), "{error} after {:?}", started.elapsed());
    error
}

fn assert_is(error: &Error, kind: ErrorKind, mention: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(mention), "{error} does not mention {mention}");
}

/// A block as large as one can be, in four bytes.
const ZEROS: Block<'_> = Block::Zeros(128 << 10);

#[test]
fn every_limit_of_packs_binds_and_is_named() {
    let archive = compress(&Tar::new().file("a/b", &[b'x'; 100]).folder("c").end());
    for (limit, message) in [
        ("pack-bytes=130", "has a size of 139 B, but the limit `pack-bytes` is 130 B"),
        ("manifest-bytes=38", "`demo.pack/pack.toml` has a size of 39 B, but the limit `manifest-bytes` is 38 B"),
        ("files=3", "`demo.pack` has more than 3 files and folders, the limit `files`"),
    ] {
        let error = refused(&archive, &[limit]);
        assert_is(&error, ErrorKind::Manifest, message);
        assert!(error.body().hint.as_deref().unwrap().contains("--limit"));
    }
    let mut limits = PackLimits::default();
    for exact in ["pack-bytes=139", "manifest-bytes=39", "files=4"] {
        limits.set(exact).unwrap();
    }
    Archive::read(&archive, "demo.pack", &limits).unwrap();
}

#[test]
fn bombs_are_refused_early() {
    let tar = Tar::new().0;
    // 13 GB of zeros behind the end.
    let bomb = frame(WINDOW, std::iter::once(Block::Raw(&tar)).chain((0..100_000).map(|_| ZEROS)));
    assert!(bomb.len() < 500_000);
    assert_is(&refused(&bomb, &[]), ErrorKind::Integrity, "more than 1 MiB of zeros");

    // The same as a file, which says so.
    let large = Tar::new().changed(b'0', b"large", b"", |header| header.set_size(7 << 30)).0;
    let bomb = frame(WINDOW, std::iter::once(Block::Raw(&large)).chain((0..100_000).map(|_| ZEROS)));
    assert_is(&refused(&bomb, &[]), ErrorKind::Manifest, "the limit `pack-bytes` is 100 MB");
    // And without the bytes: nothing is reserved for what is only declared.
    let large = Tar::new().changed(b'0', b"large", b"", |header| header.set_size(100_000_000 - 39)).0;
    assert_is(&refused(&wrapped(&large), &[]), ErrorKind::Integrity, "damaged");

    // As a long name and as an extended header.
    for kind in [b'L', b'x', b'g'] {
        let large = Tar::new().changed(kind, b"x", b"", |header| header.set_size(1 << 30)).0;
        let bomb = frame(WINDOW, std::iter::once(Block::Raw(&large)).chain((0..8192).map(|_| ZEROS)));
        assert_is(
            &refused(&bomb, &[]),
            ErrorKind::Integrity,
            "an extended header of 1 GiB, but at most 16 KiB is allowed",
        );
    }

    // A frame that says that it is large.
    let mut declared = super::frame::MAGIC.to_vec();
    declared.extend([0b1100_0000, WINDOW]);
    declared.extend((1_u64 << 40).to_le_bytes());
    assert_is(&refused(&declared, &[]), ErrorKind::Manifest, "the limit `pack-bytes`");
}

#[test]
fn many_entries_are_refused_before_they_are_kept() {
    let many = (0..20_000).fold(Tar::new(), |tar, number| tar.file(&format!("{number}"), b""));
    assert_is(&refused(&compress(&many.end()), &[]), ErrorKind::Manifest, "more than 10000 files and folders");
    // Neither files nor folders of the pack.
    let tops = (0..20_000).fold(Tar::new(), |tar, _| tar.folder("./"));
    assert_is(&refused(&compress(&tops.end()), &[]), ErrorKind::Manifest, "more than 10000 files and folders");
    // Folders that no entry names.
    let deep = (0..20).fold(Tar::new(), |tar, number| tar.file(&format!("{number}/{}x", "d/".repeat(40)), b""));
    assert_is(&refused(&compress(&deep.end()), &["files=200"]), ErrorKind::Manifest, "more than 200 files and folders");
}

#[test]
fn what_is_around_files_is_bounded() {
    let text = "x".repeat(16_000);
    let headers = (0..900).fold(Tar::new(), |tar, _| tar.extended(b'g', &[("comment", &text)]));
    let error = refused(&compress(&headers.end()), &["files=1000", "pack-bytes=100KB"]);
    assert_is(&error, ErrorKind::Integrity, "the most that a pack within the limits can need");
}

#[test]
fn blocks_that_hold_next_to_nothing_are_refused() {
    let tar = Tar::new().0;
    let empty = frame(WINDOW, std::iter::once(Block::Raw(&tar)).chain((0..1_000_000).map(|_| Block::Raw(&[]))));
    assert_is(&refused(&empty, &[]), ErrorKind::Integrity, "in far more blocks than its size needs");
}

#[test]
fn windows_of_8_mib_are_the_largest() {
    let tar = Tar::new().file("a", MANIFEST).end();
    let with_window = |window| frame(window, [Block::Raw(&tar)]);
    read(&with_window(13 << 3)).unwrap();
    for window in [13 << 3 | 1, 17 << 3, 21 << 3, 0xff] {
        assert_is(&refused(&with_window(window), &[]), ErrorKind::Integrity, "at most 8 MiB is allowed");
    }
}

#[test]
fn frames_that_need_a_dictionary_are_refused() {
    let mut bytes = super::frame::MAGIC.to_vec();
    bytes.extend([1, WINDOW, 7, 1, 0, 0]);
    assert_is(&refused(&bytes, &[]), ErrorKind::Integrity, "damaged");
}

#[test]
fn a_frame_is_as_large_as_it_says() {
    let tar = Tar::new().end();
    let with_size = |size: usize| {
        let mut bytes = wrapped(&tar);
        // Single segment, a size of four bytes.
        bytes.splice(4..6, [0b1010_0000].into_iter().chain(u32::try_from(size).unwrap().to_le_bytes()));
        bytes
    };
    read(&with_size(tar.len())).unwrap();
    assert_is(&refused(&with_size(tar.len() + 1), &[]), ErrorKind::Integrity, "damaged");
}
