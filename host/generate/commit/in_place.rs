//! Writes a tree to an output folder that exists, under a journal.
//!
//! Always true here: new contents are complete in the stage before the first file of the output folder is touched, and
//! from then on until the commit point a journal says how to undo everything. Nothing is overwritten: an old version is
//! moved into the stage, then looked at, and a new one is moved only to where nothing stands.

use std::io::{ErrorKind as IoKind, Write};

use super::folder::{Folder, Identity, Kind, Status, identity, keep_permissions};
use super::journal::{Change, Entry, Journal, Seal, Target};
use super::layout::{COMMITTED, JOURNAL, JOURNAL_DRAFT, METADATA, StageName, new_name, old_name};
use super::leftovers::Removal;
use super::lock::FolderLock;
use super::options::JournalKey;
use super::place::{changed_meanwhile, obstacle};
use super::receipt::ReceiptState;
use super::rollback::roll_back;
use super::steps::{StepName, Steps};
use super::survey::{Action, Survey};
use super::sweep::remove_stage;
use super::under_way::refuse_while_another_run_writes;
use super::walk::{Walker, split};
use crate::error::{Error, Result};
use crate::pack::OutputPath;

/// A change that is to be made, and what was seen at its path.
struct Planned<'a> {
    target: Target,
    change: Change,
    contents: &'a [u8],
    executable: bool,
    old: Option<Status>,
}

/// What is to be written, and where.
#[derive(Clone, Copy)]
pub(super) struct Writing<'a> {
    /// What was seen.
    pub survey: &'a Survey<'a>,
    /// What to do with each file of the tree.
    pub actions: &'a [Action],
    /// What to take away.
    pub removals: &'a [Removal],
    /// The receipt.
    pub receipt: Option<&'a [u8]>,
    /// The output folder.
    pub root: &'a Folder,
    /// Who is told of each step.
    pub steps: &'a Steps<'a>,
    /// Whether to look, once nobody else may write, if what was seen is still there.
    pub looks_again: bool,
}

/// Where new versions are made, and old ones are kept.
struct Staging<'a> {
    metadata: &'a Folder,
    folder: &'a Folder,
    name: &'a StageName,
    seal: &'a Seal,
}

