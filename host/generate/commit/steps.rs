//! The write steps of a commit, numbered and named, so that a test can stop a run at each.
//!
//! Always true here: everything that a commit, a roll back or a clean-up changes on disk is one step, and the observer
//! is called before and after it. The default observer does nothing.

use std::cell::Cell;

use crate::error::{Error, ErrorKind, Result};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StepName {
    /// Creates the folder that the new tree, or the new contents, are gathered in.
    CreateStage,
    /// Creates a folder in the stage.
    StageFolder,
    /// Writes a file into the stage.
    StageFile,
    /// Gives the staged folder its final permissions.
    SetPermissions,
    /// Renames the staged folder to the output folder: the commit point of a new folder.
    PublishFolder,
    /// Creates `.packbox`.
    CreateMetadataFolder,
    /// Creates and takes the lock.
    TakeLock,
    /// Writes the journal beside its place; where files are replaced, also makes it durable.
    WriteJournal,
    /// Renames the journal to its place.
    PublishJournal,
    /// Moves a new folder from the stage to its place.
    PlaceFolder,
    /// Moves the old version of a file, or what is removed, into the stage.
    SetAside,
    /// Moves a new file from the stage to its place.
    PlaceFile,
    /// Takes the journal away: the commit point of an existing folder.
    RemoveJournal,
    /// Moves a new file back into the stage (roll back).
    TakeBack,
    /// Moves the old version of a file back to its place (roll back).
    Restore,
    /// Removes a folder that the run made (roll back).
    RemoveFolder,
    /// Removes a file that is left over.
    RemoveLeftover,
    /// Removes the stage.
    RemoveStage,
    /// Removes the lock.
    RemoveLock,
    /// Removes `.packbox`, where nothing is left in it.
    RemoveMetadataFolder,
}

/// Whether a step is about to be taken or has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// It is about to be taken.
    Before,
    /// It has been taken, or has failed.
    After,
}

/// One call of a [`StepObserver`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// Counts the calls of a run from 0.
    pub number: u32,
    /// What the step does.
    pub name: StepName,
    /// What it is done to: a path below the output folder, or the name of a file in the stage; may be empty.
    pub subject: &'a str,
    /// Whether it is about to be taken or has been taken.
    pub moment: Moment,
}

/// Sees every write step; for tests that stop a run at each.
pub trait StepObserver {
    /// Is called before and after each step.
    fn step(&self, step: Step<'_>);

    /// Is called once where another run is waited for; `holder` says which, in words: `process 4711 (…), since …`.
    fn waits(&self, holder: &str) {
        let _ = holder;
    }
}

impl<F: Fn(Step<'_>)> StepObserver for F {
    fn step(&self, step: Step<'_>) {
        self(step);
    }
}

/// The observer that does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl StepObserver for NoObserver {
    fn step(&self, _: Step<'_>) {}
}

/// Counts steps and asks whether the user interrupted.
pub(super) struct Steps<'a> {
    observer: &'a dyn StepObserver,
    interrupted: &'a dyn Fn() -> bool,
    next: Cell<u32>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(observer: &'a dyn StepObserver, interrupted: &'a dyn Fn() -> bool) -> Self {
        Self { observer, interrupted, next: Cell::new(0) }
    }

    /// Takes a step.
    pub(super) fn run<T>(&self, name: StepName, subject: &str, action: impl FnOnce() -> T) -> T {
        self.observe(name, subject, Moment::Before);
        let result = action();
        self.observe(name, subject, Moment::After);
        result
    }

    /// Fails with [`ErrorKind::Interrupted`] where the user interrupted.
    pub(super) fn go_on(&self) -> Result<()> {
        if (self.interrupted)() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; the output folder is as it was"));
        }
        Ok(())
    }

    /// Tells that another run is waited for.
    pub(super) fn waits(&self, holder: &str) {
        self.observer.waits(holder);
    }

    fn observe(&self, name: StepName, subject: &str, moment: Moment) {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        self.observer.step(Step { number, name, subject, moment });
    }
}
