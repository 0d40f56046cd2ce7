//! Whatever the bytes are: no panic, and nothing beyond the limits.

use proptest::prelude::*;

use super::Archive;
use super::samples::{Tar, compress, of_other_tools, wrapped};
use crate::mutations::{changes, mutated};
use crate::pack::PackLimits;
use crate::pack::ignore::Ignore;
use crate::pack::names::PackPath;

fn limits() -> PackLimits {
    PackLimits { pack_bytes: 40_960, manifest_bytes: 4096, files: 30, ..PackLimits::default() }
}

/// Reads bytes, and checks what came of it.
fn check(bytes: &[u8]) {
    let limits = limits();
    let Ok(archive) = Archive::read(bytes, "demo.pack", &limits) else { return };
    let files = archive.list(Ignore::default()).expect("no patterns");
    assert!(files.len() as u64 <= limits.files);
    assert!(files.values().map(|file| file.bytes).sum::<u64>() <= limits.pack_bytes);
    for (path, info) in &files {
        assert!(PackPath::new(path.as_str()).is_ok());
        assert_eq!(archive.get(path.as_str(), info.bytes).expect("it is listed").len() as u64, info.bytes);
    }
}

fn sound() -> Vec<u8> {
    let text: Vec<u8> = (0..1500_u32).flat_map(|number| number.to_string().into_bytes()).take(2000).collect();
    Tar::new()
        .folder("a/")
        .entry(b'L', b"././@LongLink", b"a/long\0")
        .file("a/l", &text)
        .extended(b'x', &[("mtime", "1.5"), ("path", "a/other")])
        .changed(b'0', b"a/o", b"#!/bin/sh", |header| header.set_mode(0o755))
        .end()
}

/// A header's fields from what matters, its checksum right.
fn nearly_entries() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![Just(b'0'), Just(b'5'), Just(b'L'), Just(b'x'), Just(b'g'), Just(b'S'), any::<u8>()];
    let name = prop_oneof!["[a-c./]{0,4}", "[aA]", Just("pack.toml".to_owned())];
    let contents = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        "[a-c./]{0,8}".prop_map(String::into_bytes),
        "[a-c./]{1,2}".prop_map(|path| format!("{} path={path}\n", path.len() + 8).into_bytes()),
    ];
    let size = prop_oneof![4 => Just(None), 1 => any::<u64>().prop_map(Some), 1 => (0_u64..3000).prop_map(Some)];
    proptest::collection::vec((kind, name, contents, size), 0..8).prop_map(|entries| {
        let tar = entries.into_iter().fold(Tar::new(), |tar, (kind, name, contents, size)| {
            tar.changed(kind, name.as_bytes(), &contents, |header| {
                if let Some(size) = size {
                    header.set_size(size);
                }
            })
        });
        tar.end()
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check(&bytes);
        check(&[&super::frame::MAGIC[..], &bytes].concat());
        check(&wrapped(&bytes));
    }

    #[test]
    fn damaged_archives(changes in changes()) {
        check(&mutated(compress(&sound()), &changes));
        check(&mutated(of_other_tools(), &changes));
    }

    #[test]
    fn damaged_tars(changes in changes()) {
        check(&wrapped(&mutated(sound(), &changes)));
    }

    #[test]
    fn odd_entries(tar in nearly_entries()) {
        check(&wrapped(&tar));
    }
}

#[test]
fn the_sample_is_sound() {
    let archive = Archive::read(&compress(&sound()), "demo.pack", &limits()).expect("sound");
    let paths: Vec<String> = archive.list(Ignore::default()).expect("sound").into_keys().map(String::from).collect();
    assert_eq!(paths, ["a/long", "a/other", "pack.toml"]);
}
