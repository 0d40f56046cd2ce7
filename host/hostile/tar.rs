//! Writes tar entries that no honest program would: any name, any kind, any size.

/// A regular file.
pub(super) const FILE: u8 = b'0';

/// An entry: its name, its kind, and what it links to.
pub(super) struct Entry<'a>(pub &'a [u8], pub u8, pub &'a [u8]);

/// Appends an entry. `size` is what the header says; none: what there is.
pub(super) fn entry(archive: &mut Vec<u8>, Entry(name, kind, link): Entry<'_>, contents: &[u8], size: Option<u64>) {
    let mut header = [0_u8; 512];
    let length = name.len().min(100);
    header[..length].copy_from_slice(&name[..length]);
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    let size = size.unwrap_or(contents.len() as u64);
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = kind;
    let length = link.len().min(100);
    header[157..157 + length].copy_from_slice(&link[..length]);
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend_from_slice(&header);
    archive.extend_from_slice(contents);
    archive.resize(archive.len().next_multiple_of(512), 0);
}

/// Appends a regular file.
pub(super) fn file(archive: &mut Vec<u8>, name: &str, contents: &[u8]) {
    entry(archive, Entry(name.as_bytes(), FILE, b""), contents, None);
}

/// Appends the end.
pub(super) fn end(archive: &mut Vec<u8>) {
    archive.resize(archive.len() + 1024, 0);
}
