//! What a caller says to a commit, and what it gets back.

use std::fmt;

use super::steps::StepObserver;
use crate::pack::OutputPath;

/// What to do with a file that exists with other contents, and that somebody edited or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExisting {
    /// Change nothing and name the files that are in the way.
    #[default]
    Fail,
    /// Leave it as it is.
    Skip,
    /// Replace it.
    Overwrite,
    /// Merge what is wanted into it, where it is said how: `on_conflict` is a merge. Else, change nothing and name the files that are in
    /// the way.
    Merge,
}

/// The secret that proves that a journal is our own. It must not lie in an output folder.
#[derive(Clone)]
pub struct JournalKey([u8; 32]);

impl JournalKey {
    /// Wraps the 32 bytes of a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JournalKey(…)")
    }
}

/// How to commit.
#[derive(Clone, Copy)]
pub struct CommitOptions<'a> {
    /// What to do with files that exist with other contents, and that somebody edited or made.
    pub on_existing: OnExisting,
    /// Whether what an earlier run left behind is removed, where nobody touched it.
    pub prune: bool,
    /// The bytes of `.packbox/receipt.json`; none: no receipt is written, and one that is there stays.
    pub receipt: Option<&'a [u8]>,
    /// The key of the journal.
    pub key: &'a JournalKey,
    /// Says whether the user interrupted; asked between steps until the commit point.
    pub interrupted: &'a dyn Fn() -> bool,
    /// Sees each write step; [`NoObserver`](super::NoObserver) outside of tests.
    pub observer: &'a dyn StepObserver,
}

/// What a commit did to each file of the tree, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// Files that are new or replaced.
    pub written: Vec<OutputPath>,
    /// Files that were there with the same bytes and the same executable bit; they were not touched.
    pub unchanged: Vec<OutputPath>,
    /// Files that somebody edited or made, and that stay as they are.
    pub skipped: Vec<OutputPath>,
    /// Files that are written only where there is none, and there was one.
    pub kept: Vec<OutputPath>,
    /// Files that an earlier run left behind, and that are gone now.
    pub removed: Vec<OutputPath>,
}

/// What a recovery found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Whether an interrupted run was rolled back.
    pub rolled_back: bool,
    /// How many leftover stages of dead runs were removed.
    pub stages_removed: usize,
}
