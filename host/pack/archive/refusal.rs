//! The errors of an archive that is not what it should be.

use crate::error::{Error, ErrorKind};
use crate::pack::foreign;

/// The file is something else, which may be told from how it begins.
pub(super) fn no_archive(label: &str, beginning: &[u8]) -> Error {
    let refuse = |detail: String| Error::new(ErrorKind::Integrity, detail);
    match foreign::file(beginning) {
        Some(what @ "a WebAssembly component") => refuse(format!("`{label}` is {what}, not a pack"))
            .hint(format!("`packbox plugin inspect {label}` looks at it; a pack names it under `[plugins]`")),
        Some(what) => refuse(format!("`{label}` is {what}, not a pack"))
            .hint("unpack it, and name the folder with the `pack.toml`; `packbox export` writes a pack's archive"),
        None => refuse(format!("`{label}` is not a pack archive"))
            .hint("a pack is a folder with a `pack.toml` in it, or a `.pack` archive of one"),
    }
}

/// The archive holds something that no archive of a pack holds; `why` says what, as a clause.
pub(super) fn refused(label: &str, why: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("`{label}` is not a valid pack archive: {why}"))
        .hint("an archive of a pack holds plain files and folders, and nothing else; `docs/manifest.md` has its rules")
}

/// The bytes are not those that were once written.
pub(super) fn damaged(label: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("`{label}` is damaged or incomplete"))
        .hint("get the archive again from where it came from")
}
