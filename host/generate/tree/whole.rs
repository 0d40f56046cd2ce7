//! All generated files together.
//!
//! Always true here: a [`Tree`] is sorted by path, holds each path once, and has no two paths that some file system
//! takes for one.

use super::collisions::{self, Standing};
use super::file::TreeFile;
use crate::diagnostic::Span;
use crate::error::Result;

/// All files that a run generates, sorted by path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    files: Vec<TreeFile>,
}

impl Tree {
    /// Makes a tree: sorts the files and checks that they can stand beside each other.
    ///
    /// # Errors
    /// [`ErrorKind::Manifest`](crate::error::ErrorKind::Manifest), naming both templates, where two files have one path, paths
    /// or folders differ only in case or in Unicode normalization, or a file stands where another one needs a folder.
    pub fn build(files: Vec<TreeFile>) -> Result<Self> {
        Self::build_placed(files, &|_| None)
    }

    /// [`Tree::build`], where it is known at which place of a manifest the output of a template is.
    ///
    /// # Errors
    /// As [`Tree::build`], at the later place of the two.
    pub fn build_placed(mut files: Vec<TreeFile>, place: &dyn Fn(&TreeFile) -> Option<Span>) -> Result<Self> {
        // Stable, and by template where paths are equal: which two files an error names does not depend on the order in
        // which they were rendered.
        files.sort_by(|left, right| {
            left.path().cmp(right.path()).then_with(|| left.provenance().template.cmp(&right.provenance().template))
        });
        collisions::check(files.iter().map(Standing::from), &|number| place(&files[number]))?;
        Ok(Self { files })
    }

    /// Returns the files, sorted by path (bytewise).
    #[must_use]
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// Takes the files out, sorted by path.
    #[must_use]
    pub fn into_files(self) -> Vec<TreeFile> {
        self.files
    }

    /// Finds the file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&TreeFile> {
        self.files.binary_search_by(|file| file.path().as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}