impl Writing<'_> {
    /// Writes what the actions say, and the receipt; no where it looked again, and another run had written.
    pub(super) fn commit(self, key: &JournalKey) -> Result<bool> {
        let receipt_state = ReceiptState::look(self.root, self.receipt)?;
        let changes_files = self.actions.contains(&Action::Write) || !self.removals.is_empty();
        if !changes_files && receipt_state == ReceiptState::Unchanged {
            return Ok(true);
        }
        let lock = FolderLock::take(self.root, self.steps)?;
        let done = self.commit_locked(&lock.metadata, key);
        lock.give_back(self.steps);
        done
    }

    fn commit_locked(self, metadata: &Folder, key: &JournalKey) -> Result<bool> {
        let Self { survey, receipt, root, steps, .. } = self;
        if self.looks_again && !survey.is_as_seen(root) {
            return Ok(false);
        }
        refuse_while_another_run_writes(root)?;
        // Looked at again: another run may have written it before the lock was taken.
        let planned = self.plan(ReceiptState::look(root, receipt)?)?;
        let seal = Seal::new(key, root).map_err(|error| Error::io("cannot look at the output folder", error))?;
        let name = StageName::random()?;
        let stage = steps
            .run(StepName::CreateStage, name.as_str(), || metadata.create(name.as_str(), true))
            .and_then(|()| metadata.open(name.as_str()))
            .map_err(|error| obstacle(metadata, name.as_str(), &format!("{METADATA}/{name}"), "create", error))?;
        let outcome = self.run(&planned, &Staging { metadata, folder: &stage, name: &name, seal: &seal });
        // After a roll back that left conflicts, the journal still names the stage.
        if metadata.status(JOURNAL).is_ok_and(|status| status.is_none()) {
            remove_stage(metadata, &name, &seal, steps);
        }
        outcome.map(|()| true)
    }

    fn run(self, planned: &[Planned<'_>], staging: &Staging<'_>) -> Result<()> {
        let Self { survey, actions, root, steps, .. } = self;
        let Staging { metadata, folder: stage, name, seal } = *staging;
        // The way back to the user's files has to survive a power loss. New contents are not waited for: the next run
        // makes them again, and to wait for two hundred files takes a second on a busy disk.
        let durable = planned.iter().any(|planned| planned.old.is_some() && planned.target != Target::Receipt);
        let journal = Journal::new(name.clone(), fill_stage(planned, stage, steps)?);
        steps.go_on()?;
        let io = |error| Error::io("cannot write the journal", error);
        steps.run(StepName::WriteJournal, JOURNAL_DRAFT, || seal.write_draft(&journal, stage, durable)).map_err(io)?;
        let placed = steps
            .run(StepName::PublishJournal, JOURNAL, || stage.move_new(JOURNAL_DRAFT, metadata, JOURNAL))
            .map_err(io)
            .and_then(|()| place(planned, root, stage, steps))
            .and_then(|()| verify(survey, actions, &journal, root))
            .and_then(|()| steps.go_on())
            .and_then(|()| commit_point(metadata, stage, steps));
        match placed {
            Ok(()) => Ok(()),
            Err(error) => match roll_back(root, metadata, &journal, steps) {
                Ok(()) => Err(error),
                Err(problem) => Err(problem.caused_by(error)),
            },
        }
    }
    /// Lists what is to be done: what makes way, then folders, then files, each in the order of their paths, then what is
    /// pruned, then the receipt.
    fn plan(&self, receipt_state: ReceiptState) -> Result<Vec<Planned<'_>>> {
        let Self { survey, actions, removals, receipt, .. } = *self;
        let removal =
            |removal: &Removal| Planned::without_contents(removal.path.clone(), Change::Remove, Some(removal.seen));
        let mut planned: Vec<Planned<'_>> = survey.displaced.iter().map(removal).collect();
        for path in &survey.missing_folders {
            planned.push(Planned::without_contents(OutputPath::new(path.as_str())?, Change::Folder, None));
        }
        for (index, file) in survey.tree.files().iter().enumerate() {
            if actions[index] == Action::Write {
                let old = survey.seen[index];
                planned.push(Planned {
                    target: Target::Path(file.path().clone()),
                    change: if old.is_some() { Change::Replace } else { Change::Create },
                    contents: file.contents(),
                    executable: file.executable(),
                    old,
                });
            }
        }
        planned.extend(removals.iter().map(removal));
        let (change, old) = match receipt_state {
            ReceiptState::Unchanged => return Ok(planned),
            ReceiptState::New => (Change::Create, None),
            ReceiptState::Differs(status) => (Change::Replace, Some(status)),
        };
        let contents = receipt.unwrap_or_default();
        planned.push(Planned { target: Target::Receipt, change, contents, executable: false, old });
        Ok(planned)
    }
}

impl Planned<'_> {
    fn without_contents(path: OutputPath, change: Change, old: Option<Status>) -> Self {
        Self { target: Target::Path(path), change, contents: &[], executable: false, old }
    }
}

/// Takes the journal away. It goes into the stage, where it says that the old versions are garbage.
fn commit_point(metadata: &Folder, stage: &Folder, steps: &Steps<'_>) -> Result<()> {
    let moved = steps.run(StepName::RemoveJournal, JOURNAL, || metadata.move_new(JOURNAL, stage, COMMITTED));
    match moved {
        Ok(()) => Ok(()),
        // A network file system may fail a rename that it has done.
        Err(_) if metadata.status(JOURNAL).is_ok_and(|status| status.is_none()) => Ok(()),
        Err(error) => Err(Error::io("cannot remove the journal", error)),
    }
}

/// Makes the new version of everything in the stage.
fn fill_stage(planned: &[Planned<'_>], stage: &Folder, steps: &Steps<'_>) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(planned.len());
    for (number, planned) in planned.iter().enumerate() {
        steps.go_on()?;
        let name = new_name(number);
        let new = if planned.change == Change::Remove {
            Ok(Identity::default())
        } else if planned.change == Change::Folder {
            steps.run(StepName::StageFolder, &name, || {
                stage.create(&name, false).and_then(|()| identity_at(stage, &name))
            })
        } else {
            steps.run(StepName::StageFile, &name, || {
                let mut file = stage.create_file(&name, planned.executable)?;
                file.write_all(planned.contents)?;
                if let Some(old) = planned.old {
                    keep_permissions(&file, old, planned.executable)?;
                }
                identity(&file)
            })
        };
        let entry = Entry { target: planned.target.clone(), change: planned.change, new: Identity::default() };
        let new =
            new.map_err(|error| Error::io(format!("cannot write the new version of `{}`", entry.path()), error))?;
        entries.push(Entry { new, ..entry });
    }
    Ok(entries)
}

