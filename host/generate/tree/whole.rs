//! All generated files together.
//!
//! Always true here: a [`Tree`] is sorted by path, holds each path once, and has no two paths that some file system
//! takes for one.

use super::collisions;
use super::file::TreeFile;
use crate::error::{Error, ErrorKind, Result};
use crate::text::format_bytes;

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
        let bytes: u64 = files.iter().map(|file| file.contents().len() as u64).sum();
        if bytes > limits.bytes {
            let (bytes, limit) = (format_bytes(bytes), format_bytes(limits.bytes));
            let detail = format!("the generated files have {bytes} together, at most {limit} are allowed");
            return Err(Error::new(ErrorKind::Stopped, detail).hint("generate the pack in parts"));
        }
        // Stable, and by template where paths are equal: which two files an error names does not depend on the order in
        // which they were rendered.
        files.sort_by(|left, right| {
            left.path().cmp(right.path()).then_with(|| left.provenance().template.cmp(&right.provenance().template))
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
        self.files.binary_search_by(|file| file.path().as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}
