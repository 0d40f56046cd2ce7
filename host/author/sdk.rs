//! `packbox-sdk`, as it is put into new Rust projects: the files of an archive that is part of this program.
//!
//! Always true here: the archive was made with this program (`plugins/prebuilt/lock.py`), it is not a stranger's.

use std::io::Read as _;

/// The crate: its manifest, sources, tests, and the interfaces.
const ARCHIVE: &[u8] = include_bytes!("../../plugins/prebuilt/sdk.tar");

/// Lists the SDK's files, path and bytes; empty where the archive is damaged, which a test would see.
pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(ARCHIVE);
    let Ok(entries) = archive.entries() else { return Vec::new() };
    let mut files = Vec::new();
    for mut entry in entries.flatten().filter(|entry| entry.header().entry_type().is_file()) {
        let Ok(path) = entry.path().map(|path| path.to_string_lossy().into_owned()) else { continue };
        let mut contents = Vec::new();
        if entry.read_to_end(&mut contents).is_ok() {
            files.push((format!("packbox-sdk/{path}"), contents));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_archive_holds_a_crate() {
        let files = super::files();
        for wanted in ["packbox-sdk/Cargo.toml", "packbox-sdk/src/lib.rs", "packbox-sdk/wit/worlds.wit"] {
            assert!(files.iter().any(|(path, _)| path == wanted), "{wanted}");
        }
    }
}
