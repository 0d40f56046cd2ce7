//! Writes a tree to an output folder so that the folder is old or new, whatever happens.
//!
//! Always true here:
//!
//! - *Old or new.* An output folder that does not exist is gathered in a folder beside its place and renamed
//!   ([`commit`]'s commit point is that rename). An existing one is changed under a journal; the commit point is the
//!   rename that takes the journal away. A run that fails or is interrupted before its commit point rolls back itself;
//!   one that is killed is rolled back by `recover`, which every command calls first.
//! - *No links.* Below the output folder everything is opened relative to a directory handle, one name at a time, and a
//!   link or a special file is an error, before a run and during it.
//! - *Nothing in the output folder is believed.* A cloned repository may carry a `.packbox` folder. A journal counts
//!   only with a MAC under a key that the caller keeps elsewhere; names in it are checked besides. A receipt at most marks
//!   files whose bytes equal its digests: they are replaced without a question, and removed where pruning is asked for.
//! - *Nothing of somebody else's is lost.* Old versions are moved, not overwritten, and looked at after the move; new
//!   ones are moved only to where nothing stands. What was changed since the survey makes the run fail.
//! - *One run at a time.* A run that writes holds `.packbox/lock`; another one waits for it, and then looks at the folder
//!   again, so that it neither fails for what the first one wrote nor forgets it in its receipt.
//!
//! What survives what. The death of the process, at any step: everything. A loss of power: where files are replaced,
//! the journal is on the disk before the first of them is moved, so on file systems that keep the order of renames
//! (ext4, XFS, Btrfs, APFS) a run that did not reach its commit point is rolled back. New contents are not waited for:
//! after a run that did reach it, files that the system had not written yet may be empty, and are to be generated
//! again. Waiting was measured: a second for 200 replaced files on a busy disk, with `fsync` for each as with one
//! `syncfs`.
//!
//! Permissions are what the user's umask gives (0777 for executable files and folders, 0666 for others); a file that is
//! replaced keeps its read and write bits. The owner, group and access lists of replaced files are not kept. An empty
//! `.packbox` folder does not count as a part of the tree.

mod base;
mod decide;
mod diff;
mod displaced;
mod folder;
mod fresh;
mod holder;
mod in_place;
mod journal;
mod layout;
mod leftovers;
mod lock;
mod options;
mod place;
mod previous;
mod receipt;
mod recover;
mod rollback;
mod run;
mod standing;
mod steps;
mod survey;
mod sweep;
mod under_way;
mod walk;

pub use decide::choices;
pub use diff::{diff, diff_of};
pub use leftovers::Leftover;
pub use lock::await_writer;
pub use options::{CommitOptions, Committed, JournalKey, OnExisting, Recovered};
pub use place::check_place;
pub use receipt::read_receipt;
pub use recover::{recover, recover_unless};
pub use run::{commit, commit_unless_changed};
pub use standing::{Standing, StandingFile};
pub use steps::{Moment, NoObserver, Step, StepName, StepObserver};
pub use survey::{Destination, FileState, OldFile, Survey, survey, survey_again, survey_joined};

#[cfg(test)]
mod tests;
