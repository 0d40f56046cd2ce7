//! Writes a tree to an output folder that does not exist: everything is gathered in a folder beside its place, which is
//! then renamed.
//!
//! Always true here: until the rename there is nothing at the output folder's place, after it there is everything.
//! Folders above the output folder that are missing come into being with the same rename. What is left of a run that
//! was killed is a folder `.NAME.packbox-…` beside the place, which the next run removes. Files are written one after
//! the other: in parallel 200 files of 4 KB took 1.2 ms instead of 2.1 in memory, but not less on a disk.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind as IoKind, Write};
use std::path::Path;

use super::super::tree::Tree;
use super::folder::{Folder, Identity, LockState};
use super::layout::{METADATA, RECEIPT, RECEIPT_PATH, sibling_name};
use super::place::{Gap, changed_meanwhile, display, obstacle};
use super::steps::{StepName, Steps};
use super::sweep::remove_tree;
use super::walk::Walker;
use crate::error::{Error, ErrorKind, Result};

/// How often a name for the stage is made up.
const ATTEMPTS: usize = 16;

/// Writes everything.
pub(super) fn commit(tree: &Tree, receipt: Option<&[u8]>, out: &Path, gap: &Gap, steps: &Steps<'_>) -> Result<()> {
    let (name, stage) = create_stage(gap, out, steps)?;
    let written = fill(tree, receipt, gap, &stage, steps).and_then(|mode| {
        steps.go_on()?;
        // Until now it was for this user only.
        steps
            .run(StepName::SetPermissions, "", || stage.set_mode(mode))
            .map_err(|error| Error::io("cannot set the permissions of the output folder", error))?;
        steps
            .run(StepName::PublishFolder, &display(&gap.first), || gap.anchor.rename_folder(&name, &gap.first))
            .map_err(|error| publish_error(gap, out, error))
    });
    if written.is_err() {
        // What cannot be removed now is removed by the next run.
        remove_tree(&gap.anchor, &name, stage, steps);
    }
    written
}

/// Creates the stage and takes its lock, which says that this run lives.
fn create_stage(gap: &Gap, out: &Path, steps: &Steps<'_>) -> Result<(OsString, Folder)> {
    let io = |error: std::io::Error| {
        let is_denied = error.kind() == IoKind::PermissionDenied;
        let error = Error::io(format!("cannot create a folder beside `{}`", out.display()), error);
        if is_denied {
            error.hint("you may not write to the folder that it belongs in; choose another place")
        } else {
            error
        }
    };
    for _ in 0..ATTEMPTS {
        let name = sibling_name(&gap.first)?;
        match steps.run(StepName::CreateStage, &display(&name), || gap.anchor.create(&name, true)) {
            Ok(()) => {}
            Err(error) if error.kind() == IoKind::AlreadyExists => continue,
            Err(error) => return Err(io(error)),
        }
        // Another run may take the stage for a dead one's until the lock is held; then it is gone.
        let stage = match gap.anchor.open(&name) {
            Ok(stage) => stage,
            Err(error) if error.kind() == IoKind::NotFound => continue,
            Err(error) => return Err(io(error)),
        };
        if stage.try_lock() == LockState::Busy {
            continue;
        }
        let own = stage.own_status().map_err(io)?.identity;
        if gap.anchor.status(&name).map_err(io)?.is_some_and(|status| status.identity.is_same_folder(own)) {
            return Ok((name, stage));
        }
    }
    Err(io(IoKind::AlreadyExists.into()))
}

/// Writes everything into the stage; returns the permissions that the user's settings give to a new folder.
fn fill(tree: &Tree, receipt: Option<&[u8]>, gap: &Gap, stage: &Folder, steps: &Steps<'_>) -> Result<u32> {
    let mut opened = Vec::with_capacity(gap.rest.len());
    for name in &gap.rest {
        let folder = opened.last().unwrap_or(stage);
        opened.push(create_folder(folder, name, &display(name), steps)?);
    }
    let root = opened.last().unwrap_or(stage);
    let metadata = create_folder(root, METADATA, METADATA, steps)?;
    let mode = opened
        .first()
        .unwrap_or(&metadata)
        .own_status()
        .map_err(|error| Error::io("cannot look at a new folder", error))?
        .mode;
    let mut folders: Vec<(String, Identity)> = Vec::new();
    let mut walker = Walker::new(root);
    for file in tree.files() {
        steps.go_on()?;
        let path = file.path();
        let folder = walker.go(path.folder(), |above, name, path| {
            let folder = create_folder(above, name, path, steps)?;
            let status = folder.own_status().map_err(|error| obstacle(above, name, path, "look at", error))?;
            folders.push((path.to_owned(), status.identity));
            Ok(Some(folder))
        })?;
        let folder = folder.ok_or_else(|| changed_meanwhile(path.folder()))?;
        let new = NewFile {
            name: path.file_name(),
            path: path.as_str(),
            contents: file.contents(),
            executable: file.executable(),
        };
        write_file(folder, &new, steps)?;
    }
    match receipt {
        Some(receipt) => {
            let file = NewFile { name: RECEIPT, path: RECEIPT_PATH, contents: receipt, executable: false };
            write_file(&metadata, &file, steps)?;
        }
        None => steps
            .run(StepName::RemoveLeftover, METADATA, || root.remove_folder(METADATA))
            .map_err(|error| obstacle(root, METADATA, METADATA, "remove", error))?,
    }
    // Files went where the handles led; make sure that the names lead there, too.
    let mut walker = Walker::new(root);
    for (path, identity) in &folders {
        let found = walker.open(path)?.and_then(|folder| folder.own_status().ok());
        if !found.is_some_and(|status| status.identity.is_same_folder(*identity)) {
            return Err(changed_meanwhile(path));
        }
    }
    Ok(mode)
}

fn create_folder(folder: &Folder, name: impl AsRef<OsStr>, path: &str, steps: &Steps<'_>) -> Result<Folder> {
    let name = name.as_ref();
    steps
        .run(StepName::StageFolder, path, || folder.create(name, false))
        .and_then(|()| folder.open(name))
        .map_err(|error| obstacle(folder, name, path, "create", error))
}

/// A file that is to be written, and its path for messages.
struct NewFile<'a> {
    name: &'a str,
    path: &'a str,
    contents: &'a [u8],
    executable: bool,
}

fn write_file(folder: &Folder, file: &NewFile<'_>, steps: &Steps<'_>) -> Result<()> {
    let NewFile { name, path, contents, executable } = *file;
    steps
        .run(StepName::StageFile, path, || folder.create_file(name, executable)?.write_all(contents))
        .map_err(|error| obstacle(folder, name, path, "write", error))
}

fn publish_error(gap: &Gap, out: &Path, error: std::io::Error) -> Error {
    if gap.anchor.status(&gap.first).is_ok_and(|status| status.is_some()) {
        return Error::new(ErrorKind::Conflict, format!("`{}` appeared while packbox was writing", out.display()))
            .hint("nothing in it was changed; run the command again");
    }
    Error::io(format!("cannot create the output folder `{}`", out.display()), error)
}
