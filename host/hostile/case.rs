//! What a case is.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What makes the files of a case in a folder.
type Make = Box<dyn Fn(&Path) -> io::Result<()> + Send + Sync>;

/// An attack, and what has to come of it.
pub struct Case {
    /// Its name: `group/name`.
    pub name: String,
    /// What it does, in one sentence.
    pub attack: String,
    /// What stops it, in a few words.
    pub limit: String,
    /// The command line, without the program; the folder that it runs in is the case's own.
    pub arguments: Vec<String>,
    /// What has to come of it.
    pub expected: Expected,
    make: Make,
}

/// What has to come of a case.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The exit codes that are right.
    pub exits: Vec<u8>,
    /// Stop reasons, error kinds and rules of which one has to be reported; none: whichever.
    pub reasons: Vec<String>,
    /// The deadline that stops it, where one does; without one, the default limit of a call holds for the whole run.
    pub deadline: Option<Duration>,
    /// Bytes of memory that a guest may have, where that is more than the usual; the host's own come beside them.
    pub guest_memory: u64,
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Case")
            .field("name", &self.name)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

impl Case {
    /// A case that validates the pack `pack` in its folder.
    pub(super) fn validate(
        name: impl Into<String>,
        attack: impl Into<String>,
        make: impl Fn(&Path) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            attack: attack.into(),
            limit: String::new(),
            arguments: ["validate", "pack", "--no-config"].map(str::to_owned).into(),
            expected: Expected::default(),
            make: Box::new(make),
        }
    }

    /// Runs another command line.
    pub(super) fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Says what stops it, and how it has to end.
    pub(super) fn ends(mut self, limit: impl Into<String>, exits: &[u8], reasons: &[&str]) -> Self {
        self.limit = limit.into();
        self.expected.exits = exits.to_vec();
        self.expected.reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
        self
    }

    /// Makes its files.
    ///
    /// # Errors
    /// Those of writing them.
    pub fn make(&self, folder: &Path) -> io::Result<()> {
        (self.make)(folder)
    }
}

/// Writes a file, and the folders above it.
pub(super) fn write(folder: &Path, path: &str, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, contents)
}

/// The smallest manifest.
pub(super) const MANIFEST: &str = "[pack]\nname = \"hostile\"\nversion = \"0.1.0\"\n";
