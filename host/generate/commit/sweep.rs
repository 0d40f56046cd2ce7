//! Removes what dead runs left: stages in `.packbox`, and stages beside an output folder.
//!
//! Always true here: only names of ours are removed, no link is followed, no other file system is entered, and the
//! number of steps is bounded. Old versions of files are removed only where a journal that verifies says that the run
//! that set them aside was committed; where it does not, they stay, as they may be all that is left of a user's file.

use std::ffi::{OsStr, OsString};

use super::folder::{Folder, Kind, LockState, is_ours};
use super::journal::Seal;
use super::layout::{COMMITTED, JOURNAL_DRAFT, LOCK, StageName, is_new_name, is_old_name, is_sibling_of};
use super::steps::{StepName, Steps};

/// The most names that are looked at in one folder.
const MAX_NAMES: usize = 1_000_000;
/// The most stages of dead runs that one run removes. A run that is killed leaves one; more than a few were planted, and the
/// rest goes with the runs to come.
const MAX_STAGES: usize = 100;
/// The deepest folder that is entered: a tree's depth, and the folders above the output folder.
const MAX_DEPTH: usize = 256;

/// Finds the stages in `.packbox`, [`MAX_STAGES`] at the most.
pub(super) fn find_stages(metadata: &Folder) -> std::io::Result<Vec<StageName>> {
    let names = metadata.list(MAX_NAMES)?;
    let mut stages: Vec<StageName> =
        names.iter().filter_map(|name| StageName::recognize(name)).take(MAX_STAGES).collect();
    stages.sort_unstable_by(|left, right| left.as_str().cmp(right.as_str()));
    Ok(stages)
}

/// Removes what may be removed of a stage in `.packbox`; says whether it is gone. The lock must be held, and no journal
/// may name the stage.
pub(super) fn remove_stage(metadata: &Folder, name: &StageName, seal: &Seal, steps: &Steps<'_>) -> bool {
    let Ok(stage) = metadata.open(name.as_str()) else { return false };
    let is_committed = seal.read(&stage, COMMITTED).ok().flatten().is_some_and(|journal| journal.stage == *name);
    let Ok(names) = stage.list(MAX_NAMES) else { return false };
    let mut names: Vec<String> = names.into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.sort_unstable();
    for file in &names {
        if is_new_name(file) || (is_committed && is_old_name(file)) {
            remove_any(&stage, file, steps);
        } else if file == JOURNAL_DRAFT {
            let _ = steps.run(StepName::RemoveLeftover, file, || stage.remove_file(file));
        }
    }
    if is_committed {
        // Last, so that a run that is killed here is known to be committed for as long as something is left of it.
        let _ = steps.run(StepName::RemoveLeftover, COMMITTED, || stage.remove_file(COMMITTED));
    }
    steps.run(StepName::RemoveStage, name.as_str(), || metadata.remove_folder(name.as_str())).is_ok()
}

/// Removes a version from a stage: a file, or an empty folder.
fn remove_any(stage: &Folder, name: &str, steps: &Steps<'_>) {
    let is_folder = stage.status(name).is_ok_and(|status| status.is_some_and(|status| status.kind == Kind::Folder));
    let _ = steps.run(StepName::RemoveLeftover, name, || {
        if is_folder { stage.remove_folder(name) } else { stage.remove_file(name) }
    });
}

/// Removes the stages of dead runs beside an output folder; says how many.
pub(super) fn remove_siblings(parent: &Folder, name: &OsStr, steps: &Steps<'_>) -> usize {
    let Ok(names) = parent.list(MAX_NAMES) else { return 0 };
    let status = |name: &OsStr| parent.status(name).ok().flatten();
    let is_ours = |name: &OsStr| status(name).is_some_and(|status| status.kind == Kind::Folder && is_ours(&status));
    // What is another user's can't be removed, and does not count among those that are tried.
    let stages = names.iter().filter(|candidate| is_sibling_of(candidate, name) && is_ours(candidate)).take(MAX_STAGES);
    stages.filter(|candidate| remove_sibling(parent, candidate, steps)).count()
}

fn remove_sibling(parent: &Folder, name: &OsStr, steps: &Steps<'_>) -> bool {
    let Ok(Some(status)) = parent.status(name) else { return false };
    if status.kind != Kind::Folder || !is_ours(&status) {
        return false;
    }
    let Ok(stage) = parent.open(name) else { return false };
    // A run that lives holds the lock of its stage; where there are no locks, it cannot be told from a dead one.
    if stage.try_lock() != LockState::Taken {
        return false;
    }
    if !stage.own_status().is_ok_and(|own| own.identity.is_same_folder(status.identity)) {
        return false;
    }
    remove_tree(parent, name, stage, steps)
}

/// Removes a folder with all that is in it; says whether it is gone. `stage` is the folder at `name` in `parent`.
pub(super) fn remove_tree(parent: &Folder, name: &OsStr, stage: Folder, steps: &Steps<'_>) -> bool {
    let Ok(device) = stage.own_status().map(|status| status.identity.device) else { return false };
    let Ok(names) = stage.list(MAX_NAMES) else { return false };
    let mut levels: Vec<(OsString, Folder, Vec<OsString>)> = vec![(name.to_owned(), stage, names)];
    while let Some((_, folder, names)) = levels.last_mut() {
        let Some(next) = names.pop() else {
            let Some((name, _, _)) = levels.pop() else { break };
            let above = levels.last().map_or(parent, |(_, folder, _)| folder);
            let subject = name.to_string_lossy();
            let step = if levels.is_empty() { StepName::RemoveStage } else { StepName::RemoveLeftover };
            if steps.run(step, &subject, || above.remove_folder(&name)).is_err() {
                return false;
            }
            continue;
        };
        let Ok(Some(status)) = folder.status(&next) else { return false };
        if status.kind == Kind::Folder {
            let Ok(inner) = folder.open(&next) else { return false };
            let Ok(own) = inner.own_status() else { return false };
            if levels.len() >= MAX_DEPTH || own.identity.device != device {
                return false;
            }
            let Ok(names) = inner.list(MAX_NAMES) else { return false };
            levels.push((next, inner, names));
        } else if steps.run(StepName::RemoveLeftover, &next.to_string_lossy(), || folder.remove_file(&next)).is_err() {
            return false;
        }
    }
    true
}

/// Says whether there is anything in `.packbox` that dead runs may have left there: a stage, a lock, nothing at all.
pub(super) fn has_leftovers(metadata: &Folder) -> bool {
    metadata.list(MAX_NAMES).is_ok_and(|names| {
        names.is_empty() || names.iter().any(|name| name == LOCK || StageName::recognize(name).is_some())
    })
}
