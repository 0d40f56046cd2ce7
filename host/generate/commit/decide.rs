//! What a commit does to each file: from what stands at its path, and what was said of files that are there.
//!
//! Always true here: nothing is changed; a file that somebody edited or made is written only where that was asked for.

use super::options::OnExisting;
use super::survey::{Action, FileState, Survey};
use crate::advice::said;
use crate::diagnostic::{Diagnostic, Span};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::tree::TreeFile;
use crate::pack::OutputPath;

impl Survey<'_> {
    pub(super) fn decide(&self, on_existing: OnExisting) -> Result<Vec<Action>> {
        let (mut findings, mut merged) = (Vec::new(), 0);
        let actions = self.files().map(|(file, state)| match (state, on_existing) {
            (FileState::New | FileState::Outdated(_) | FileState::Merged(_), _)
            | (FileState::Differs(_) | FileState::OfOthers(_), OnExisting::Overwrite) => Action::Write,
            (FileState::Unchanged, _) => Action::Keep,
            (FileState::Kept, _) => Action::KeepOnce,
            (FileState::Differs(_) | FileState::OfOthers(_), OnExisting::Skip) => Action::Skip,
            (FileState::Differs(_) | FileState::OfOthers(_), OnExisting::Fail | OnExisting::Merge) => {
                let finding = Diagnostic::error("output/exists", self.why_it_stays(file.path(), state));
                let mut finding = finding.at(Span::file(file.path().as_str()));
                finding.help = how_it_is_merged(file, on_existing).map(str::to_owned);
                merged += usize::from(can_be_merged(file));
                findings.push(finding);
                Action::Skip
            }
        });
        let actions = actions.collect();
        if findings.is_empty() {
            return Ok(actions);
        }
        let detail = match &findings[..] {
            [_] => format!("a file in `{}` is in the way", self.out.display()),
            _ => format!("{} files in `{}` are in the way", findings.len(), self.out.display()),
        };
        let merged = if on_existing == OnExisting::Fail { merged } else { 0 };
        let hint = said(
            format!("{}; `--dry-run` shows what would change", choices(merged, findings.len())),
            "choose `OnExisting::Skip` or `OnExisting::Overwrite`, or `OnExisting::Merge` where packs say how; `Rendered::diff` shows \
             what would change"
                .to_owned(),
        );
        Err(Error::new(ErrorKind::Conflict, detail).with_findings(findings).hint(hint))
    }

    /// Why a file is not replaced without a question.
    fn why_it_stays(&self, path: &OutputPath, state: &FileState) -> String {
        if let Some(why) = self.previous.why_of_others(path) {
            let is_known =
                self.previous.of_others(path).is_some_and(|recorded| recorded.sha256.is_some() && !recorded.shared);
            let is_edited = is_known && matches!(state, FileState::Differs(_));
            let edited = if is_edited { "; it has been edited since it was generated" } else { "" };
            return format!("the file exists with other contents: {why}{edited}");
        }
        match self.previous.get(path) {
            Some(recorded) if recorded.shared => "what the pack wants was merged into a file of yours",
            Some(recorded) if recorded.sha256.is_some() => "the file has been edited since it was generated",
            Some(_) => {
                "the file exists with other contents; as it may hold a secret, no digest of it was kept, so it is unknown whether it was edited"
            }
            None => "the file exists with other contents, and packbox did not generate it",
        }
        .to_owned()
    }
}

/// What there is to choose where `of` files are in the way, of which some can be `merged`.
#[must_use]
pub fn choices(merged: usize, of: usize) -> String {
    let others = "choose with `--on-existing skip` or `--on-existing overwrite`";
    match merged {
        0 => others.to_owned(),
        _ if merged == of => {
            "choose with `--on-existing merge`, `--on-existing skip` or `--on-existing overwrite`".to_owned()
        }
        _ => format!("{others}; `--on-existing merge` is for {merged} of them, once the others are out of the way"),
    }
}

fn can_be_merged(file: &TreeFile) -> bool {
    file.provenance().on_conflict.merging().is_some()
}

/// What there is to say of merging a file that is in the way.
fn how_it_is_merged(file: &TreeFile, on_existing: OnExisting) -> Option<&'static str> {
    match (on_existing, can_be_merged(file)) {
        (OnExisting::Merge, false) => Some("the pack does not say how it is merged"),
        (OnExisting::Fail, true) => Some(said(
            "with `--on-existing merge`, what is wanted is merged into it",
            "with `OnExisting::Merge`, what is wanted is merged into it",
        )),
        _ => None,
    }
}
