//! What a survey saw, as a plan keeps it: each file that stands in the output folder with its digest, and what becomes of it.
//!
//! Always true here: nothing is changed; what a digest is known of is not read again; no digest is made of bytes that may hold
//! a secret.

use std::collections::BTreeMap;
use std::io::Read as _;

use super::folder::{Folder, Kind, Status};
use super::options::OnExisting;
use super::place::{Place, changed_meanwhile};
use super::receipt::find;
use super::survey::{FileState, OldFile, Survey};
use super::walk::Walker;
use super::{super::tree::TreeFile, layout::RECEIPT};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::plan::{BaseFile, Existing, PlannedFolder, PlannedStep, Step};

impl From<OnExisting> for Existing {
    fn from(on_existing: OnExisting) -> Self {
        match on_existing {
            OnExisting::Fail => Self::Fail,
            OnExisting::Skip => Self::Skip,
            OnExisting::Overwrite => Self::Overwrite,
            OnExisting::Merge => Self::Merge,
        }
    }
}

impl Survey<'_> {
    /// What stands in the output folder and what a commit would do there; `is_secret` says of contents whether a secret is in
    /// them. Who merges is not known here.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::error::ErrorKind::Conflict) where a file changes meanwhile;
    /// [`ErrorKind::Io`](crate::error::ErrorKind::Io).
    pub fn planned(
        &self,
        on_existing: OnExisting,
        prune: bool,
        is_secret: &dyn Fn(Option<&[u8]>) -> bool,
    ) -> Result<PlannedFolder> {
        let root = match Place::find(&self.out)? {
            Place::Present(root) => Some(root),
            Place::Absent(_) => None,
        };
        let mut walker = root.as_ref().map(Walker::new);
        let mut files = Vec::with_capacity(self.states.len());
        for (index, (file, state)) in self.files().enumerate() {
            let base = match (&mut walker, self.seen.get(index).copied().flatten()) {
                (Some(walker), Some(seen)) => Some(self.base(walker, (file, state), seen, is_secret)?),
                _ => None,
            };
            files.push(PlannedStep { path: file.path().clone(), step: step(state, on_existing), base });
        }
        for removal in self.removed(prune) {
            let base = BaseFile {
                bytes: removal.seen.identity.bytes,
                executable: removal.seen.executable.unwrap_or(false),
                // It equals what is recorded of it.
                sha256: self.recorded_of(&removal.path).and_then(|recorded| recorded.sha256),
            };
            files.push(PlannedStep { path: removal.path.clone(), step: Step::Remove, base: Some(base) });
        }
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Ok(PlannedFolder {
            path: self.out.display().to_string(),
            on_existing: on_existing.into(),
            prune,
            receipt: root.as_ref().map(receipt).transpose()?.flatten(),
            mergers: BTreeMap::new(),
            files,
        })
    }

    /// What stands where a file of the tree goes.
    fn base(
        &self,
        walker: &mut Walker<'_>,
        (file, state): (&TreeFile, &FileState),
        seen: Status,
        is_secret: &dyn Fn(Option<&[u8]>) -> bool,
    ) -> Result<BaseFile> {
        let path = file.path();
        let bytes = seen.identity.bytes;
        let recorded = self.recorded_of(path);
        let hides_secret = file.has_secret() || recorded.is_some_and(|recorded| recorded.sha256.is_none());
        let sha256 = match state {
            _ if hides_secret => None,
            FileState::Unchanged => Some(file.digest()),
            FileState::Outdated(_) | FileState::OfOthers(_) => recorded.and_then(|recorded| recorded.sha256),
            FileState::Differs(old) | FileState::Merged(old) if is_secret(old.contents.as_deref()) => None,
            FileState::Differs(OldFile { contents: Some(contents), .. })
            | FileState::Merged(OldFile { contents: Some(contents), .. }) => Some(Digest::of(contents)),
            FileState::Differs(_) | FileState::Merged(_) => {
                let folder = walker.open(path.folder())?.ok_or_else(|| changed_meanwhile(path.folder()))?;
                let opened = folder.open_file(path.file_name(), seen.identity);
                let digest = opened.and_then(|file| Digest::of_reader(file.take(bytes)));
                let io = |error| Error::io(format!("cannot read `{path}` in the output folder"), error);
                Some(digest.map_err(io)?)
            }
            FileState::New | FileState::Kept => None,
        };
        Ok(BaseFile { bytes, executable: seen.executable.unwrap_or(false), sha256 })
    }
}

fn step(state: &FileState, on_existing: OnExisting) -> Step {
    match (state, on_existing) {
        (FileState::New, _) => Step::Create,
        (FileState::Unchanged, _) => Step::Unchanged,
        (FileState::Kept, _) => Step::Keep,
        (FileState::Outdated(_), _) => Step::Replace,
        (FileState::Merged(_), _) => Step::Merge,
        (FileState::Differs(_) | FileState::OfOthers(_), on_existing) => match on_existing {
            OnExisting::Overwrite => Step::Replace,
            OnExisting::Skip => Step::Skip,
            OnExisting::Fail | OnExisting::Merge => Step::Conflict,
        },
    }
}

/// The receipt that stands there: it says which files are ours, and holds no digest of secrets.
fn receipt(root: &Folder) -> Result<Option<BaseFile>> {
    let Some((metadata, seen)) = find(root)? else { return Ok(None) };
    debug_assert_eq!(seen.kind, Kind::File);
    let bytes = seen.identity.bytes;
    let opened = metadata.open_file(RECEIPT, seen.identity);
    let digest = opened.and_then(|file| Digest::of_reader(file.take(bytes)));
    let digest = digest.map_err(|error| Error::io("cannot read the receipt in the output folder", error))?;
    Ok(Some(BaseFile { bytes, executable: seen.executable.unwrap_or(false), sha256: Some(digest) }))
}
