//! Any bytes are a pack within its limits or an error, be they those of a `.pack` or of the tar within.
#![no_main]

use libfuzzer_sys::fuzz_target;
use packbox::pack::{Pack, PackLimits, PackPath};

/// Small ones, so that the fuzzer gets to what is beyond them.
const LIMITS: PackLimits = PackLimits {
    pack_bytes: 64 << 10,
    template_bytes: 16 << 10,
    templates: 10,
    variables: 10,
    queries: 5,
    manifest_bytes: 8 << 10,
    files: 20,
};

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    check(&wrapped(&with_checksums(bytes)));
});

fn check(archive: &[u8]) {
    let Ok(pack) = Pack::from_archive("demo.pack", archive, &LIMITS) else { return };
    assert!(pack.files.len() as u64 <= LIMITS.files && pack.files.contains_key("pack.toml"));
    assert!(pack.files.values().map(|file| file.bytes).sum::<u64>() <= LIMITS.pack_bytes);
    for (path, info) in &*pack.files {
        assert!(PackPath::new(path.as_str()).is_ok());
        assert_eq!(pack.read(path).expect("it is in memory").len() as u64, info.bytes);
    }
    let templates = pack.templates().expect("they were checked");
    assert!(templates.iter().all(|template| pack.files.contains_key(&template.source)));
}

/// Makes the checksums of a tar's headers right, so that what else they say is looked at.
fn with_checksums(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    let mut at = 0;
    while let Some(header) = tar.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<512>()) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let octal = str::from_utf8(&header[124..136]).unwrap_or_default().trim_matches([' ', '\0']);
        let size = usize::from_str_radix(octal, 8).unwrap_or(0);
        at = size.checked_next_multiple_of(512).and_then(|size| (at + 512).checked_add(size)).unwrap_or(usize::MAX);
    }
    tar
}

/// Puts a tar into a Zstandard frame as it is, so that no mutation has to come up with one.
fn wrapped(tar: &[u8]) -> Vec<u8> {
    // The magic number, a frame that declares no size, and a window of 128 KiB, which is also the most for a block.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    let mut blocks = tar.chunks(128 << 10).peekable();
    while let Some(block) = blocks.next() {
        let size = u32::try_from(block.len()).expect("a block is small");
        frame.extend(&(size << 3 | u32::from(blocks.peek().is_none())).to_le_bytes()[..3]);
        frame.extend(block);
    }
    frame
}
