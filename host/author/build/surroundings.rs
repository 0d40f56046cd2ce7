//! What builds in all languages share: where tools are, and what they wrote.

use std::path::{Path, PathBuf};

use super::super::project::Project;
use super::super::tool::SearchPath;
use crate::error::{Error, ErrorKind, Result};

/// What a build takes from the environment.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Where programs are looked for.
    pub path: SearchPath,
    /// A Rust toolchain of its own for plugins: a prefix with `usr/bin/rustc`, `usr/bin/cargo` and the sources of the
    /// standard library, as Debian's `rustc-web` packages have them (`PACKBOX_GUEST_TOOLCHAIN`).
    pub guest_toolchain: Option<PathBuf>,
    /// Where Cargo keeps the sources of dependencies.
    pub cargo_home: Option<PathBuf>,
}

/// Reads what a tool wrote.
pub(super) fn written(file: &Path, tool: &str) -> Result<Vec<u8>> {
    /// Larger than any component may be; a core module loses names when it becomes one.
    const MOST: u64 = 512 << 20;
    let failed = |error: std::io::Error| {
        Error::new(ErrorKind::Plugin, format!("`{tool}` finished without an error, but its result can't be read"))
            .caused_by(error)
    };
    crate::files::read_own(file, MOST).map_err(failed)
}

/// Refuses a project that lacks a file which a build needs.
pub(super) fn wants_file(project: &Project, name: &str) -> Result<()> {
    if project.folder.join(name).exists() {
        return Ok(());
    }
    let folder = crate::text::printable_line(&project.folder.display().to_string());
    Err(Error::new(ErrorKind::NotFound, format!("the project in `{folder}` has no `{name}`"))
        .hint("`packbox plugin new` makes a project with all that a build needs; copy it from there"))
}
