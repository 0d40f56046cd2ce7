//! The one function that writes to an output folder.

use super::fresh;
use super::in_place::Writing;
use super::options::{CommitOptions, Committed};
use super::place::{Place, changed_meanwhile};
use super::steps::Steps;
use super::survey::Survey;
use crate::error::{Error, ErrorKind, Result};

/// Writes the tree that was surveyed, and the receipt: when this returns, or the process is killed, the output folder
/// is as it was or as the tree says; `recover` removes what a killed run leaves beside that.
///
/// # Errors
/// [`ErrorKind::Conflict`] where files exist with other contents and `on_existing` says so, where another run is
/// writing, or where something changed since the survey; [`ErrorKind::OutsidePath`] where a link is in the way;
/// [`ErrorKind::Interrupted`]; [`ErrorKind::Io`]. After an error the output folder is as it was; where that could not
/// be achieved, the error says so.
///
/// [`ErrorKind::Conflict`]: crate::error::ErrorKind::Conflict
/// [`ErrorKind::OutsidePath`]: crate::error::ErrorKind::OutsidePath
/// [`ErrorKind::Interrupted`]: crate::error::ErrorKind::Interrupted
/// [`ErrorKind::Io`]: crate::error::ErrorKind::Io
pub fn commit(survey: &Survey<'_>, options: &CommitOptions<'_>) -> Result<Committed> {
    write(survey, options, false)?.ok_or_else(|| changed_meanwhile("."))
}

/// [`commit`]; none where another run has written since the survey: then nothing is done, and the folder is to be surveyed again.
///
/// # Errors
/// As [`commit`].
pub fn commit_unless_changed(survey: &Survey<'_>, options: &CommitOptions<'_>) -> Result<Option<Committed>> {
    write(survey, options, true)
}

fn write(survey: &Survey<'_>, options: &CommitOptions<'_>, looks_again: bool) -> Result<Option<Committed>> {
    let actions = survey.decide(options.on_existing)?;
    let committed = survey.preview(options.on_existing, options.prune)?;
    let steps = Steps::new(options.observer, options.interrupted);
    steps.go_on()?;
    match (Place::find(&survey.out)?, survey.root) {
        (Place::Absent(gap), None) => {
            let written = fresh::commit(survey.tree, options.receipt, &survey.out, &gap, &steps);
            let appeared = |error: &Error| {
                error.kind() == ErrorKind::Conflict && matches!(Place::find(&survey.out), Ok(Place::Present(_)))
            };
            match written {
                Err(error) if looks_again && appeared(&error) => return Ok(None),
                written => written?,
            }
        }
        (Place::Present(root), Some(seen)) => {
            let own = root.own_status().map_err(|error| Error::io("cannot look at the output folder", error))?;
            if !own.identity.is_same_folder(seen) {
                return Err(changed_meanwhile("."));
            }
            let removals = if options.prune { &survey.removals[..] } else { &[] };
            let receipt = options.receipt;
            let (root, actions, steps) = (&root, &actions[..], &steps);
            let writing = Writing { survey, actions, removals, receipt, root, steps, looks_again };
            if !writing.commit(options.key)? {
                return Ok(None);
            }
        }
        (Place::Present(_), None) if looks_again => return Ok(None),
        (Place::Absent(_), Some(_)) | (Place::Present(_), None) => return Err(changed_meanwhile(".")),
    }
    Ok(Some(committed))
}
