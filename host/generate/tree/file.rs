//! Generated files in memory, each with where it came from.
//!
//! Always true here: a [`Tree`] is sorted by path, holds each path once, and has no two paths that some file system
//! takes for one; a file's digest is the digest of its contents.

use serde::{Deserialize, Serialize};

use super::collisions;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::OutputPath;
use crate::text::format_bytes;

/// A stage of a chain that a file went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// Who rendered: the name of a built-in engine, or `plugin:NAME`.
    pub engine: String,
    /// The digest of the plugin, where the pack brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_sha256: Option<Digest>,
}

/// Where a generated file came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The template, as a path in its pack.
    pub template: String,
    /// The digest of the template's bytes.
    pub template_digest: Digest,
    /// What made the file: the name of a built-in engine, `copy`, `plugin:NAME`.
    pub engine: String,
    /// The digest of the plugin, where the pack brought it.
    pub plugin_digest: Option<Digest>,
    /// What rendered it in turn.
    pub then: Vec<StageRecord>,
    /// The variables that were read, sorted, each once. Names only: a value may be a secret.
    pub variables: Vec<String>,
    /// Whether the file is written only where there is none.
    pub create_once: bool,
}

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    path: OutputPath,
    contents: Vec<u8>,
    executable: bool,
    digest: Digest,
    provenance: Provenance,
    has_secret: bool,
}

impl TreeFile {
    /// Takes a file's parts and computes its digest.
    #[must_use]
    pub fn new(path: OutputPath, contents: Vec<u8>, executable: bool, provenance: Provenance) -> Self {
        let digest = Digest::of(&contents);
        Self { path, contents, executable, digest, provenance, has_secret: false }
    }

    /// Says that a secret may be in the file's bytes.
    #[must_use]
    pub fn with_secret(mut self, has_secret: bool) -> Self {
        self.has_secret = has_secret;
        self
    }

    /// Returns the digest to show and to record: none where a secret may be in the bytes, since a digest of something
    /// short can be guessed.
    #[must_use]
    pub fn recorded_digest(&self) -> Option<Digest> {
        (!self.has_secret).then_some(self.digest)
    }

    /// Returns where the file goes.
    #[must_use]
    pub fn path(&self) -> &OutputPath {
        &self.path
    }

    /// Returns the file's bytes.
    #[must_use]
    pub fn contents(&self) -> &[u8] {
        &self.contents
    }

    /// Says whether the file is to be executable.
    #[must_use]
    pub fn executable(&self) -> bool {
        self.executable
    }

    /// Returns the digest of the file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns where the file came from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

/// How large a tree may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeLimits {
    /// The most files.
    pub files: usize,
    /// The most bytes in all files together.
    pub bytes: u64,
}

impl Default for TreeLimits {
    /// 100,000 files, 1 GiB.
    fn default() -> Self {
        Self { files: 100_000, bytes: 1 << 30 }
    }
}

/// All files that a run generates, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    files: Vec<TreeFile>,
}

impl Tree {
    /// Makes a tree within the default limits; see [`Tree::build_within`].
    ///
    /// # Errors
    /// As [`Tree::build_within`].
    pub fn build(files: Vec<TreeFile>) -> Result<Self> {
        Self::build_within(files, TreeLimits::default())
    }

    /// Makes a tree: sorts the files and checks that they can stand beside each other.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] where a limit is exceeded. [`ErrorKind::Manifest`], naming both templates, where two
    /// files have one path, paths or folders differ only in case or in Unicode normalization, or a file stands where
    /// another one needs a folder.
    pub fn build_within(mut files: Vec<TreeFile>, limits: TreeLimits) -> Result<Self> {
        if files.len() > limits.files {
            let detail = format!("{} files were generated, at most {} are allowed", files.len(), limits.files);
            return Err(Error::new(ErrorKind::Stopped, detail).hint("look for a `for_each` over too long a list"));
        }
        let bytes: u64 = files.iter().map(|file| file.contents.len() as u64).sum();
        if bytes > limits.bytes {
            let (bytes, limit) = (format_bytes(bytes), format_bytes(limits.bytes));
            let detail = format!("the generated files have {bytes} together, at most {limit} are allowed");
            return Err(Error::new(ErrorKind::Stopped, detail).hint("generate the pack in parts"));
        }
        // Stable, and by template where paths are equal: which two files an error names does not depend on the order in
        // which they were rendered.
        files.sort_by(|left, right| {
            left.path.cmp(&right.path).then_with(|| left.provenance.template.cmp(&right.provenance.template))
        });
        collisions::check(&files)?;
        Ok(Self { files })
    }

    /// Returns the files, sorted by path (bytewise).
    #[must_use]
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// Finds the file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&TreeFile> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}