fn identity_at(folder: &Folder, name: &str) -> std::io::Result<Identity> {
    folder.status(name)?.map(|status| status.identity).ok_or_else(|| IoKind::NotFound.into())
}

/// Moves everything from the stage to its place.
fn place(planned: &[Planned<'_>], root: &Folder, stage: &Folder, steps: &Steps<'_>) -> Result<()> {
    let mut walker = Walker::new(root);
    for (number, planned) in planned.iter().enumerate() {
        steps.go_on()?;
        let path = planned.target.path();
        let (folder_path, name) = split(path);
        let folder = walker.open(folder_path)?.ok_or_else(|| changed_meanwhile(folder_path))?;
        if let Some(old) = planned.old {
            set_aside((folder, name, path), old, stage, number, steps)?;
        }
        if planned.change == Change::Remove {
            continue;
        }
        let step = if planned.change == Change::Folder { StepName::PlaceFolder } else { StepName::PlaceFile };
        steps
            .run(step, path, || stage.move_new(new_name(number), folder, name))
            .map_err(|error| obstacle(folder, name, path, "write", error))?;
    }
    Ok(())
}

/// Moves the old version into the stage, and makes sure that it is the one that was seen.
fn set_aside(
    (folder, name, path): (&Folder, &str, &str),
    old: Status,
    stage: &Folder,
    number: usize,
    steps: &Steps<'_>,
) -> Result<()> {
    let aside = old_name(number);
    steps.run(StepName::SetAside, path, || folder.move_new(name, stage, &aside)).map_err(|error| {
        match error.kind() {
            IoKind::NotFound => changed_meanwhile(path),
            _ => obstacle(folder, name, path, "replace", error),
        }
    })?;
    // Looked at where nobody else moves it; the roll back puts back whatever it is.
    let moved = stage.status(&aside).map_err(|error| Error::io(format!("cannot look at `{path}`"), error))?;
    match moved {
        // A folder is no longer what was seen once files were taken out of it; what counts is that nothing is left.
        Some(moved) if moved.kind == Kind::Folder && old.kind == Kind::Folder => {
            let is_same = moved.identity.is_same_folder(old.identity);
            let left = stage.open(&aside).and_then(|folder| folder.list(1));
            let left = left.map_err(|error| Error::io(format!("cannot look at `{path}`"), error))?;
            if is_same && left.is_empty() { Ok(()) } else { Err(changed_meanwhile(path)) }
        }
        Some(moved) if moved.kind == old.kind && moved.identity == old.identity && moved.mode == old.mode => Ok(()),
        _ => Err(obstacle(stage, &aside, path, "replace", IoKind::AlreadyExists.into())),
    }
}

/// Makes sure that the new tree is there: that names lead to what was written, and that what was to stay was not
/// changed.
fn verify(survey: &Survey<'_>, actions: &[Action], journal: &Journal, root: &Folder) -> Result<()> {
    let kept = survey.tree.files().iter().zip(actions).zip(&survey.seen).filter_map(|((file, action), seen)| {
        let seen = seen.filter(|_| *action == Action::Keep)?;
        Some((file.path().as_str(), seen.identity, Change::Create))
    });
    // What appears where something was removed is somebody's own.
    let entries = journal.entries.iter().filter(|entry| entry.change != Change::Remove);
    let written = entries.map(|entry| (entry.path(), entry.new, entry.change));
    let mut expected: Vec<(&str, Identity, Change)> = written.chain(kept).collect();
    expected.sort_unstable_by_key(|(path, _, _)| *path);
    let mut walker = Walker::new(root);
    for (path, identity, change) in expected {
        let (folder_path, name) = split(path);
        let folder = walker.open(folder_path)?.ok_or_else(|| changed_meanwhile(folder_path))?;
        let status = folder.status(name).map_err(|error| obstacle(folder, name, path, "look at", error))?;
        let is_same = status.is_some_and(|status| match change {
            Change::Folder => status.identity.is_same_folder(identity),
            Change::Create | Change::Replace | Change::Remove => status.identity == identity,
        });
        if !is_same {
            return Err(obstacle(folder, name, path, "write", IoKind::AlreadyExists.into()));
        }
    }
    Ok(())
}
